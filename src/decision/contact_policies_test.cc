// What contact policies and preferences make of a decision: what is told, chosen, put off,
// replayed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "base/value.h"
#include "decision/decide.h"
#include "decision/explain.h"
#include "decision/explain_words.h"
#include "decision/lifecycle.h"
#include "decision/replay.h"
#include "decision/sample_hub.h"
#include "policy/contacts.h"

namespace batuta::decision {
namespace {

using testing::HasSubstr;

constexpr std::string_view kMail =
    "---\nkind: placement\nname: home\n"
    "spec: {channel: web, direction: outbound, choice: {method: greedy, floor: 0}}\n";
constexpr std::string_view kNights =
    "---\nkind: policy\nname: night\n"
    "spec: {quiet: {windows: [{from: \"21:00\", to: \"08:00\"}]}}\n";
SampleHub HubOf(std::string_view policies, std::string_view more = "",
                std::string_view placement = kMail) {
  return {.catalogue =
              CatalogueOf(base::StrCat("kind: hub\nspec: {currency: MXN, timeZone: UTC}\n",
                                       placement, policies, ActionYaml("card", "10.00", more)))};
}

// The only candidate.
const CandidateTrace& Card(const Decision& decision) { return decision.trace().candidates(0); }

std::string Why(const CandidateTrace& candidate, Language language = Language::kEnglish) {
  return ReasonText(candidate.reason(), candidate.operands(), language);
}

Decision DecideAndReplay(const SampleHub& hub) {
  Decision decision = hub.Decide(1);
  const auto alone = Replay(decision);
  EXPECT_TRUE(alone.ok()) << alone.status();
  EXPECT_EQ(*alone, Serialize(decision));
  const auto whole = Replay(decision, *hub.catalogue);
  EXPECT_TRUE(whole.ok()) << whole.status();
  EXPECT_EQ(*whole, Serialize(decision));
  EXPECT_FALSE(base::FindPath(Explain(decision, Language::kSpanish).object(), "policies") ==
               nullptr);
  return decision;
}

base::Time At(std::string_view text) { return *base::ParseTime(text); }

TEST(QuietHours, DropWhatTheCompanyWouldSend) {
  SampleHub hub = HubOf(kNights);
  hub.now = At("2026-11-23T20:59:59Z");
  EXPECT_EQ(Card(DecideAndReplay(hub)).reason(), ADMISSIBLE);
  hub.now = At("2026-11-23T21:00:00Z");
  const Decision decision = DecideAndReplay(hub);
  EXPECT_EQ(Card(decision).reason(), QUIET);
  EXPECT_TRUE(decision.chosen(0).nothing());
  EXPECT_EQ(decision.ask_again_at(), 0);
  EXPECT_EQ(Why(Card(decision)), "Policy night keeps quiet hours until 2026-11-24T08:00:00Z.");
  EXPECT_EQ(Why(Card(decision), Language::kSpanish),
            "La política night guarda horas de silencio hasta el 2026-11-24T08:00:00Z.");
  absl::LoadTimeZone("America/Mexico_City", &hub.zone);  // there it is three in the afternoon
  EXPECT_EQ(Card(DecideAndReplay(hub)).reason(), ADMISSIBLE);
}

TEST(QuietHours, NeverConcernThoseWhoSpeakFirstNorTransactional) {
  SampleHub inbound = HubOf(kNights, "", kHomeYaml);
  inbound.now = At("2026-11-23T22:00:00Z");
  EXPECT_EQ(Card(DecideAndReplay(inbound)).reason(), ADMISSIBLE);
  SampleHub code = HubOf(kNights, "  class: transactional\n");
  code.now = At("2026-11-23T22:00:00Z");
  EXPECT_EQ(Card(DecideAndReplay(code)).reason(), ADMISSIBLE);
}

TEST(QuietHours, DeferredIsChosenAndReservedUntilTheyEnd) {
  SampleHub hub = HubOf(kNights, "  quietHours: defer\n");
  hub.now = At("2026-11-23T22:00:00Z");
  const Decision decision = DecideAndReplay(hub);
  EXPECT_EQ(decision.chosen(0).action(), "card");
  EXPECT_EQ(decision.chosen(0).not_before(), At("2026-11-24T08:00:00Z").micros);
  EXPECT_THAT(AdmissibleText(Card(decision), decision, Language::kEnglish),
              HasSubstr("Quiet hours put it off until 2026-11-24T08:00:00Z."));
  OpenDecision open;
  policy::ContactState contacts;
  const Effects effects =
      Reserve(decision, *hub.catalogue, {.open = open, .contacts = contacts, .now = hub.now});
  EXPECT_EQ(contacts.contacts(0).not_before(), decision.chosen(0).not_before());
  // It expires, unsent, counted from when it may be sent.
  EXPECT_EQ(effects.timers.at(0).due, At("2026-11-24T08:30:00Z"));
  hub.now = At("2026-11-24T08:00:00Z");
  EXPECT_EQ(DecideAndReplay(hub).chosen(0).not_before(), 0);
}

TEST(QuietHours, WhatIsSeenWhenSentIsSeenWhenTheyEnd) {
  SampleHub hub = HubOf(kNights, "  quietHours: defer\n",
                        "---\nkind: placement\nname: home\nspec: {channel: web, direction: "
                        "outbound, exposure: decision, choice: {method: greedy, floor: 0}}\n");
  hub.now = At("2026-11-23T22:00:00Z");
  OpenDecision open;
  policy::ContactState contacts;
  const Decision decision = hub.Decide(1);
  Reserve(decision, *hub.catalogue, {.open = open, .contacts = contacts, .now = hub.now});
  EXPECT_EQ(contacts.contacts(0).stage(), policy::RESERVED);
  const base::Time morning = At("2026-11-24T08:00:00Z");
  EXPECT_TRUE(OnTimer(0, {.open = open, .contacts = contacts, .now = morning}).changed());
  EXPECT_EQ(contacts.contacts(0).stage(), policy::EXPOSED);
  EXPECT_EQ(open.slots(0).exposed_at(), morning.micros);
}

TEST(QuietHours, WhatEndsBeforeTheyDoIsNotPutOff) {
  SampleHub hub = HubOf(kNights, "  quietHours: defer\n  ends: 2026-11-24T08:00:00Z\n");
  hub.now = At("2026-11-23T22:00:00Z");
  const Decision decision = DecideAndReplay(hub);
  EXPECT_EQ(Card(decision).reason(), QUIET);
  EXPECT_EQ(Card(decision).operands().policy(), "night");
  SampleHub later = HubOf(kNights, "  quietHours: defer\n  ends: 2026-11-24T08:00:01Z\n");
  later.now = hub.now;
  EXPECT_EQ(Card(DecideAndReplay(later)).reason(), ADMISSIBLE);
}

TEST(QuietHours, RedecideSaysWhenToAskAgain) {
  SampleHub hub = HubOf(kNights, "  quietHours: redecide\n");
  hub.now = At("2026-11-23T22:00:00Z");
  const Decision decision = DecideAndReplay(hub);
  EXPECT_TRUE(decision.chosen(0).nothing());
  EXPECT_EQ(decision.ask_again_at(), At("2026-11-24T08:00:00Z").micros);
}

TEST(Block, MembersOfTheSegmentGetNothing) {
  SampleHub hub = HubOf(
      "---\nkind: segment\nname: debtors\nspec: {rule: 'person.traits.age > 30'}\n"
      "---\nkind: policy\nname: no-debtors\nspec: {block: {segment: debtors}}\n");
  EXPECT_EQ(Card(DecideAndReplay(hub)).reason(), ADMISSIBLE);
  hub.person.In("debtors");
  const Decision decision = DecideAndReplay(hub);
  EXPECT_EQ(Card(decision).reason(), BLOCKED);
  EXPECT_EQ(Why(Card(decision)),
            "The person is in the segment debtors, which policy no-debtors blocks.");
  EXPECT_THAT(Why(Card(decision), Language::kSpanish), HasSubstr("que la política no-debtors"));
}

constexpr std::string_view kRest =
    "---\nkind: policy\nname: rest\n"
    "spec: {coolDown: {event: Complaint, where: event.properties.level > 1.0, for: 14d}}\n";

// What the person did, by how the text of the aggregate ends.
void Did(std::string_view ending, base::Value value, SampleHub& hub) {
  for (const auto& [path, text] : hub.catalogue->texts()) {
    if (text.ends_with(ending)) hub.person.Did(text, value);
  }
}

TEST(CoolDown, EndsASpanAfterTheLastEvent) {
  SampleHub hub = HubOf(kRest);
  Did(".exists()", base::BooleanValue(false), hub);
  EXPECT_EQ(Card(DecideAndReplay(hub)).reason(), ADMISSIBLE);
  Did(".exists()", base::BooleanValue(true), hub);
  Did(".last()", base::TextValue("2024-10-01T10:30:00.25Z"), hub);
  const Decision decision = DecideAndReplay(hub);
  EXPECT_EQ(Card(decision).reason(), COOLING_DOWN);
  EXPECT_EQ(Why(Card(decision)),
            "Policy rest lets it rest after the event Complaint; it passes again from "
            "2024-10-15T10:30:00.250Z.");
}

// Nobody is contacted because the complaints of before are not counted yet.
TEST(CoolDown, HoldsWhileItIsNotKnown) {
  const SampleHub hub = HubOf(kRest);
  const Decision decision = DecideAndReplay(hub);
  EXPECT_EQ(Card(decision).reason(), COOLING_DOWN);
  EXPECT_EQ(Card(decision).operands().at(), base::kDistantFuture.micros);
  EXPECT_EQ(Why(Card(decision)),
            "Policy rest lets it rest after the event Complaint, and it is not known yet whether "
            "that happened.");
  EXPECT_THAT(Why(Card(decision), Language::kSpanish), HasSubstr("aún no se sabe si ocurrió"));
}

TEST(CoolDown, AWrongConditionIsToldAtItsPlace) {
  std::vector<resource::Problem> problems;
  const auto catalogue =
      CatalogueOf(base::StrCat(kMail,
                               "---\nkind: policy\nname: rest\nspec: {coolDown: {event: Complaint, "
                               "where: 'event.propertys.level > 1.0', for: 14d}}\n"),
                  &problems);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].pointer, "/spec/coolDown/where");
  EXPECT_EQ(problems[0].inside.line, 1);
  EXPECT_EQ(problems[0].inside.column, 7);
  EXPECT_TRUE(catalogue->policies().all().empty());
}

TEST(Pressure, IsToldWithItsNumbers) {
  SampleHub hub = HubOf(
      "---\nkind: policy\nname: load\nspec: {pressure: {scope: person, halfLife: 3d, max: 1.5, "
      "weights: [{channel: web, weight: 0.75}]}}\n");
  EXPECT_EQ(Card(DecideAndReplay(hub)).reason(), ADMISSIBLE);
  policy::Contact contact;
  contact.set_decision(DecisionNumber(9).ToBytes());
  contact.set_action("card");
  contact.set_channel("web");
  contact.set_action_class(policy::MARKETING);
  contact.set_stage(policy::EXPOSED);
  for (uint32_t slot = 0; slot < 2; ++slot) {
    contact.set_slot(slot);
    contact.set_reserved_at((kNoon - base::Days(3 * slot)).micros);
    *hub.contacts.add_contacts() = contact;
  }
  std::swap(*hub.contacts.mutable_contacts(0), *hub.contacts.mutable_contacts(1));
  const Decision decision = DecideAndReplay(hub);
  EXPECT_EQ(Card(decision).reason(), UNDER_PRESSURE);
  // 0.75 + 0.375 + 0.75 > 1.5; it may be 0.75, two thirds of 1.125, after log2(1.5) half-lives.
  EXPECT_THAT(Why(Card(decision)),
              HasSubstr("Policy load allows a contact pressure of 1.5; it is 1.125, and this would "
                        "add 0.75. It passes again from 2024-10-06T06:"));
}

TEST(PreferChannel, IsToldWithItsRates) {
  SampleHub hub = HubOf(
      "---\nkind: policy\nname: way\nspec: {preferChannel: {among: [email, web], after: 3}}\n");
  EXPECT_EQ(Card(DecideAndReplay(hub)).reason(), ADMISSIBLE);
  for (uint64_t i = 0; i < 8; ++i) {
    policy::Contact contact;
    contact.set_decision(DecisionNumber(9 + i).ToBytes());
    contact.set_action("card");
    contact.set_channel(i % 2 == 0 ? "web" : "email");
    contact.set_action_class(policy::MARKETING);
    contact.set_stage(i % 2 == 0 ? policy::IGNORED : policy::ACCEPTED);
    contact.set_reserved_at(kNoon.micros);
    contact.set_ended_at(kNoon.micros);
    policy::AddContact(hub.contacts, contact);
  }
  const Decision decision = DecideAndReplay(hub);
  EXPECT_EQ(Card(decision).reason(), LESS_WELCOME);
  // (1 + 0) / 24 and (1 + 4) / 24; four outcomes are fewer than three after log2(4/3) half-lives.
  EXPECT_THAT(Why(Card(decision)),
              HasSubstr("The person accepts 4.2 % of what comes this way and 20.8 % on email; "
                        "policy way wants at least 50 % of that. From 2024-10-"));
}

TEST(Preference, ARefusedChannelOrTopicGetsNothing) {
  SampleHub hub =
      HubOf(GroupYaml("credit", "  tags: [loans]\n"), "  group: credit\n  tags: [gold]\n");
  EXPECT_EQ(Card(DecideAndReplay(hub)).reason(), ADMISSIBLE);
  for (const auto& [kind, name] :
       {std::pair("channel", "web"), std::pair("topic", "gold"), std::pair("topic", "loans"),
        std::pair("topic", "credit"), std::pair("topic", "card")}) {
    SampleHub asked = hub;
    asked.person.Refuses(kind, name);
    const Decision decision = DecideAndReplay(asked);
    EXPECT_EQ(Card(decision).reason(), UNWANTED) << kind << name;
    EXPECT_EQ(Why(Card(decision)),
              base::StrCat("The person does not want this: ", kind, " ", name, "."));
  }
  hub.person.Refuses("channel", "email").Refuses("topic", "silver");
  EXPECT_EQ(Card(DecideAndReplay(hub)).reason(), ADMISSIBLE);
}

TEST(Preference, APauseEndsAtItsTimeAndSparesTransactional) {
  SampleHub hub = HubOf("");
  hub.person.Refuses("pause", "", kNoon + base::Micros(1));
  const Decision decision = DecideAndReplay(hub);
  EXPECT_EQ(Card(decision).reason(), PAUSED);
  EXPECT_THAT(Why(Card(decision), Language::kSpanish), HasSubstr("quiere una pausa hasta el"));
  hub.now = kNoon + base::Micros(1);
  EXPECT_EQ(Card(DecideAndReplay(hub)).reason(), ADMISSIBLE);
  SampleHub code = HubOf("", "  class: transactional\n");
  code.person.Refuses("pause", "", kNoon + base::Days(1)).Refuses("channel", "web");
  EXPECT_EQ(Card(DecideAndReplay(code)).reason(), ADMISSIBLE);
}

}  // namespace
}  // namespace batuta::decision
