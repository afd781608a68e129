#include "decision/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/status.h"
#include "base/text.h"
#include "decision/decide.h"
#include "decision/replay.h"
#include "decision/sample_hub.h"

namespace batuta::decision {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Pairs = std::vector<std::pair<uint32_t, uint32_t>>;

// Three actions: 0 takes 1 of the first constraint, 1 takes 2 of the second, 2 takes nothing.
AdmissionActions Three() {
  return {.names = {"a", "b", "free"}, .uses = {{{0, 1}}, {{1, 2}}, {}}, .of_candidate = {0, 1, 2}};
}

Bid BidOf(uint32_t person, uint32_t action, double net_value, bool is_mandatory = false) {
  Bid bid{.net_value = net_value, .person = person};
  bid.action = action & 0x7fffffff;
  bid.is_mandatory = is_mandatory ? 1 : 0;
  return bid;
}

Pairs PairsOf(const Admission& admission) {
  Pairs pairs;
  for (const Admitted& one : admission.admitted) pairs.emplace_back(one.person, one.action);
  return pairs;
}

TEST(Admission, GoesByNetValueAndNotByTheOrderOfRows) {
  const std::vector<Bidder> people(4);
  std::vector<Bid> bids = {BidOf(0, 0, 1), BidOf(1, 0, 4), BidOf(2, 0, 3), BidOf(3, 0, 2)};
  for (int turn = 0; turn < 4; ++turn) {
    const Admission admission = Admit(Three(), people, bids, {.left = {2, 0}});
    EXPECT_EQ(PairsOf(admission), (Pairs{{1, 0}, {2, 0}}));
    EXPECT_THAT(admission.taken, ElementsAre(2, 0));
    EXPECT_THAT(admission.missed, ElementsAre(2, 0));
    std::rotate(bids.begin(), bids.begin() + 1, bids.end());
  }
}

TEST(Admission, WhoDoesNotGetTheFirstIsOfferedTheNext) {
  const std::vector<Bidder> people(2);
  const Admission admission =
      Admit(Three(), people,
            {BidOf(0, 0, 5), BidOf(0, 1, 4), BidOf(0, 2, 1), BidOf(1, 0, 6), BidOf(1, 1, 4.5)},
            {.left = {1, 1}});
  EXPECT_EQ(PairsOf(admission), (Pairs{{1, 0}, {0, 2}}));
}

TEST(Admission, APersonGetsAsManyAsThereAreSlots) {
  const std::vector<Bidder> people(2);
  const std::vector<Bid> bids = {BidOf(0, 0, 9), BidOf(1, 0, 8), BidOf(0, 1, 7), BidOf(0, 2, 6)};
  EXPECT_EQ(PairsOf(Admit(Three(), people, bids, {.left = {9, 9}, .slots = 2})),
            (Pairs{{0, 0}, {0, 1}, {1, 0}}));
}

TEST(Admission, TheLimitOfChoicesIsOfAllPeople) {
  const std::vector<Bidder> people(3);
  const std::vector<Bid> bids = {BidOf(0, 2, 1), BidOf(1, 2, 3), BidOf(2, 2, 2)};
  EXPECT_EQ(PairsOf(Admit(Three(), people, bids, {.left = {0, 0}, .choices = 2})),
            (Pairs{{1, 2}, {2, 2}}));
}

TEST(Admission, MandatoryGoesFirstAndTiesByTheHash) {
  const std::vector<Bidder> people = {{.tie = 7}, {.tie = 3}, {.tie = 9}};
  const std::vector<Bid> bids = {BidOf(0, 0, 5), BidOf(1, 0, 5), BidOf(2, 0, -1, true)};
  EXPECT_EQ(PairsOf(Admit(Three(), people, bids, {.left = {2, 0}})), (Pairs{{2, 0}, {1, 0}}));
}

TEST(Admission, WhoIsHeldOutTakesNothing) {
  const std::vector<Bidder> people = {{.arm = NOTHING_ARM}, {}, {}};
  const std::vector<Bid> bids = {BidOf(0, 0, 9), BidOf(1, 0, 8), BidOf(2, 0, 7)};
  const Admission admission = Admit(Three(), people, bids, {.left = {1, 0}, .choices = 1});
  EXPECT_EQ(PairsOf(admission), (Pairs{{0, 0}, {1, 0}}));
  EXPECT_THAT(admission.taken, ElementsAre(1, 0));
}

TEST(Admission, ARandomArmTakesWhatWasDrawn) {
  const std::vector<Bidder> people = {{.drawn = 1, .arm = RANDOM_ARM},
                                      {.drawn = kNoAction, .arm = RANDOM_ARM},
                                      {.drawn = 1, .arm = RANDOM_ARM}};
  const std::vector<Bid> bids = {BidOf(0, 2, 9), BidOf(1, 2, 8), BidOf(2, 2, 7)};
  const Admission admission = Admit(Three(), people, bids, {.left = {0, 3}});
  EXPECT_EQ(PairsOf(admission), (Pairs{{0, 2}, {1, 2}}));
  EXPECT_THAT(admission.taken, ElementsAre(0, 2));
}

// Against all that could be: nobody who got nothing of an action has a greater bid than one who got
// it, and no constraint gives more than it has.
TEST(Admission, NeverGivesMoreThanThereIs) {
  const AdmissionActions actions = Three();
  base::Random random(1, {}, "admission", "");
  for (int round = 0; round < 200; ++round) {
    const std::vector<Bidder> people(20);
    std::vector<Bid> bids;
    for (uint32_t person = 0; person < 20; ++person) {
      for (uint32_t action = 0; action < 3; ++action) {
        if (random.Uniform() < 0.7) bids.push_back(BidOf(person, action, random.Uniform()));
      }
    }
    const AdmissionLimits limits{.left = {static_cast<int64_t>(random.Uniform() * 10),
                                          static_cast<int64_t>(random.Uniform() * 20)}};
    const Admission admission = Admit(actions, people, bids, limits);
    std::vector<int64_t> taken(2);
    std::vector<int> counts(20);
    for (const Admitted& one : admission.admitted) {
      ++counts[one.person];
      for (const ConstraintUse& use : actions.uses[one.action]) {
        taken[use.constraint] += use.amount;
      }
    }
    EXPECT_EQ(taken, admission.taken);
    EXPECT_LE(taken[0], limits.left[0]);
    EXPECT_LE(taken[1], limits.left[1]);
    EXPECT_LE(*std::max_element(counts.begin(), counts.end()), 1);
    for (const Bid& lost : bids) {
      if (counts[lost.person] > 0) continue;
      EXPECT_NE(lost.action, 2) << "free for all";
      for (const Bid& won : bids) {
        const bool got_it = std::any_of(
            admission.admitted.begin(), admission.admitted.end(), [&won](const Admitted& one) {
              return one.person == won.person && one.action == won.action;
            });
        if (!got_it || won.action != lost.action) continue;
        EXPECT_GE(won.net_value, lost.net_value);
      }
    }
  }
}

// ---- From a dry run

constexpr std::string_view kShop =
    "kind: hub\nspec: {currency: MXN, timeZone: UTC}\n"
    "---\nkind: placement\nname: home\nspec: {channel: web, slots: 2, expiresAfter: 1h}\n";

class BidsOfADryRun : public testing::Test {
 protected:
  void Define(std::string_view more) { hub_.catalogue = CatalogueOf(base::StrCat(kShop, more)); }
  DecisionRequest Request() {
    DecisionRequest request;
    request.set_placement("home");
    request.set_greedy(true);
    return request;
  }
  Decision Decide(const DecisionRequest& request) {
    auto made = batuta::decision::Decide(request, {.catalogue = *hub_.catalogue,
                                                   .models = hub_.models,
                                                   .person = hub_.person,
                                                   .contacts = hub_.contacts,
                                                   .decision = DecisionNumber(1),
                                                   .person_id = PersonNumber(1),
                                                   .now = kNoon,
                                                   .hub_seed = 7});
    BATUTA_CHECK_OK(made.status());
    return *std::move(made);
  }
  AdmissionActions Actions() const {
    return AdmissionActions::Of(*hub_.catalogue, *hub_.catalogue->FindPlacement("home"));
  }
  std::vector<std::string> Bids(uint32_t slots) {
    std::vector<Bid> bids;
    AppendBids(Actions(), Decide(Request()), 0, slots, bids);
    std::vector<std::string> names;
    for (const Bid& bid : bids) names.push_back(Actions().names[bid.action]);
    return names;
  }
  SampleHub hub_;
};

TEST_F(BidsOfADryRun, AreWorthMoreThanNothingTheBestFirst) {
  Define(ActionYaml("gold", "500.00") + ActionYaml("mail", "200.00") +
         ActionYaml("dear", "100.00", "  cost: {amount: \"90.00\", currency: MXN}\n"));
  EXPECT_THAT(Bids(3), ElementsAre("gold", "mail"));
}

TEST_F(BidsOfADryRun, LeaveOutWhatCouldNeverBeHad) {
  Define(ActionYaml("gold", "500.00") + ActionYaml("plain", "400.00") +
         ActionYaml("free", "300.00") + ActionYaml("more", "200.00") +
         "---\nkind: capacity\nname: seats\n"
         "spec: {max: 5, per: day, only: {actions: [gold, plain]}}\n");
  EXPECT_THAT(Bids(1), ElementsAre("gold", "free")) << "plain takes what gold takes";
  EXPECT_THAT(Bids(2), ElementsAre("gold", "plain", "free", "more"));
}

TEST_F(BidsOfADryRun, OfWhomAHoldoutKeepsFromItAreThere) {
  Define(ActionYaml("gold", "500.00") +
         "---\nkind: holdout\nname: all\nspec: {percent: 100, arm: none}\n");
  EXPECT_THAT(Bids(1), ElementsAre("gold"));
}

TEST_F(BidsOfADryRun, ARequestForSomeActionsChoosesTheBestOfThemAlone) {
  Define(ActionYaml("gold", "500.00") + ActionYaml("mail", "200.00") +
         ActionYaml("plain", "100.00"));
  DecisionRequest request = Request();
  request.add_only("mail");
  request.add_only("plain");
  request.set_slots(1);
  const Decision made = Decide(request);
  EXPECT_EQ(made.chosen(0).action(), "mail");
  EXPECT_EQ(made.chosen(0).probability(), 1);
  EXPECT_EQ(made.trace().candidates(0).reason(), NOT_ASKED);
  EXPECT_EQ(*Replay(made), Serialize(made));
  EXPECT_EQ(*Replay(made, *hub_.catalogue), Serialize(made));
}

TEST_F(BidsOfADryRun, GreedyLeavesWhoDrawsAtRandomAlone) {
  Define(ActionYaml("gold", "500.00") + ActionYaml("mail", "200.00") +
         "---\nkind: holdout\nname: all\nspec: {percent: 100, arm: random}\n");
  const Decision made = Decide(Request());
  EXPECT_NEAR(made.chosen(0).probability(), 1.0 / 3, 1e-9);
  const uint32_t drawn = DrawnAction(Actions(), made);
  EXPECT_EQ(drawn == kNoAction ? "" : Actions().names[drawn], made.chosen(0).action());
}

}  // namespace
}  // namespace batuta::decision
