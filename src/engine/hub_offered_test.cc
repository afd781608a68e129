// Models that read what is offered, in a whole hub: variants, slots, and what actions share.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "base/value.h"
#include "decision/decision.pb.h"
#include "engine/hub_testing.h"
#include "engine/lessons.h"
#include "learn/adaptive_score.h"
#include "learn/beta_model.h"

namespace batuta::engine {
namespace {

// Actions with the variants a and b, at "home".
std::string ActionYaml(std::string_view name, std::string_view group, int value = 100) {
  return base::StrCat("---\n{kind: action, name: ", name, ", spec: {title: ", name,
                      ", group: ", group, ", value: {amount: \"", value,
                      ".00\", currency: MXN}}}\n---\n{kind: treatment, name: ", name,
                      "-web, spec: {action: ", name,
                      ", channel: web, placements: [home], variants: [{name: a, content: {}}, ",
                      "{name: b, content: {}}]}}\n");
}

std::string HomeYaml(int slots, double floor) {
  return base::StrCat("---\n{kind: placement, name: home, spec: {channel: web, model: clicks, ",
                      "exposure: decision, ignoredAfter: 1h, slots: ", slots,
                      ", choice: {method: greedy, floor: ", floor, "}}}\n");
}

std::string GroupsYaml() {
  return "{kind: group, name: liked, spec: {title: Liked}}\n"
         "---\n{kind: group, name: other, spec: {title: Other}}\n";
}

std::string ModelYaml(std::string_view spec) {
  return base::StrCat("---\n{kind: model, name: clicks, spec: {", spec, "}}\n");
}

class OfferedHub : public testing::Test {
 protected:
  static std::string NameOf(int number) { return base::StrCat("u", number); }

  static void Answer(const decision::Decision& decision, int slot, bool accepts, TestHub& hub) {
    OutcomeAsk ask;
    ask.set_request_id(hub.hub().DrawId().ToBytes());
    ask.set_decision(decision.id());
    ask.set_slot(static_cast<uint32_t>(slot));
    ask.set_kind(static_cast<uint32_t>(accepts ? decision::OutcomeKind::kAccepted
                                               : decision::OutcomeKind::kRejected));
    hub.Append({hub.Entry(base::DecisionId::FromBytes(decision.id()).partition,
                          RecordType::kOutcomeAsk, ask)});
  }

  // People come, and take so many percent of what stands in a slot.
  template <typename Percent>
  static void Live(int people, TestHub& hub, Percent percent) {
    uint64_t dice = 1;
    for (int i = 0; i < people; ++i) {
      hub.Append({hub.Event({.name = "Viewed", .identifiers = {{"user_id", NameOf(i)}}})});
      const decision::Decision decision = hub.Decide(NameOf(i));
      for (int slot = 0; slot < decision.chosen_size(); ++slot) {
        dice = dice * 6364136223846793005U + 1442695040888963407U;
        if (decision.chosen(slot).nothing()) continue;
        Answer(decision, slot, (dice >> 33) % 100 < percent(decision.chosen(slot), slot), hub);
      }
      if (i % 20 == 0) hub.Advance(base::Minutes(1));
    }
    hub.Advance(base::Minutes(1));
  }

  static double MeanOf(const decision::Decision& decision, std::string_view action,
                       std::string_view variant = "a") {
    for (const decision::CandidateTrace& one : decision.trace().candidates()) {
      if (one.action() != action || one.variant() != variant) continue;
      return one.alpha() / (one.alpha() + one.beta());
    }
    ADD_FAILURE() << "no candidate " << action;
    return 0;
  }

  static decision::Decision Ask(TestHub& hub) {
    decision::DecisionRequest request;
    request.set_dry_run(true);
    return hub.Decide(NameOf(0), request);
  }
  static PartitionState& Owner(std::string_view name, TestHub& hub) {
    return hub
        .FoldOf(base::PartitionId{
            static_cast<uint16_t>(learn::OwnerHash(name) % hub.hub().partitions())})
        .state();
  }
};

TEST_F(OfferedHub, LearnsWhichVariantIsTaken) {
  TestHub hub;
  hub.Define(base::StrCat(GroupsYaml(), ActionYaml("card", "liked"), HomeYaml(1, 0.6),
                          ModelYaml("predictors: [{name: variant, value: action.variant}]")));
  Live(400, hub,
       [](const decision::Chosen& chosen, int) { return chosen.variant() == "b" ? 60U : 10U; });
  const decision::Decision decision = Ask(hub);
  EXPECT_GT(MeanOf(decision, "card", "b"), 0.4);
  EXPECT_LT(MeanOf(decision, "card", "a"), 0.25);
  const std::string before = hub.StateHashes();
  hub.Crash(7);
  EXPECT_EQ(hub.StateHashes(), before);
  EXPECT_EQ(MeanOf(Ask(hub), "card", "b"), MeanOf(decision, "card", "b"));
}

// Both are taken alike wherever they stand, and what stands first much more often. What is worth
// more mostly stands first.
TEST_F(OfferedHub, WhatMostlyStandsLowIsNotTakenForWorse) {
  const auto part_of_low = [](std::string_view predictors) {
    TestHub hub;
    hub.Define(base::StrCat(GroupsYaml(), ActionYaml("top", "liked", 100),
                            ActionYaml("low", "other", 40), HomeYaml(2, 0.3),
                            ModelYaml(base::StrCat("shared: true, predictors: [", predictors,
                                                   "{name: action, value: action.name}]"))));
    Live(600, hub, [](const decision::Chosen&, int slot) { return slot == 0 ? 50U : 8U; });
    const decision::Decision decision = Ask(hub);
    return MeanOf(decision, "low") / MeanOf(decision, "top");
  };
  EXPECT_LT(part_of_low(""), 0.6);
  EXPECT_GT(part_of_low("{name: slot, value: slot}, "), 0.7);
}

TEST_F(OfferedHub, ANewActionBeginsWithWhatIsKnownOfItsGroup) {
  TestHub hub;
  hub.Define(base::StrCat(GroupsYaml(), ActionYaml("a1", "liked"), ActionYaml("a2", "liked"),
                          ActionYaml("b1", "other"), ActionYaml("b2", "other"), HomeYaml(1, 0.8),
                          ModelYaml("shared: true, predictors: [{name: group, value: "
                                    "action.group}]")));
  Live(500, hub,
       [](const decision::Chosen& chosen, int) { return chosen.group() == "liked" ? 50U : 5U; });
  hub.Define(base::StrCat(ActionYaml("a3", "liked"), ActionYaml("b3", "other")));
  const decision::Decision decision = Ask(hub);
  EXPECT_NEAR(MeanOf(decision, "a3"), 0.5, 0.12);
  EXPECT_NEAR(MeanOf(decision, "b3"), 0.05, 0.06);
  // Every partition reads the same, which its owner has taught.
  for (uint16_t p = 0; p < hub.hub().partitions(); ++p) {
    const auto& models = hub.FoldOf(base::PartitionId{p}).models().adaptive();
    ASSERT_EQ(models.size(), 1u);
    EXPECT_EQ(models.begin()->second->model().action(), "");
  }
  EXPECT_NE(Owner("clicks", hub).models.Find(ModelKey::Of("clicks", "", "home")), nullptr);
}

class SharedLessons : public OfferedHub {
 protected:
  SharedLessons() {
    for (TestHub* hub : {&with_, &without_}) {
      hub->Define(base::StrCat(GroupsYaml(), ActionYaml("card", "liked"), HomeYaml(1, 0),
                               ModelYaml("shared: true, predictors: [{name: group, value: "
                                         "action.group}, {name: visits, value: "
                                         "person.traits.visits}]")));
    }
  }

  static void Meet(int number, TestHub& hub) {
    base::Fields traits;
    base::SetField(traits, "visits", base::NumberValue(number % 7));
    hub.Append({hub.Event({.name = "",
                           .identifiers = {{"user_id", NameOf(number)}},
                           .type = profile::EventType::kIdentify,
                           .traits = traits})});
    const decision::Decision made = hub.Decide(NameOf(number));
    if (number % 3 == 0) Answer(made, 0, /*accepts=*/true, hub);
  }
  static void Erase(int number, TestHub& hub) {
    EraseAsk ask;
    ask.set_identifier(hub.hub().vault().HashIdentifier("user_id", NameOf(number)).ToBytes());
    hub.Append({hub.Entry(hub.HomeOf("user_id", NameOf(number)), RecordType::kEraseAsk, ask)});
  }
  static std::string CountsOf(TestHub& hub) {
    const auto* found = Owner("clicks", hub).models.Find(ModelKey::Of("clicks", "", "home"));
    std::string text;
    text += found->counts().DebugString();
    for (const auto& one : found->predictors()) text += one.DebugString();
    const auto rates = Owner("card", hub).GetRow<learn::ModelState>(RowKind::kModel, "card");
    return text + rates->DebugString();
  }
  static size_t Kept(TestHub& hub) {
    size_t kept = 0;
    for (uint16_t p = 0; p < hub.hub().partitions(); ++p) {
      kept +=
          hub.FoldOf(base::PartitionId{p}).state().RowsOf<learn::Lesson>(RowKind::kLesson).size();
    }
    return kept;
  }

  TestHub with_;
  TestHub without_;
};

TEST_F(SharedLessons, OfErasedPeopleAreTakenOutOfWhatActionsShare) {
  for (int i = 0; i < 60; ++i) {
    Meet(i, with_);
    if (i % 4 != 0) Meet(i, without_);
  }
  for (TestHub* hub : {&with_, &without_}) hub->Advance(base::Hours(2));
  EXPECT_NE(CountsOf(with_), CountsOf(without_));
  EXPECT_EQ(Kept(with_), 120u) << "one for the action's rate, one for what is shared";
  for (int i = 0; i < 60; i += 4) Erase(i, with_);
  EXPECT_EQ(Kept(with_), 90u);
  EXPECT_EQ(CountsOf(with_), CountsOf(without_));
}

TEST_F(SharedLessons, AreTaughtOnceWhereBothOwnersAreOnePartition) {
  TestHub alone({.partitions = 1});
  alone.Define(base::StrCat(GroupsYaml(), ActionYaml("card", "liked"), HomeYaml(1, 0),
                            ModelYaml("shared: true, predictors: [{name: variant, value: "
                                      "action.variant}]")));
  for (int i = 0; i < 6; ++i) Meet(i, alone);
  alone.Advance(base::Hours(2));
  EXPECT_EQ(Kept(alone), 12u);
  const auto* state = Owner("clicks", alone).models.Find(ModelKey::Of("clicks", "", "home"));
  ASSERT_NE(state, nullptr);
  EXPECT_EQ(state->sample_size(), 6);
  EXPECT_EQ(Owner("card", alone).models.Find(ModelKey::Of("clicks", "card", "home")), nullptr);
  for (int i = 0; i < 6; ++i) Erase(i, alone);
  EXPECT_EQ(Kept(alone), 0u);
  EXPECT_TRUE(state->counts().codes().empty());
  EXPECT_TRUE(Owner("card", alone)
                  .GetRow<learn::ModelState>(RowKind::kModel, "card")
                  ->placements()
                  .empty());
}

// Else the two would overwrite each other's rates in what is published.
TEST_F(OfferedHub, TheRatesOfAnActionAreCountedAtOneOwnerWhateverItsPlacementShares) {
  TestHub hub;
  std::string company = base::StrCat(GroupsYaml(), HomeYaml(5, 0),
                                     ModelYaml("shared: true, predictors: [{name: group, value: "
                                               "action.group}]"));
  const std::vector<std::string> names = {"card", "loan", "news", "app", "plan"};
  for (const std::string& name : names) company += ActionYaml(name, "liked");
  hub.Define(company);
  Live(20, hub, [](const decision::Chosen&, int) { return 50U; });
  for (const std::string& name : names) {
    for (uint16_t p = 0; p < hub.hub().partitions(); ++p) {
      PartitionState& state = hub.FoldOf(base::PartitionId{p}).state();
      EXPECT_EQ(state.GetRow<learn::ModelState>(RowKind::kModel, name).has_value(),
                &state == &Owner(name, hub))
          << name << " at " << p;
    }
  }
}

}  // namespace
}  // namespace batuta::engine
