#include "experiment/lift.h"

#include <gtest/gtest.h>

#include <vector>

namespace batuta::experiment {
namespace {

Sample SampleOf(const std::vector<int64_t>& numbers) {
  Sample sample;
  for (const int64_t number : numbers) {
    ++sample.people;
    sample.sum += number;
    sample.squares += absl::uint128(absl::int128(number) * number);
  }
  return sample;
}

// Numbers that were computed apart: the t distribution by Simpson's rule and bisection.
TEST(Lift, WelchsIntervalIsThatOfAnIndependentComputation) {
  const Sample others =
      SampleOf({275, 210, 190, 236, 170, 179, 169, 201, 219, 226, 231, 196, 190, 217, 214});
  const Sample treated =
      SampleOf({271, 220, 208, 234, 234, 235, 258, 220, 248, 202, 219, 221, 229, 305, 310});
  const Lift lift = Compare(treated, others, 0.1);
  EXPECT_NEAR(lift.others.mean, 20.82, 1e-12);
  EXPECT_NEAR(lift.others.variance, 7.86742857142857, 1e-12);
  EXPECT_NEAR(lift.treated.variance, 10.534952380952382, 1e-12);
  EXPECT_NEAR(lift.difference->value, 3.2733333333333333, 1e-12);
  EXPECT_NEAR(lift.difference->interval->low, 1.00232382820866, 1e-9);
  EXPECT_NEAR(lift.difference->interval->high, 5.544342838458009, 1e-9);
  EXPECT_NEAR(lift.ratio->value, 1.1572206211975666, 1e-12);
  EXPECT_NEAR(lift.ratio->interval->low, 1.0456470940148386, 1e-9);
  EXPECT_NEAR(lift.ratio->interval->high, 1.2687941483802947, 1e-9);
  EXPECT_EQ(lift.verdict, Verdict::kBetter);
  EXPECT_EQ(Compare(others, treated, 0.1).verdict, Verdict::kWorse);
}

TEST(Lift, StudentsLimitsAreThoseOfTheTables) {
  EXPECT_NEAR(StudentLimit(1), 12.706204736, 1e-8);
  EXPECT_NEAR(StudentLimit(2), 4.302652729749204, 1e-9);
  EXPECT_NEAR(StudentLimit(5.5), 2.501858617589157, 1e-9);
  EXPECT_NEAR(StudentLimit(30), 2.0422724563012595, 1e-9);
  EXPECT_NEAR(StudentLimit(1e9), 1.9599663612554117, 1e-8);
}

TEST(Lift, TooFewPeopleHaveNoInterval) {
  EXPECT_FALSE(Compare(SampleOf({1, 2}), {}, 1).difference.has_value());
  const Lift one = Compare(SampleOf({1, 2}), SampleOf({1}), 1);
  EXPECT_EQ(one.difference->value, 0.5);
  EXPECT_FALSE(one.difference->interval.has_value());
  EXPECT_EQ(one.verdict, Verdict::kUnclear);
}

TEST(Lift, WhereNobodyDiffersNothingIsSaidOfTheError) {
  const Lift same = Compare(SampleOf({0, 0, 0}), SampleOf({0, 0}), 1);
  EXPECT_EQ(same.difference->value, 0);
  EXPECT_FALSE(same.difference->interval.has_value());
  EXPECT_FALSE(same.ratio.has_value());
}

TEST(Lift, ThereIsNoRatioToAMeanThatMayBeNothing) {
  const Lift lift = Compare(SampleOf({3, 4, 5}), SampleOf({0, 0, 0, 1}), 1);
  EXPECT_TRUE(lift.difference->interval.has_value());
  EXPECT_FALSE(lift.ratio.has_value());
}

// Doubles would lose all of the variance.
TEST(Lift, LargeNumbersThatAreNearlyEqualKeepTheirVariance) {
  constexpr int64_t kBase = 90'000'000'000'000'000;
  const Moments up = MomentsOf(SampleOf({kBase + 1, kBase + 2, kBase + 3}), 1);
  EXPECT_EQ(up.variance, 1);
  const Moments down = MomentsOf(SampleOf({-kBase - 1, -kBase - 2, -kBase - 4}), 1);
  EXPECT_NEAR(down.variance, 7.0 / 3, 1e-12);
  EXPECT_LT(down.mean, 0);
}

}  // namespace
}  // namespace batuta::experiment
