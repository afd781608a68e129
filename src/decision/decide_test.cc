#include "decision/decide.h"

#include <map>

#include <gtest/gtest.h>

#include "base/text.h"
#include "base/value.h"
#include "decision/replay.h"
#include "decision/sample_hub.h"
#include "policy/contacts.h"

namespace batuta::decision {
namespace {

constexpr std::string_view kGreedyHome =
    "---\nkind: placement\nname: home\nspec: {channel: web, choice: {method: greedy, floor: 0}}\n";

SampleHub HubOf(std::string_view yaml) {
  return {.catalogue = CatalogueOf(base::StrCat(
              "kind: hub\nspec: {currency: MXN, timeZone: America/Mexico_City}\n", yaml))};
}

const CandidateTrace& Find(const Decision& decision, std::string_view action) {
  for (const CandidateTrace& candidate : decision.trace().candidates()) {
    if (candidate.action() == action) return candidate;
  }
  ADD_FAILURE() << "no candidate " << action;
  return CandidateTrace::default_instance();
}

policy::Contact Refusal(uint64_t number, std::string_view action, base::Time at) {
  policy::Contact contact;
  contact.set_decision(DecisionNumber(number).ToBytes());
  contact.set_action(std::string(action));
  contact.set_channel("web");
  contact.set_placement("home");
  contact.set_action_class(policy::MARKETING);
  contact.set_stage(policy::REJECTED);
  contact.set_reserved_at(at.micros);
  contact.set_ended_at(at.micros);
  return contact;
}

TEST(Decide, UnknownPlacementAndTooManySlotsAreRefused) {
  const SampleHub hub = HubOf(kGreedyHome);
  const Inputs inputs{.catalogue = *hub.catalogue,
                      .models = hub.models,
                      .person = hub.person,
                      .contacts = hub.contacts,
                      .decision = DecisionNumber(1),
                      .person_id = PersonNumber(1),
                      .now = kNoon};
  DecisionRequest request;
  request.set_placement("elsewhere");
  EXPECT_EQ(Decide(request, inputs).status().code(), absl::StatusCode::kNotFound);
  request.set_placement("home");
  request.set_slots(2);
  EXPECT_EQ(Decide(request, inputs).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Decide, WithoutCandidatesItIsNothing) {
  const Decision decision = HubOf(kGreedyHome).Decide(1);
  ASSERT_EQ(decision.chosen_size(), 1);
  EXPECT_TRUE(decision.chosen(0).nothing());
  EXPECT_EQ(decision.chosen(0).probability(), 1);
}

TEST(Decide, TheMostValuableWinsByNetValue) {
  SampleHub hub = HubOf(base::StrCat(kGreedyHome, ActionYaml("dear", "100.00"),
                                     ActionYaml("cheap", "10.00", "  lever: 11\n")));
  const Decision decision = hub.Decide(1);
  EXPECT_EQ(decision.chosen(0).action(), "cheap");
  EXPECT_NEAR(decision.chosen(0).net_value(), 0.05 * 10 * 11, 1e-12);
  EXPECT_EQ(decision.currency(), "MXN");
  hub.models = ModelsOf({{"dear", {10, 10}}, {"cheap", {1, 100}}});
  EXPECT_EQ(hub.Decide(1).chosen(0).action(), "dear");
  EXPECT_EQ(hub.Decide(1).model_version(), 1u);
}

TEST(Decide, CostAboveTheExpectedValueMeansNothing) {
  const SampleHub hub = HubOf(base::StrCat(
      kGreedyHome, ActionYaml("card", "10.00", "  cost: {amount: \"1.00\", currency: MXN}\n")));
  const Decision decision = hub.Decide(1);
  EXPECT_TRUE(decision.chosen(0).nothing());
  EXPECT_NEAR(Find(decision, "card").net_value(), -0.5, 1e-12);
}

TEST(Decide, DatesAreHalfOpen) {
  SampleHub hub = HubOf(base::StrCat(
      kGreedyHome, ActionYaml("card", "10.00",
                              "  starts: 2026-01-01T00:00:00Z\n  ends: 2026-02-01T00:00:00Z\n")));
  hub.now = *base::ParseTime("2025-12-31T23:59:59Z");
  EXPECT_EQ(Find(hub.Decide(1), "card").reason(), NOT_STARTED);
  hub.now = *base::ParseTime("2026-01-01T00:00:00Z");
  EXPECT_EQ(Find(hub.Decide(1), "card").reason(), ADMISSIBLE);
  hub.now = *base::ParseTime("2026-02-01T00:00:00Z");
  EXPECT_EQ(Find(hub.Decide(1), "card").reason(), ENDED);
}

TEST(Decide, TheRuleThatFailsIsToldWithItsLeaf) {
  SampleHub hub =
      HubOf(base::StrCat(kGreedyHome, ActionYaml("card", "10.00",
                                                 "  eligible: person.traits.country == 'MX'\n"
                                                 "  applicable: person.traits.age >= 18\n")));
  EXPECT_EQ(Find(hub.Decide(1), "card").reason(), RULE_UNKNOWN);
  EXPECT_EQ(Find(hub.Decide(1), "card").operands().leaves(0).path(), "person.traits.country");
  hub.person.With("country", base::TextValue("MX")).With("age", base::NumberValue(17));
  const Decision decision = hub.Decide(1);
  EXPECT_EQ(Find(decision, "card").reason(), RULE_FALSE);
  EXPECT_EQ(Find(decision, "card").stage(), APPLICABLE);
  const rule::Leaf& leaf = Find(decision, "card").operands().leaves(0);
  EXPECT_EQ(leaf.text(), "person.traits.age >= 18");
  EXPECT_EQ(leaf.seen(0).value().number(), 17);
  EXPECT_EQ(decision.trace().values_size(), 2);
  hub.person.With("age", base::TextValue("old"));
  EXPECT_EQ(Find(hub.Decide(1), "card").reason(), RULE_FAILED);
}

TEST(Decide, RulesSeeTheContextAndTheTimeOfTheLog) {
  SampleHub hub =
      HubOf(base::StrCat(kGreedyHome, ActionYaml("card", "10.00",
                                                 "  suitable: context.page == 'cart' && now == "
                                                 "timestamp('2024-10-04T12:00:00Z')\n")));
  EXPECT_EQ(Find(hub.Decide(1), "card").reason(), RULE_UNKNOWN);
  base::SetField(hub.context, "page", base::TextValue("cart"));
  EXPECT_EQ(Find(hub.Decide(1), "card").reason(), ADMISSIBLE);
  hub.now = hub.now + base::Seconds(1);
  EXPECT_EQ(Find(hub.Decide(1), "card").stage(), SUITABLE);
}

TEST(Decide, SealedValuesNeverEnterTheTrace) {
  SampleHub hub = HubOf(base::StrCat(
      kGreedyHome, ActionYaml("card", "10.00", "  eligible: has(person.traits.phone)\n")));
  base::Value sealed;
  sealed.mutable_sealed()->set_box("secret");
  hub.person.With("phone", sealed);
  const Decision decision = hub.Decide(1);
  EXPECT_EQ(Find(decision, "card").reason(), ADMISSIBLE);
  EXPECT_EQ(Serialize(decision).find("secret"), std::string::npos);
}

TEST(Decide, PurposeNeedsGrantedConsentInEveryClass) {
  for (const std::string_view action_class : {"marketing", "service", "transactional"}) {
    SampleHub hub = HubOf(base::StrCat(
        kGreedyHome, ActionYaml("card", "10.00",
                                base::StrCat("  purpose: offers\n  class: ", action_class, "\n"))));
    EXPECT_EQ(Find(hub.Decide(1), "card").reason(), CONSENT_MISSING);
    hub.person.With("offers", CONSENT_DENIED_STATE);
    EXPECT_EQ(Find(hub.Decide(1), "card").reason(), CONSENT_DENIED);
    hub.person.With("offers", CONSENT_GRANTED);
    EXPECT_EQ(Find(hub.Decide(1), "card").reason(), ADMISSIBLE);
  }
}

TEST(Decide, TransactionalSkipsCapsButMarketingDoesNot) {
  SampleHub hub = HubOf(base::StrCat(
      kGreedyHome, ActionYaml("card", "10.00"),
      ActionYaml("receipt", "1.00", "  class: transactional\n"),
      "---\nkind: policy\nname: one\nspec: {cap: {scope: person, max: 1, window: 7d}}\n"));
  policy::AddContact(hub.contacts, Refusal(99, "other", kNoon - base::Days(2)));
  const Decision decision = hub.Decide(1);
  EXPECT_EQ(Find(decision, "card").reason(), CAPPED);
  EXPECT_EQ(Find(decision, "card").operands().policy(), "one");
  EXPECT_EQ(Find(decision, "card").operands().at(), (kNoon + base::Days(5)).micros);
  EXPECT_EQ(decision.chosen(0).action(), "receipt");
}

TEST(Decide, GapsAndCapsByCalendarAreToldAndReplayed) {
  SampleHub hub = HubOf(base::StrCat(
      kGreedyHome, ActionYaml("card", "10.00"), ActionYaml("loan", "5.00"),
      "---\nkind: policy\nname: calm\nspec: {gap: {scope: action, least: 3d}, cap: {scope: person, "
      "max: 2, per: day}}\n"));
  policy::AddContact(hub.contacts, Refusal(98, "card", kNoon - base::Days(2)));
  Decision decision = hub.Decide(1);
  EXPECT_EQ(Find(decision, "card").reason(), TOO_SOON);
  EXPECT_EQ(Find(decision, "card").operands().at(), (kNoon + base::Days(1)).micros);
  EXPECT_EQ(decision.chosen(0).action(), "loan");
  EXPECT_EQ(Replay(decision).value_or(""), Serialize(decision));
  for (uint64_t i = 0; i < 2; ++i) {
    policy::AddContact(hub.contacts, Refusal(90 + i, "other", kNoon - base::Hours(3)));
  }
  decision = hub.Decide(2);
  EXPECT_EQ(Find(decision, "loan").reason(), CAPPED);
  EXPECT_EQ(Find(decision, "loan").operands().at(), (kNoon + base::Hours(12)).micros);
  EXPECT_EQ(Replay(decision).value_or(""), Serialize(decision));
}

TEST(Decide, RefusalsSuppressTheAction) {
  SampleHub hub = HubOf(base::StrCat(
      kGreedyHome, ActionYaml("card", "10.00"), ActionYaml("loan", "5.00"),
      "---\nkind: policy\nname: two\nspec: {suppress: {scope: action, refusals: 2, for: 30d}}\n"));
  policy::AddContact(hub.contacts, Refusal(98, "card", kNoon - base::Days(20)));
  EXPECT_EQ(hub.Decide(1).chosen(0).action(), "card");
  policy::AddContact(hub.contacts, Refusal(99, "card", kNoon - base::Days(2)));
  const Decision decision = hub.Decide(1);
  EXPECT_EQ(Find(decision, "card").reason(), SUPPRESSED);
  EXPECT_EQ(decision.chosen(0).action(), "loan");
}

TEST(Decide, SamePersonIsAlwaysInTheSameArm) {
  const SampleHub hub =
      HubOf(base::StrCat(kGreedyHome, ActionYaml("card", "10.00"),
                         "---\nkind: holdout\nname: control\nspec: {percent: 10, arm: none}\n"));
  int held_out = 0;
  SampleHub one = hub;
  for (uint64_t person = 0; person < 5000; ++person) {
    one.person_number = person;
    const HoldoutArm arm = one.Decide(1).arm();
    for (uint64_t request = 2; request < 4; ++request) ASSERT_EQ(one.Decide(request).arm(), arm);
    held_out += arm == NOTHING_ARM ? 1 : 0;
  }
  EXPECT_NEAR(held_out / 5000.0, 0.10, 0.015);
}

TEST(Decide, HoldoutOfNothingTellsWhatWouldHaveWon) {
  const SampleHub hub = HubOf(base::StrCat(
      kGreedyHome, ActionYaml("card", "10.00"), ActionYaml("notice", "1.00", "  class: service\n"),
      "---\nkind: holdout\nname: control\nspec: {percent: 100, arm: none}\n"));
  const Decision decision = hub.Decide(1);
  EXPECT_EQ(decision.holdout(), "control");
  EXPECT_EQ(Find(decision, "card").reason(), HELD_OUT);
  EXPECT_EQ(decision.chosen(0).action(), "notice");
  const auto& would = decision.trace().without_holdout(0);
  EXPECT_EQ(decision.trace().candidates(static_cast<int>(would.chosen()) - 1).action(), "card");
}

TEST(Decide, RandomArmChoosesUniformly) {
  const SampleHub hub = HubOf(
      base::StrCat(kGreedyHome, ActionYaml("card", "10.00"), ActionYaml("loan", "1.00"),
                   ActionYaml("fund", "2.00"),
                   "---\nkind: holdout\nname: random-arm\nspec: {percent: 100, arm: random}\n"));
  std::map<std::string, int> counts;
  for (uint64_t request = 0; request < 8000; ++request) {
    const Decision decision = hub.Decide(request);
    EXPECT_EQ(decision.chosen(0).probability(), 0.25);
    ++counts[decision.chosen(0).action()];
  }
  for (const auto& [action, count] : counts) EXPECT_NEAR(count / 8000.0, 0.25, 0.02) << action;
}

TEST(Decide, LoggedProbabilityIsTheFrequency) {
  SampleHub hub = HubOf(base::StrCat(kHomeYaml, ActionYaml("card", "10.00"),
                                     ActionYaml("loan", "30.00"), ActionYaml("fund", "20.00")));
  hub.models = ModelsOf({{"card", {1, 3}}, {"loan", {0, 2}}, {"fund", {1, 5}}});
  std::map<std::string, int> counts;
  std::map<std::string, double> probabilities;
  constexpr int kRequests = 200'000;
  for (uint64_t request = 0; request < kRequests; ++request) {
    const Decision decision = hub.Decide(request);
    ++counts[decision.chosen(0).action()];
    probabilities[decision.chosen(0).action()] = decision.chosen(0).probability();
  }
  double chi_square = 0;
  double sum = 0;
  for (const auto& [action, count] : counts) {
    const double expected = probabilities[action] * kRequests;
    chi_square += (count - expected) * (count - expected) / expected;
    sum += probabilities[action];
  }
  EXPECT_NEAR(sum, 1, 1e-12);
  EXPECT_LT(chi_square, 16.27);  // 3 degrees of freedom, 0.1 %
}

TEST(Decide, RemovingAnActionThatCannotWinChangesNoOtherDraw) {
  const std::string some =
      base::StrCat(kHomeYaml, ActionYaml("card", "10.00"), ActionYaml("loan", "30.00"));
  const SampleHub without = HubOf(some);
  const SampleHub with =
      HubOf(base::StrCat(some, ActionYaml("fund", "20.00", "  eligible: has(person.traits.x)\n")));
  for (uint64_t request = 0; request < 500; ++request) {
    EXPECT_EQ(with.Decide(request).chosen(0).SerializeAsString(),
              without.Decide(request).chosen(0).SerializeAsString());
  }
}

TEST(Decide, SameInputsGiveTheSameBytes) {
  base::Random random(11, base::Id128{}, "test", "hubs");
  for (int round = 0; round < 50; ++round) {
    const SampleHub hub = RandomHub(random);
    EXPECT_EQ(Serialize(hub.Decide(5)), Serialize(hub.Decide(5)));
  }
}

TEST(Decide, TraceOfTwentyCandidatesIsCompact) {
  std::string yaml(kHomeYaml);
  for (int i = 0; i < 20; ++i) base::StrAppend(&yaml, ActionYaml(base::StrCat("act", i), "9.00"));
  const std::string bytes = Serialize(HubOf(yaml).Decide(1));
  EXPECT_LT(bytes.size(), 2048u);
  RecordProperty("trace_bytes", static_cast<int>(bytes.size()));
}

TEST(Decide, AllButTheTraceIsReadByItself) {
  base::Random random(12, base::Id128{}, "test", "hubs");
  for (int round = 0; round < 50; ++round) {
    Decision decision = RandomHub(random).Decide(5);
    const std::string bytes = Serialize(decision);
    Decision read;
    ASSERT_TRUE(ParseWithoutTrace(bytes, read));
    EXPECT_FALSE(read.has_trace());
    decision.clear_trace();
    EXPECT_EQ(Serialize(read), Serialize(decision));
    for (size_t end = 0; end < bytes.size(); end += 7) {  // whatever it says, it ends
      Decision cut;
      (void)ParseWithoutTrace(std::string_view(bytes).substr(0, end), cut);
    }
  }
  Decision none;
  EXPECT_FALSE(ParseWithoutTrace("\x0a\xff", none));
}

}  // namespace
}  // namespace batuta::decision
