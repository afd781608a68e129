// Lessons in a whole hub: when people are erased, models are what they would be without them.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "base/value.h"
#include "decision/decision.pb.h"
#include "engine/hub_testing.h"
#include "engine/lessons.h"
#include "learn/beta_model.h"

namespace batuta::engine {
namespace {

constexpr std::string_view kClicks =
    "---\n{kind: model, name: clicks, spec: {predictors: [{name: visits, value: "
    "person.traits.visits}]}}\n";

class LessonHub : public testing::Test {
 protected:
  LessonHub() {
    for (TestHub* hub : {&with_, &without_}) hub->Define(base::StrCat(kCardShop, kClicks));
  }

  // Somebody with so many visits is shown the card and answers.
  static void Live(int number, TestHub& hub) {
    base::Fields traits;
    base::SetField(traits, "visits", base::NumberValue(number % 7));
    const std::string user = base::StrCat("u", number);
    hub.Append({hub.Event({.name = "",
                           .identifiers = {{"user_id", user}},
                           .type = profile::EventType::kIdentify,
                           .traits = traits})});
    const decision::Decision made = hub.Decide(user);
    if (number % 3 == 0) hub.Report(made, decision::OutcomeKind::kAccepted);
    if (number % 3 == 1) hub.Report(made, decision::OutcomeKind::kRejected);
  }
  static void Erase(const std::string& type, const std::string& value, TestHub& hub) {
    EraseAsk ask;
    ask.set_identifier(hub.hub().vault().HashIdentifier(type, value).ToBytes());
    hub.Append({hub.Entry(hub.HomeOf(type, value), RecordType::kEraseAsk, ask)});
  }
  static PartitionState& Owner(TestHub& hub) {
    return hub
        .FoldOf(base::PartitionId{
            static_cast<uint16_t>(learn::OwnerHash("card") % hub.hub().partitions())})
        .state();
  }
  // What the models have counted, without how many messages it took.
  static std::string CountsOf(TestHub& hub) {
    auto beta = Owner(hub).GetRow<learn::ModelState>(RowKind::kModel, "card");
    const auto* found = Owner(hub).models.Find(ModelKey::Of("clicks", "card", "home"));
    learn::AdaptiveState adaptive;
    if (found != nullptr) adaptive = *found;
    adaptive.clear_taught();
    adaptive.clear_published_at();
    return base::StrCat(beta ? beta->DebugString() : "", adaptive.DebugString());
  }
  static size_t Kept(TestHub& hub) {
    return Owner(hub).RowsOf<learn::Lesson>(RowKind::kLesson).size();
  }

  TestHub with_;
  TestHub without_;
};

TEST_F(LessonHub, OfErasedPeopleAreTakenOutOfCountsExactly) {
  for (int i = 0; i < 60; ++i) {
    Live(i, with_);
    if (i % 4 != 0) Live(i, without_);
  }
  for (TestHub* hub : {&with_, &without_}) hub->Advance(base::Hours(2));
  EXPECT_NE(CountsOf(with_), CountsOf(without_));
  EXPECT_EQ(Kept(with_), 60u);
  for (int i = 0; i < 60; i += 4) Erase("user_id", base::StrCat("u", i), with_);
  EXPECT_EQ(Kept(with_), 45u);
  const auto beta = [](TestHub& hub) {
    return Owner(hub).GetRow<learn::ModelState>(RowKind::kModel, "card")->DebugString();
  };
  EXPECT_EQ(beta(with_), beta(without_));
  const auto predictors = [](TestHub& hub) {
    const auto* found = Owner(hub).models.Find(ModelKey::Of("clicks", "card", "home"));
    learn::AdaptiveState state = *found;
    std::string text;
    text += state.counts().DebugString();
    for (const auto& one : state.predictors()) text += one.DebugString();
    return text;
  };
  EXPECT_EQ(predictors(with_), predictors(without_));
}

TEST_F(LessonHub, OfEverybodyLeaveNothing) {
  for (int i = 0; i < 9; ++i) Live(i, with_);
  with_.Advance(base::Hours(2));
  // The last label is the one that is taken away.
  const decision::Decision late = with_.Decide("u1");
  with_.Advance(base::Hours(2));
  with_.Report(late, decision::OutcomeKind::kAccepted);
  for (int i = 0; i < 9; ++i) Erase("user_id", base::StrCat("u", i), with_);
  EXPECT_EQ(Kept(with_), 0u);
  EXPECT_EQ(CountsOf(with_), [&] {
    learn::ModelState none;
    none.set_action("card");
    learn::AdaptiveState state;
    state.set_model("clicks");
    state.set_action("card");
    state.set_placement("home");
    state.set_half_life(base::Days(180).micros);
    const auto* found = Owner(with_).models.Find(ModelKey::Of("clicks", "card", "home"));
    for (const auto& predictor : found->predictors()) {
      state.add_predictors()->set_key(predictor.key());
    }
    return base::StrCat(none.DebugString(), state.DebugString());
  }());
}

TEST_F(LessonHub, GoWithWhoeverTheirPersonMergesInto) {
  with_.Append({with_.Event({.name = "Viewed", .identifiers = {{"anonymous_id", "a"}}})});
  Live(1, with_);
  with_.Append({with_.Event(
      {.name = "Logged In", .identifiers = {{"user_id", "u1"}, {"anonymous_id", "a"}}})});
  with_.Append({with_.Event({.name = "Viewed", .identifiers = {{"user_id", "u2"}}})});
  Live(2, with_);
  with_.Advance(base::Hours(2));
  ASSERT_EQ(Kept(with_), 2u);
  const PersonRow person = *with_.Person("anonymous_id", "a");
  EXPECT_EQ(person.lessons().size(), kLessonBytes);
  Erase("anonymous_id", "a", with_);
  EXPECT_EQ(Kept(with_), 1u);
  const auto hashes = with_.StateHashes();
  with_.Reopen();
  EXPECT_EQ(with_.StateHashes(), hashes);
  Erase("user_id", "u2", with_);
  EXPECT_EQ(Kept(with_), 0u);
}

TEST_F(LessonHub, AreKeptForTwoYears) {
  Live(1, with_);
  with_.Advance(base::Days(400));
  Live(2, with_);
  with_.Advance(base::Days(335));
  Live(4, with_);
  with_.Advance(base::Hours(2));
  EXPECT_EQ(Kept(with_), 2u) << "the first is older than two years";
  Erase("user_id", "u1", with_);
  EXPECT_EQ(Kept(with_), 2u) << "nor is it awaited any more";
}

}  // namespace
}  // namespace batuta::engine
