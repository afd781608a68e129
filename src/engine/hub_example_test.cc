// Examples in a whole hub: what a model of trees is trained on is kept with its outcome, the latest
// of each action, through crashes and new definitions.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "base/text.h"
#include "base/value.h"
#include "decision/decision.pb.h"
#include "engine/example_rows.h"
#include "engine/hub_testing.h"
#include "learn/beta_model.h"

namespace batuta::engine {
namespace {

std::string Clicks(std::string_view more = "") {
  return base::StrCat(
      "---\n{kind: model, name: clicks, spec: {type: trees, examples: 1000, predictors: [{name: "
      "visits, value: person.traits.visits}, {name: plan, value: person.traits.plan}]",
      more, "}}\n");
}

class ExampleHub : public testing::Test {
 protected:
  ExampleHub() { hub_.Define(base::StrCat(kCardShop, Clicks())); }

  // Somebody with so many visits is shown the card.
  decision::Decision Show(int number) {
    base::Fields traits;
    base::SetField(traits, "visits", base::NumberValue(number));
    const std::string user = base::StrCat("u", number);
    hub_.Append({hub_.Event({.name = "",
                             .identifiers = {{"user_id", user}},
                             .type = profile::EventType::kIdentify,
                             .traits = traits})});
    return hub_.Decide(user);
  }
  // Shown and declined, so that it is an example.
  void Live(int from, int to) {
    for (int i = from; i < to; ++i) {
      hub_.Report(Show(i), decision::OutcomeKind::kRejected);
      hub_.Advance(base::Millis(10));
    }
  }

  Fold& Owner() {
    return hub_.FoldOf(base::PartitionId{
        static_cast<uint16_t>(learn::OwnerHash("card") % hub_.hub().partitions())});
  }
  std::vector<ExampleRow> Kept() {
    std::vector<ExampleRow> kept;
    VisitExamples(Owner().state(), "clicks", "", [&](const KeptExample& example) {
      EXPECT_EQ(example.action, "card");
      EXPECT_EQ(example.placement, "home");
      EXPECT_LE(example.shown, Owner().log_time());
      kept.push_back(example.row);
      return true;
    });
    const auto* state = Owner().state().models.Find(ModelKey::Of("clicks", "card", "home"));
    EXPECT_EQ(state == nullptr ? 0 : state->kept(), kept.size());
    return kept;
  }

  TestHub hub_;
};

TEST_F(ExampleHub, AnExampleIsWhatWasReadAndWhatCameOfIt) {
  const decision::Decision first = Show(3);
  EXPECT_TRUE(Kept().empty()) << "nothing has come of it yet";
  hub_.Advance(base::Hours(2));
  ASSERT_EQ(Kept().size(), 1u) << "it was ignored";
  EXPECT_FALSE(Kept()[0].positive());
  EXPECT_EQ(Kept()[0].numbers(0), 3);
  EXPECT_TRUE(std::isnan(Kept()[0].numbers(1))) << "the plan is unknown, and would be no number";
  EXPECT_EQ(Kept()[0].predicted(), static_cast<float>(first.chosen(0).propensity()));
  // A late acceptance is about the same choice.
  hub_.Report(first, decision::OutcomeKind::kAccepted);
  ASSERT_EQ(Kept().size(), 1u);
  EXPECT_TRUE(Kept()[0].positive());
}

TEST_F(ExampleHub, TheLatestAreKept) {
  Live(0, 1010);
  std::vector<ExampleRow> kept = Kept();
  ASSERT_EQ(kept.size(), 1000u);
  EXPECT_EQ(kept.front().numbers(0), 10);
  EXPECT_EQ(kept.back().numbers(0), 1009);
  const auto hash = Owner().StateHash();
  hub_.Reopen();
  EXPECT_EQ(Owner().StateHash(), hash);
  Live(1010, 1012);
  kept = Kept();
  ASSERT_EQ(kept.size(), 1000u);
  EXPECT_EQ(kept.front().numbers(0), 12);
}

TEST_F(ExampleHub, OtherPredictorsAreAnotherShapeAndAnotherTypeBeginsAnew) {
  Live(0, 3);
  const uint32_t before = Kept()[0].shape();
  hub_.Define(
      "{kind: model, name: clicks, spec: {type: trees, predictors: [{name: visits, value: "
      "person.traits.visits}]}}\n");
  Live(3, 4);
  ASSERT_EQ(Kept().size(), 4u);
  EXPECT_NE(Kept()[3].shape(), before);
  hub_.Define(
      "{kind: model, name: clicks, spec: {type: ftrl, predictors: [{name: visits, value: "
      "person.traits.visits}]}}\n");
  Live(4, 6);
  EXPECT_TRUE(Kept().empty());
}

TEST_F(ExampleHub, UntilItHasTreesTheModelTellsAsAnAdaptiveOne) {
  for (int i = 0; i < 600; ++i) {
    const int visits = i * 7919 % 600;
    const bool accepts = visits < 300;
    hub_.Report(Show(visits),
                accepts ? decision::OutcomeKind::kAccepted : decision::OutcomeKind::kRejected);
    hub_.Advance(base::Seconds(1));
  }
  hub_.Advance(base::Hours(2));
  const decision::Decision few = Show(100);
  EXPECT_TRUE(few.trace().candidates(0).has_score());
  EXPECT_GT(few.chosen(0).propensity(), 2 * Show(500).chosen(0).propensity());
}

}  // namespace
}  // namespace batuta::engine
