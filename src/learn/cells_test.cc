#include "learn/cells.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "base/random.h"

namespace batuta::learn {
namespace {

Deltas One(int64_t era, int64_t positives) { return {.all = {.era = era, .positives = positives}}; }

TEST(Cells, HoldWhatAMapOfTheSameHolds) {
  base::Random random(5, base::Id128{}, "test", "cells");
  Cells cells;
  std::map<uint64_t, std::map<int64_t, int64_t>> naive;  // by code, by era
  for (int i = 0; i < 20'000; ++i) {
    const uint64_t code = random.Below(300) * 1'000'003;
    const auto era = static_cast<int64_t>(random.Below(3)) - 1;
    const int64_t change = random.Below(2) == 0 ? 1 : -1;
    if ((naive[code][era] += change) == 0) naive[code].erase(era);
    if (naive[code].empty()) naive.erase(code);
    EXPECT_EQ(Add(code, One(era, change), cells), naive.contains(code));
    EXPECT_EQ(Has(code, cells), naive.contains(code));
    EXPECT_FALSE(Has(code + 1, cells));
  }
  auto expected = naive.begin();
  ForEachCell(cells, [&](uint64_t code, EraCounts counts) {
    ASSERT_NE(expected, naive.end());
    EXPECT_EQ(code, expected->first);
    std::map<int64_t, int64_t> found;
    for (const EraCount& one : counts) found[one.era] = one.positives;
    EXPECT_EQ(found, expected->second);
    ++expected;
  });
  EXPECT_EQ(expected, naive.end());
}

TEST(Cells, TheRecentAreCountedBesideAll) {
  Cells cells;
  const Deltas example{.all = {.era = 3, .negatives = 5},
                       .recent = EraCount{.era = kRecentFrom + 9, .negatives = 2}};
  EXPECT_TRUE(Add(7, example, cells));
  ASSERT_EQ(cells.eras_size(), 2);
  EXPECT_EQ(cells.eras(1), kRecentFrom + 9);
  EXPECT_EQ(cells.negatives(0), 5);
  EXPECT_EQ(cells.negatives(1), 2);
  Deltas away = example;
  away.all.negatives = -5;
  away.recent->negatives = -2;
  EXPECT_FALSE(Add(7, away, cells));
  EXPECT_TRUE(cells.SerializeAsString().empty());
}

TEST(Cells, AreTheSameBytesInWhateverOrderTheyCame) {
  Cells forth;
  Cells back;
  for (uint64_t code = 0; code < 50; ++code) {
    Add(code, One(0, 1), forth);
    Add(49 - code, One(0, 1), back);
  }
  EXPECT_EQ(forth.SerializeAsString(), back.SerializeAsString());
}

TEST(Cells, GoWithWhatIsWorthNothingAnyMore) {
  const EraClock clock{base::Days(7)};
  const base::Time old{base::Days(1'000).micros};
  const base::Time now{base::Days(2'000).micros};
  Cells cells;
  for (uint64_t code = 0; code < 10; ++code) {
    Add(code, One(clock.EraOf(code % 3 == 0 ? old : now), 1), cells);
  }
  DropWorthless(cells, clock, now);
  EXPECT_EQ(cells.codes_size(), 6);
  EXPECT_EQ(cells.negatives_size(), 6);
  ForEachCell(cells, [&](uint64_t code, EraCounts counts) {
    EXPECT_NE(code % 3, 0u);
    EXPECT_GT(Worth(counts, clock, now).positives, 0);
  });
}

}  // namespace
}  // namespace batuta::learn
