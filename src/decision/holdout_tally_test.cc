#include "decision/holdout_tally.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace batuta::decision {
namespace {

constexpr base::Currency kMxn{0x4d584e};
constexpr base::Currency kUsd{0x555344};

HoldoutPerson Person(bool held, int64_t since, uint64_t acceptances = 0, int64_t worth = 0) {
  HoldoutMeeting meeting;
  meeting.set_name("control");
  meeting.set_version(1);
  meeting.set_held(held);
  HoldoutPerson person = MetBy(meeting, base::Time{since});
  person.set_acceptances(acceptances);
  person.set_worth(worth);
  return person;
}

Action Offer(std::string_view name, policy::ActionClass action_class, int64_t value) {
  return {.name = std::string(name), .action_class = action_class, .value = {value, kMxn}};
}

TEST(HoldoutTally, MergingIsCommutativeAndAssociative) {
  const std::vector<HoldoutPerson> people = {Person(true, 5, 1, 10), Person(false, 3, 2, -7),
                                             Person(true, 9, 0, 0), Person(false, 1, 4, 1)};
  for (const HoldoutPerson& a : people) {
    for (const HoldoutPerson& b : people) {
      EXPECT_EQ(Merge(a, b).SerializeAsString(), Merge(b, a).SerializeAsString());
      for (const HoldoutPerson& c : people) {
        EXPECT_EQ(Merge(Merge(a, b), c).SerializeAsString(),
                  Merge(a, Merge(b, c)).SerializeAsString());
      }
    }
  }
}

TEST(HoldoutTally, PeopleOfBothArmsAreHeldOutAndContaminated) {
  const HoldoutPerson both = Merge(Person(false, 3, 2, 20), Person(true, 5));
  EXPECT_TRUE(both.held());
  EXPECT_TRUE(both.contaminated());
  EXPECT_EQ(both.since(), 3);
  EXPECT_FALSE(Merge(Person(true, 3), Person(true, 5)).contaminated());
  HoldoutTally tally;
  Apply(both, TallyStep::kAdd, tally);
  EXPECT_EQ(tally.contaminated(), 1u);
  EXPECT_EQ(tally.held().people() + tally.treated().people(), 0u);
}

TEST(HoldoutTally, TakingOffWhatWasAddedLeavesNothing) {
  const std::vector<HoldoutPerson> people = {Person(true, 5, 3, -kLargestWorth),
                                             Person(false, 3, 1, kLargestWorth),
                                             Person(false, 3, 2, 5)};
  HoldoutTally one;
  for (const HoldoutPerson& person : people) Apply(person, TallyStep::kAdd, one);
  EXPECT_EQ(SumOf(one.held().worth()), -kLargestWorth);
  EXPECT_EQ(SumOf(one.treated().worth()), absl::int128(kLargestWorth) + 5);
  EXPECT_EQ(SquaresOf(one.treated().acceptances()), 5u);
  EXPECT_EQ(one.treated().acceptors(), 2u);
  HoldoutTally halves;
  for (const HoldoutPerson& person : people) {
    HoldoutTally part;
    Apply(person, TallyStep::kAdd, part);
    Add(part, halves);
  }
  EXPECT_EQ(halves.SerializeAsString(), one.SerializeAsString());
  for (const HoldoutPerson& person : people) Apply(person, TallyStep::kTakeOff, one);
  EXPECT_EQ(one.held().people() + one.treated().people(), 0u);
  EXPECT_EQ(SumOf(one.held().worth()), 0);
  EXPECT_EQ(SquaresOf(one.treated().worth()), 0u);
}

TEST(HoldoutTally, AnAcceptanceIsWorthWhatItStatesOrElseTheLeastOfItsActions) {
  const Action card = Offer("card", policy::MARKETING, 900);
  const Action loan = Offer("loan", policy::MARKETING, 300);
  const Action notice = Offer("notice", policy::SERVICE, 1);
  const Holdout holdout = {.name = "control", .version = 1, .percent = 10, .arm = NOTHING_ARM};
  Acceptance acceptance = {.offers = {&card, &loan, &notice}, .at = base::Time{5}};
  HoldoutPerson person = Person(true, 5);
  EXPECT_TRUE(Count(acceptance, holdout, kMxn, person));
  EXPECT_EQ(person.acceptances(), 1u) << "one event is one acceptance";
  EXPECT_EQ(person.worth(), 300);
  acceptance.stated = {50, kMxn};
  EXPECT_TRUE(Count(acceptance, holdout, kMxn, person));
  EXPECT_EQ(person.worth(), 350);
  acceptance.stated = {50, kUsd};
  EXPECT_TRUE(Count(acceptance, holdout, kMxn, person));
  EXPECT_EQ(person.worth(), 650) << "an amount of another currency says nothing";
  acceptance.offers = {&notice};
  EXPECT_FALSE(Count(acceptance, holdout, kMxn, person)) << "no marketing";
  acceptance.offers = {&card};
  acceptance.at = base::Time{4};
  EXPECT_FALSE(Count(acceptance, holdout, kMxn, person)) << "before the person was met";
}

TEST(HoldoutTally, ReportsCountOnlyWhereBothArmsAreOfferedSomething) {
  const Action card = Offer("card", policy::MARKETING, 900);
  const Acceptance report = {.offers = {&card}, .at = base::Time{7}, .is_reported = true};
  HoldoutPerson person = Person(false, 5);
  EXPECT_TRUE(Count(report, {.name = "control", .arm = NOTHING_ARM}, kMxn, person));
  EXPECT_EQ(person.acceptances(), 0u);
  EXPECT_EQ(person.reports(), 1u);
  EXPECT_EQ(person.reported(), 900);
  EXPECT_TRUE(Count(report, {.name = "control", .arm = RANDOM_ARM}, kMxn, person));
  EXPECT_EQ(person.acceptances(), 1u);
  EXPECT_EQ(person.worth(), 900);
}

TEST(HoldoutTally, CountsAcceptancesOfWhatTheHoldoutIsAbout) {
  const Action card = Offer("card", policy::MARKETING, 900);
  const Action loan = Offer("loan", policy::MARKETING, 500);
  const Holdout no_card = {
      .name = "no-card", .version = 1, .arm = NOTHING_ARM, .only = {.actions = {"card"}}};
  HoldoutPerson person = Person(true, 5);
  EXPECT_FALSE(Count({.offers = {&loan}, .at = base::Time{7}}, no_card, kMxn, person));
  EXPECT_TRUE(Count({.offers = {&card}, .at = base::Time{7}}, no_card, kMxn, person));
  EXPECT_EQ(person.worth(), 900);
}

TEST(HoldoutTally, PeopleAreKeptByNameAndVersion) {
  HoldoutPeople people;
  for (const auto& [name, version] :
       std::vector<std::pair<std::string, uint64_t>>{{"b", 1}, {"a", 2}, {"a", 1}, {"b", 1}}) {
    HoldoutPerson person = Person(true, 1);
    person.set_name(name);
    person.set_version(version);
    AddMet(people, person);
  }
  ASSERT_EQ(people.size(), 3);
  EXPECT_EQ(people[0].version(), 1u);
  EXPECT_EQ(people[1].version(), 2u);
  EXPECT_EQ(FindMet(people, "b", 1)->decisions(), 2u);
  EXPECT_EQ(FindMet(people, "b", 2), nullptr);
}

}  // namespace
}  // namespace batuta::decision
