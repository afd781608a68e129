#include "feature/exact_sum.h"

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "base/ids.h"
#include "base/random.h"
#include "gtest/gtest.h"

namespace batuta::feature {
namespace {

double SumOf(const std::vector<double>& numbers) {
  ExactSum sum;
  for (const double number : numbers) sum.Add(number);
  EXPECT_EQ(ExactSumOf(numbers), sum.Round());
  return sum.Round();
}

std::string BytesOf(const ExactSum& sum) {
  SumState state;
  sum.Store(state);
  return state.SerializeAsString();
}

double RandomDouble(base::Random& random) {
  while (true) {
    const auto number = std::bit_cast<double>(random.Bits());
    if (std::isfinite(number)) return number;
  }
}

TEST(ExactSum, RoundsOnceAndToTheNearest) {
  EXPECT_EQ(SumOf({}), 0);
  EXPECT_EQ(SumOf({1e16, 1, -1e16}), 1);
  EXPECT_EQ(SumOf({0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}), 1);
  EXPECT_EQ(SumOf({1e308, 1e308, -1e308}), 1e308);
  EXPECT_EQ(SumOf({-1e308, -1e308}), -std::numeric_limits<double>::infinity());
  const double least = std::numeric_limits<double>::denorm_min();
  EXPECT_EQ(SumOf({least, least, -1, 1}), 2 * least);
  // Half way between two doubles: to the even one, unless the least bit more says otherwise.
  const double two53 = 9007199254740992.0;
  EXPECT_EQ(SumOf({two53, 1}), two53);
  EXPECT_EQ(SumOf({two53, 1, least}), two53 + 2);
  EXPECT_EQ(SumOf({two53 + 2, 1}), two53 + 4);
  EXPECT_EQ(SumOf({-two53, -1, -least}), -two53 - 2);
}

TEST(ExactSum, OfManyNumbersAtOnceIsTheSame) {
  base::Random random(2, {1, 1}, "sum", "");
  for (int i = 0; i < 20000; ++i) {
    std::vector<double> numbers;
    const int kind = static_cast<int>(random.Below(3));
    for (uint64_t left = random.Below(40); left > 0; --left) {
      const double amount = static_cast<double>(random.Below(2'000'000)) / 100 - 10'000;
      const double wide = std::ldexp(amount, static_cast<int>(random.Below(200)) - 100);
      numbers.push_back(kind == 0 ? amount : kind == 1 ? wide : RandomDouble(random));
    }
    SumOf(numbers);
  }
}

TEST(ExactSum, AgreesWithOneAdditionOfDoubles) {
  base::Random random(1, {1, 1}, "sum", "");
  for (int i = 0; i < 100000; ++i) {
    const double a = RandomDouble(random);
    // Often near, so that they cancel.
    const double b = random.Below(2) == 0 ? RandomDouble(random) : a * (random.Uniform() - 2);
    if (!std::isfinite(b)) continue;
    EXPECT_EQ(SumOf({a, b}), a + b);
  }
}

TEST(ExactSum, IsTheSameInAnyOrderAndGrouping) {
  base::Random random(2, {1, 1}, "sum", "");
  for (int trial = 0; trial < 500; ++trial) {
    std::vector<double> numbers;
    ExactSum forward;
    ExactSum left;
    ExactSum right;
    for (int i = 0; i < 20; ++i) {
      numbers.push_back(RandomDouble(random));
      forward.Add(numbers.back());
      (random.Below(2) == 0 ? left : right).Add(numbers.back());
    }
    ExactSum backward;
    for (auto number = numbers.rbegin(); number != numbers.rend(); ++number) backward.Add(*number);
    EXPECT_EQ(BytesOf(forward), BytesOf(backward));
    SumState stored;
    right.Store(stored);
    left.Add(ExactSum(stored));
    EXPECT_EQ(BytesOf(forward), BytesOf(left));
    for (const double number : numbers) left.Subtract(number);
    EXPECT_TRUE(left.IsZero());
    EXPECT_EQ(BytesOf(left), "");
  }
}

TEST(ExactSum, SumsOfMoneyAreSmall) {
  ExactSum sum;
  for (int i = 0; i < 1000; ++i) sum.Add(19.99);
  EXPECT_LE(BytesOf(sum).size(), 22u);
  EXPECT_EQ(sum.Round(), 19990);
}

}  // namespace
}  // namespace batuta::feature
