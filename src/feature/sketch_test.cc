#include "feature/sketch.h"

#include <cmath>

#include "base/random.h"
#include "feature/decay.h"
#include "gtest/gtest.h"

namespace batuta::feature {
namespace {

TEST(Sketch, IsWithinItsErrorFromTenToAMillion) {
  for (const int count : {10, 100, 1000, 10'000, 100'000, 1'000'000}) {
    const int seeds = count > 50'000 ? 10 : 60;
    double squares = 0;
    for (int seed = 0; seed < seeds; ++seed) {
      base::Random random(static_cast<uint64_t>(seed), {1, 1}, "sketch", "");
      FeatureState state;
      for (int i = 0; i < count; ++i) TakeHash(random.Bits(), state);
      const double error = EstimateDistinct(state) / count - 1;
      squares += error * error;
    }
    // The root mean square of few trials strays from the standard error.
    EXPECT_LE(std::sqrt(squares / seeds), kSketchError * (seeds < 50 ? 1.8 : 1.3)) << count;
  }
}

TEST(Sketch, FewAreCountedNearlyExactly) {
  FeatureState state;
  EXPECT_EQ(EstimateDistinct(state), 0);
  TakeHash(0x123456789abcdef0, state);
  TakeHash(0x123456789abcdef0, state);
  EXPECT_EQ(EstimateDistinct(state), 1);
}

TEST(Sketch, MergesToTheSameBytesInAnyOrder) {
  for (const int count : {5, 900, 1100, 5000}) {
    base::Random random(7, {1, 1}, "sketch", "");
    FeatureState whole, left, right;
    for (int i = 0; i < count; ++i) {
      const uint64_t hash = random.Bits();
      TakeHash(hash, whole);
      const uint64_t where = random.Below(3);
      if (where != 1) TakeHash(hash, left);
      if (where != 0) TakeHash(hash, right);
    }
    FeatureState other = right;
    MergeSketch(left, other);
    MergeSketch(right, left);
    EXPECT_EQ(left.SerializeAsString(), whole.SerializeAsString());
    EXPECT_EQ(other.SerializeAsString(), whole.SerializeAsString());
  }
}

TEST(Decay, HalvesInAHalfLife) {
  FeatureState state;
  const base::Duration half_life = base::Days(32);
  TakeDecaying(0, 8, half_life, state);
  EXPECT_EQ(Decayed(state, {0}, half_life), 8);
  EXPECT_EQ(Decayed(state, base::Time{0} + base::Days(32), half_life), 4);
  EXPECT_EQ(Decayed(state, base::Time{0} + base::Days(96), half_life), 1);
  EXPECT_EQ(NextStep({5}, half_life), base::Days(1).micros);
}

TEST(Decay, IsWithinItsErrorOfTheFormula) {
  base::Random random(3, {1, 1}, "decay", "");
  const base::Duration half_life = base::Days(10);
  FeatureState state;
  double exact = 0;
  const base::Time now{base::Days(2000).micros + 12345};
  for (int i = 0; i < 1000; ++i) {
    const auto age =
        static_cast<int64_t>(random.Below(static_cast<uint64_t>(base::Days(300).micros)));
    TakeDecaying(now.micros - age, 3, half_life, state);
    exact += 3 * std::exp2(-static_cast<double>(age) / static_cast<double>(half_life.micros));
  }
  EXPECT_NEAR(Decayed(state, now, half_life), exact, exact * kDecayError);
}

}  // namespace
}  // namespace batuta::feature
