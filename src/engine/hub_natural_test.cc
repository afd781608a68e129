// What people do by themselves, in a whole hub: those from whom a holdout keeps an action teach how
// many accept it anyway, and placements that are incremental choose by what is added.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"
#include "base/value.h"
#include "decision/decision.pb.h"
#include "decision/explain_words.h"
#include "decision/replay.h"
#include "engine/hub_testing.h"
#include "learn/beta_model.h"

namespace batuta::engine {
namespace {

using decision::Decision;

constexpr std::string_view kShop =
    "{kind: hub, name: default, spec: {currency: MXN, timeZone: UTC}}\n"
    "---\n{kind: action, name: card, spec: {title: Card, value: {amount: \"10.00\", currency: "
    "MXN}, window: 2d, accept: {event: Card Ordered}}}\n"
    "---\n{kind: action, name: loan, spec: {title: Loan, value: {amount: \"10.00\", currency: "
    "MXN}, window: 2d, accept: {event: Loan Taken}}}\n"
    "---\n{kind: treatment, name: card-web, spec: {action: card, channel: web, placements: "
    "[home]}}\n"
    "---\n{kind: treatment, name: loan-web, spec: {action: loan, channel: web, placements: "
    "[home]}}\n"
    "---\n{kind: holdout, name: control, spec: {percent: 30}}\n"
    "---\n{kind: model, name: clicks, spec: {predictors: [{name: loyal, value: "
    "person.traits.loyal}]}}\n";

std::string Home(bool incremental, std::string_view choice) {
  return base::StrCat(
      "{kind: placement, name: home, spec: {channel: web, exposure: decision, model: clicks, "
      "ignoredAfter: 1h, incremental: ",
      incremental ? "true" : "false", ", choice: ", choice, "}}\n");
}
constexpr std::string_view kGreedy = "{method: greedy, floor: 0}";
constexpr std::string_view kRandom = "{method: greedy, floor: 1}";

class Natural : public testing::Test {
 protected:
  Natural() { hub_.Define(base::StrCat(kShop, "---\n", Home(false, kRandom))); }

  static bool IsHeld(const Decision& made) { return made.arm() == decision::NOTHING_ARM; }
  Decision Ask(const std::string& user) {
    const Decision made = hub_.Decide(user);
    EXPECT_EQ(*decision::Replay(made), decision::Serialize(made));
    return made;
  }
  void Do(const std::string& user, const std::string& event) {
    hub_.Append({hub_.Event({.name = event, .identifiers = {{"user_id", user}}})});
  }
  // Six of ten order the card, shown or not; three of ten take a loan, but only who is shown it.
  void Live(int from, int to) {
    for (int i = from; i < to; ++i) {
      const std::string user = base::StrCat("u", i);
      base::Fields traits;
      base::SetField(traits, "loyal", base::BooleanValue(i % 2 == 0));
      hub_.Append({hub_.Event({.name = "",
                               .identifiers = {{"user_id", user}},
                               .type = profile::EventType::kIdentify,
                               .traits = traits})});
      const Decision made = Ask(user);
      const bool loan = !made.chosen(0).nothing() && made.chosen(0).action() == "loan";
      hub_.Advance(base::Seconds(1));
      if (i * 7 % 10 < 6) Do(user, "Card Ordered");
      if (loan && i * 7 % 10 < 3) Do(user, "Loan Taken");
    }
    hub_.Advance(base::Days(3));
    hub_.Advance(base::Seconds(1));  // models are published half a second later
  }
  const learn::Models& models() { return hub_.FoldOf(base::PartitionId{0}).models(); }

  TestHub hub_;
};

TEST_F(Natural, WhoIsHeldOutTeachesHowManyAcceptByThemselves) {
  Live(0, 400);
  const learn::PublishedModel* card = models().FindNatural("card", "home");
  const learn::PublishedModel* loan = models().FindNatural("loan", "home");
  ASSERT_NE(card, nullptr);
  ASSERT_NE(loan, nullptr);
  // Of 400 people 30 % are held out, a third of them from each of card, loan and nothing.
  EXPECT_GT(card->examples(), 25u);
  EXPECT_NEAR(card->alpha() / (card->alpha() + card->beta()), 0.6, 0.15);
  EXPECT_EQ(loan->alpha(), 0);
  // What they did is in no count of what was shown.
  const auto shown = models().Find("loan", "home");
  EXPECT_NEAR(shown.Mean(), 0.3, 0.08);
}

TEST_F(Natural, AnIncrementalPlacementPrefersWhatIsAdded) {
  Live(0, 400);
  hub_.Define(Home(false, kGreedy));
  for (int i = 1000; i < 1010; ++i) {
    const Decision classic = Ask(base::StrCat("u", i));
    EXPECT_EQ(classic.chosen(0).action(), IsHeld(classic) ? "" : "card");
    EXPECT_EQ(classic.trace().candidates(0).natural() > 0, IsHeld(classic));
  }
  hub_.Define(Home(true, kGreedy));
  for (int i = 1000; i < 1010; ++i) {
    const Decision made = Ask(base::StrCat("u", i));
    if (IsHeld(made)) {
      EXPECT_EQ(made.withheld(0).action(), "loan");
      continue;
    }
    EXPECT_EQ(made.chosen(0).action(), "loan");
    const decision::CandidateTrace& card = made.trace().candidates(0);
    const double mean = card.alpha() / (card.alpha() + card.beta());
    EXPECT_NEAR(card.net_value(), (mean - card.natural()) * 10, 1e-9);
    EXPECT_THAT(decision::AdmissibleText(card, made, decision::Language::kEnglish),
                testing::HasSubstr("would accept without being shown it."));
  }
}

TEST_F(Natural, NobodyCanReportOnWhatWasWithheld) {
  Decision held;
  for (int i = 0; held.withheld().empty(); ++i) held = Ask(base::StrCat("u", i));
  const uint64_t accepted = hub_.Totals().accepted();
  OutcomeAsk ask;
  ask.set_request_id(hub_.hub().DrawId().ToBytes());
  ask.set_decision(held.id());
  ask.set_slot(decision::kNaturalSlots);
  ask.set_kind(static_cast<uint32_t>(decision::OutcomeKind::kAccepted));
  std::string answer;
  hub_.hub().runtime().Await(base::RecordId::FromBytes(ask.request_id()),
                             [&](const absl::StatusOr<std::string>& reply) {
                               answer = reply.ok() ? *reply : std::string(reply.status().message());
                             });
  hub_.Append(
      {hub_.Entry(base::DecisionId::FromBytes(held.id()).partition, RecordType::kOutcomeAsk, ask)});
  EXPECT_EQ(answer, "the decision chose nothing in this slot");
  EXPECT_EQ(hub_.Totals().accepted(), accepted);
}

TEST_F(Natural, CrashesAndMergesLoseNothing) {
  Live(0, 60);
  std::string user;
  for (int i = 500; user.empty(); ++i) {
    if (IsHeld(Ask(base::StrCat("u", i)))) user = base::StrCat("u", i);
  }
  const std::string before = hub_.StateHashes();
  hub_.Reopen();
  EXPECT_EQ(hub_.StateHashes(), before);
  const auto total = [&] {
    uint64_t examples = 0;
    for (const char* action : {"card", "loan"}) {
      const learn::PublishedModel* model = models().FindNatural(action, "home");
      if (model != nullptr) examples += model->examples();
    }
    return examples;
  };
  const uint64_t examples = total();
  hub_.Append({hub_.Event({.name = "Viewed", .identifiers = {{"anonymous_id", "a"}}})});
  hub_.Append({hub_.Event(
      {.name = "Logged In", .identifiers = {{"user_id", user}, {"anonymous_id", "a"}}})});
  hub_.Advance(base::Days(3));
  hub_.Advance(base::Seconds(1));
  EXPECT_GE(total(), examples + 1);
}

}  // namespace
}  // namespace batuta::engine
