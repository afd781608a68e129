#include "population/selection.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"

namespace batuta::population {
namespace {

TEST(Keys, AreInTheOrderOfTheNumbers) {
  constexpr double kMax = std::numeric_limits<double>::max();
  constexpr double kLeast = std::numeric_limits<double>::denorm_min();
  const std::vector<double> numbers = {-kMax, -3.5, -1, -kLeast, 0, kLeast, 1e-300, 1, 1.5, kMax};
  for (size_t i = 0; i < numbers.size(); ++i) {
    EXPECT_EQ(NumberOf(KeyOf(numbers[i])), numbers[i]);
    if (i > 0) {
      EXPECT_LT(KeyOf(numbers[i - 1]), KeyOf(numbers[i]));
    }
  }
  EXPECT_EQ(KeyOf(-0.0), KeyOf(0.0));
}

// Against sorting: numbers that are often equal, close to each other, or far apart.
TEST(Selection, FindsWhatSortingFinds) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    base::Random random(seed, base::Id128(), "selection", "");
    std::vector<double> numbers;
    const uint64_t count = 1 + random.Below(400);
    const uint64_t shape = random.Below(3);
    for (uint64_t i = 0; i < count; ++i) {
      const double unit = static_cast<double>(random.Below(1'000'000)) / 1e6 - 0.5;
      numbers.push_back(shape == 0   ? static_cast<double>(random.Below(5))
                        : shape == 1 ? 1e-9 * unit + 1
                                     : std::exp(80 * unit) * (unit < 0.1 ? -1 : 1));
    }
    std::vector<std::vector<uint64_t>> places(1 + random.Below(4));
    for (const double number : numbers) {
      places[random.Below(places.size())].push_back(KeyOf(number));
    }
    std::vector<uint64_t> ranks;
    for (int i = 0; i < 20; ++i) ranks.push_back(1 + random.Below(count));
    Selection selection = BeginSelection(count, ranks);
    int rounds = 0;
    while (!IsFound(selection)) {
      const std::vector<uint64_t> prefixes = PrefixesOf(selection);
      std::vector<uint64_t> sums(prefixes.size() * kDigits);
      for (const auto& keys : places) {
        DigitCounts counts(prefixes, selection.bits());
        counts.Add(keys);
        for (size_t i = 0; i < sums.size(); ++i) sums[i] += counts.counts()[i];
      }
      TakeCounts(sums, selection);
      ++rounds;
    }
    EXPECT_EQ(rounds, 8);
    std::sort(numbers.begin(), numbers.end());
    for (const Target& target : selection.targets()) {
      const double value = numbers[target.rank() - 1];
      const auto [first, last] = std::equal_range(numbers.begin(), numbers.end(), value);
      ASSERT_EQ(NumberOf(target.prefix()), value) << seed;
      ASSERT_EQ(target.equal(), static_cast<uint64_t>(last - first)) << seed;
      ASSERT_EQ(target.rank() - target.rest(), static_cast<uint64_t>(first - numbers.begin()));
    }
  }
}

TEST(Selection, WithoutRanksIsFoundAtOnce) { EXPECT_TRUE(IsFound(BeginSelection(0, {}))); }

}  // namespace
}  // namespace batuta::population
