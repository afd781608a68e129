// Decisions of several slots.
#include <set>

#include <gtest/gtest.h>

#include "base/text.h"
#include "decision/decide.h"
#include "decision/sample_hub.h"

namespace batuta::decision {
namespace {

constexpr std::string_view kThreeSlots =
    "---\nkind: placement\nname: home\nspec: {channel: web, slots: 3, choice: {floor: 0.2}}\n";
constexpr std::string_view kGreedySlots =
    "---\nkind: placement\nname: home\n"
    "spec: {channel: web, slots: 3, choice: {method: greedy, floor: 0}}\n";

std::string ThreeActions() {
  return base::StrCat(GroupYaml("credit"), ActionYaml("card", "10.00", "  group: credit\n"),
                      ActionYaml("loan", "30.00", "  group: credit\n"),
                      ActionYaml("fund", "20.00"));
}

TEST(Slate, NoActionStandsTwice) {
  const SampleHub hub{.catalogue = CatalogueOf(base::StrCat(
                          kThreeSlots, ThreeActions(),
                          "---\nkind: treatment\nname: card-two\nspec: {action: card, channel: "
                          "web, placements: [home], variants: [{name: x, content: {}}]}\n"))};
  for (uint64_t request = 0; request < 500; ++request) {
    const Decision decision = hub.Decide(request);
    std::set<std::string> actions;
    double product = 1;
    for (const Chosen& chosen : decision.chosen()) {
      product *= chosen.probability();
      if (chosen.nothing()) continue;
      EXPECT_TRUE(actions.insert(chosen.action()).second);
    }
    EXPECT_DOUBLE_EQ(decision.slate_probability(), product);
  }
}

TEST(Slate, GreedySlotsFollowTheNetValues) {
  const SampleHub hub{.catalogue = CatalogueOf(base::StrCat(kGreedySlots, ThreeActions()))};
  const Decision decision = hub.Decide(1);
  EXPECT_EQ(decision.chosen(0).action(), "loan");
  EXPECT_EQ(decision.chosen(1).action(), "fund");
  EXPECT_EQ(decision.chosen(2).action(), "card");
  EXPECT_EQ(decision.slate_probability(), 1);
}

TEST(Slate, EarlierSlotsCountAgainstCaps) {
  const SampleHub hub{.catalogue = CatalogueOf(base::StrCat(
                          kGreedySlots, ThreeActions(),
                          "---\nkind: policy\nname: two\nspec: {cap: {scope: person, max: 2, "
                          "window: 1d}}\n"))};
  const Decision decision = hub.Decide(1);
  EXPECT_EQ(decision.chosen(1).action(), "fund");
  EXPECT_TRUE(decision.chosen(2).nothing());
  const Drop& drop = decision.trace().slots(2).drops(0);
  EXPECT_EQ(drop.reason(), CAPPED);
  EXPECT_EQ(drop.operands().seen(), 2);
}

TEST(Slate, GroupCapLeavesOtherGroupsAlone) {
  const SampleHub hub{.catalogue = CatalogueOf(base::StrCat(
                          kGreedySlots, ThreeActions(),
                          "---\nkind: policy\nname: one\nspec: {cap: {scope: group, max: 1, "
                          "window: 1d}}\n"))};
  const Decision decision = hub.Decide(1);
  EXPECT_EQ(decision.chosen(0).action(), "loan");
  EXPECT_EQ(decision.chosen(1).action(), "fund");
  EXPECT_TRUE(decision.chosen(2).nothing());
}

TEST(Slate, MandatoryGoFirstInTheOrderOfTheirNetValues) {
  const SampleHub hub{
      .catalogue = CatalogueOf(base::StrCat(kThreeSlots, ThreeActions(),
                                            ActionYaml("must", "1.00", "  mandatory: true\n"),
                                            ActionYaml("ought", "2.00", "  mandatory: true\n")))};
  for (uint64_t request = 0; request < 50; ++request) {
    const Decision decision = hub.Decide(request);
    EXPECT_EQ(decision.chosen(0).action(), "ought");
    EXPECT_EQ(decision.chosen(1).action(), "must");
    EXPECT_EQ(decision.chosen(1).probability(), 1);
    EXPECT_LT(decision.chosen(2).probability(), 1);
  }
}

TEST(Slate, FewerSlotsMayBeAskedFor) {
  const SampleHub hub{.catalogue = CatalogueOf(base::StrCat(kGreedySlots, ThreeActions()))};
  EXPECT_EQ(hub.Decide(1, "home", 2).chosen_size(), 2);
  EXPECT_EQ(hub.Decide(1, "home", 0).chosen_size(), 3);
}

}  // namespace
}  // namespace batuta::decision
