#include "population/cut_points.h"

#include <algorithm>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "population/selection.h"

namespace batuta::population {
namespace {

using testing::ElementsAre;

// Measured by three places that have every third number each.
Version Measure(const std::vector<double>& numbers, const std::vector<uint64_t>& tops = {},
                bool reversed = false) {
  std::vector<std::vector<uint64_t>> places(3);
  for (size_t i = 0; i < numbers.size(); ++i) places[i % 3].push_back(KeyOf(numbers[i]));
  Selection selection = BeginSelection(numbers.size(), RanksOf(numbers.size(), tops, reversed));
  while (!IsFound(selection)) {
    DigitCounts counts(PrefixesOf(selection), selection.bits());
    for (const auto& keys : places) counts.Add(keys);
    TakeCounts(counts.counts(), selection);
  }
  Version version;
  version.set_reversed(reversed);
  TakeFound(selection, tops, version);
  return version;
}

std::vector<int> Quintiles(const Version& version, const std::vector<double>& values) {
  std::vector<int> quintiles;
  for (const double value : values) quintiles.push_back(QuintileOf(PercentileOf(version, value)));
  return quintiles;
}

// Ten people: the percentile 20 is the 2nd value, 40 the 4th, 60 the 6th, 80 the 8th.
TEST(CutPoints, AreValuesByNearestRank) {
  const Version version = Measure({90, 10, 80, 20, 70, 30, 60, 40, 50, 100});
  EXPECT_EQ(version.people(), 10u);
  EXPECT_EQ(version.cuts(0), 10);
  EXPECT_EQ(version.cuts(19), 20);
  EXPECT_EQ(version.cuts(39), 40);
  EXPECT_EQ(version.cuts(49), 50);
  EXPECT_EQ(version.cuts(79), 80);
  EXPECT_EQ(version.cuts(80), 90);
  EXPECT_EQ(version.cuts(99), 100);
  EXPECT_THAT(Quintiles(version, {10, 20, 30, 40, 50, 60, 70, 80, 90, 100}),
              ElementsAre(1, 1, 2, 2, 3, 3, 4, 4, 5, 5));
}

// Seven people, four of whom have 5: ranks ceil(7 k / 5) are 2, 3, 5 and 6 for k = 1 to 4, so the
// cut points are 5, 5, 8 and 9. With 5 one is not above the first of them.
TEST(CutPoints, EqualValuesStandTogetherInTheLowerPlace) {
  const Version version = Measure({5, 5, 5, 5, 8, 9, 12});
  EXPECT_EQ(version.cuts(19), 5);
  EXPECT_EQ(version.cuts(39), 5);
  EXPECT_EQ(version.cuts(59), 8);
  EXPECT_EQ(version.cuts(79), 9);
  EXPECT_THAT(Quintiles(version, {5, 8, 9, 12}), ElementsAre(1, 3, 4, 5));
}

TEST(CutPoints, WhoWasNotThereStandsBetweenThoseWhoWere) {
  const Version version = Measure({10, 20, 30, 40, 50});
  EXPECT_THAT(Quintiles(version, {-3, 10, 10.5, 49, 50, 1e9}), ElementsAre(1, 1, 2, 5, 5, 5));
  EXPECT_EQ(PercentileOf(version, -3), 1);
  EXPECT_EQ(PercentileOf(version, 20), 21);
  EXPECT_EQ(PercentileOf(version, 1e9), 100);
}

// Days since the last order: who came lately stands high.
TEST(CutPoints, ReversedIsTheOtherEnd) {
  const std::vector<double> days = {1, 2, 30, 30, 400};
  const Version version = Measure(days, {2}, /*reversed=*/true);
  // Straight: 1, 2, 3, 3, 5; the cut points are 1, 2, 30 and 30.
  EXPECT_THAT(Quintiles(version, days), ElementsAre(5, 4, 3, 3, 1));
  EXPECT_TRUE(IsAmong(version, *FindTop(version, 2), 2));
  EXPECT_FALSE(IsAmong(version, *FindTop(version, 2), 30));
}

TEST(CutPoints, TheFirstNAreExactAndSayWhoTies) {
  const Version version = Measure({9, 7, 7, 7, 5, 1}, {1, 2, 5, 50});
  EXPECT_EQ(FindTop(version, 1)->value(), 9);
  EXPECT_EQ(FindTop(version, 1)->people(), 1u);
  EXPECT_EQ(FindTop(version, 2)->value(), 7);
  EXPECT_EQ(FindTop(version, 2)->people(), 4u) << "three share the second place";
  EXPECT_EQ(FindTop(version, 5)->value(), 5);
  EXPECT_EQ(FindTop(version, 5)->people(), 5u);
  EXPECT_EQ(FindTop(version, 50)->people(), 6u);
  EXPECT_TRUE(IsAmong(version, *FindTop(version, 50), -100)) << "there are fewer than fifty";
  EXPECT_TRUE(IsAmong(version, *FindTop(version, 2), 7));
  EXPECT_FALSE(IsAmong(version, *FindTop(version, 2), 6.9));
  EXPECT_EQ(FindTop(version, 3), nullptr);
  const Version last = Measure({9, 7, 7, 7, 5, 1}, {3}, /*reversed=*/true);
  EXPECT_EQ(FindTop(last, 3)->value(), 7);
  EXPECT_EQ(FindTop(last, 3)->people(), 5u);
}

TEST(CutPoints, OfNobodyAreNone) {
  const Version version = Measure({}, {10});
  EXPECT_EQ(version.people(), 0u);
  EXPECT_TRUE(version.cuts().empty());
  EXPECT_TRUE(version.tops().empty());
}

// Above the cut point p are those whose standing is more than p: at most (100 - p) % of the people.
TEST(CutPoints, MoreThanNinetyIsTheTopTenth) {
  std::vector<double> numbers;
  for (int i = 0; i < 1000; ++i) numbers.push_back(i);
  const Version version = Measure(numbers);
  const auto count = std::count_if(numbers.begin(), numbers.end(), [&](double number) {
    return PercentileOf(version, number) > 90;
  });
  EXPECT_EQ(count, 100);
}

}  // namespace
}  // namespace batuta::population
