#include "base/random.h"

#include <gtest/gtest.h>

#include <bit>
#include <functional>

#include "base/encoding.h"
#include "base/hash.h"

namespace batuta::base {
namespace {

constexpr int kDrawCount = 200'000;

Random Stream(std::string_view name) { return Random(7, Id128{1, 2}, "test", name); }

// The first four moments about `center`, scaled by `scale`.
struct Moments {
  double first = 0, second = 0, third = 0, fourth = 0;
};
Moments MomentsOf(const std::function<double()>& draw, double center, double scale) {
  Moments sums;
  for (int i = 0; i < kDrawCount; ++i) {
    const double x = (draw() - center) / scale;
    sums.first += x / kDrawCount;
    sums.second += x * x / kDrawCount;
    sums.third += x * x * x / kDrawCount;
    sums.fourth += x * x * x * x / kDrawCount;
  }
  return sums;
}

// The known answers that the authors publish with Random123 (kat_vectors).
TEST(Random, PhiloxGivesTheKnownAnswers) {
  using Block = std::array<uint32_t, 4>;
  EXPECT_EQ(internal::Philox4x32({0, 0, 0, 0}, {0, 0}),
            (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(internal::Philox4x32({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(internal::Philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                                 {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, AStreamDependsOnEachPartOfItsName) {
  const uint64_t first = Stream("a").Bits();
  EXPECT_EQ(Stream("a").Bits(), first);
  EXPECT_NE(Random(8, Id128{1, 2}, "test", "a").Bits(), first);
  EXPECT_NE(Random(7, Id128{2, 2}, "test", "a").Bits(), first);
  EXPECT_NE(Random(7, Id128{1, 3}, "test", "a").Bits(), first);
  EXPECT_NE(Random(7, Id128{1, 2}, "tes", "ta").Bits(), first);
  EXPECT_NE(Stream("b").Bits(), first);
}

TEST(Random, BelowIsUniformAndStaysBelow) {
  Random random = Stream("below");
  std::array<int, 6> counts{};
  for (int i = 0; i < 60'000; ++i) ++counts[random.Below(6)];
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 400);  // about four sigmas
  EXPECT_EQ(random.Below(1), 0U);
  for (int i = 0; i < 100; ++i)
    EXPECT_LT(random.Below(0x8000'0000'0000'0001), 0x8000'0000'0000'0001);
}

// Tolerances are four standard errors or more; the draws are always the same.
TEST(Random, UniformHasTheMomentsOfItsLaw) {
  Random random = Stream("uniform");
  const Moments moments = MomentsOf([&] { return random.Uniform(); }, 0.5, 1);
  EXPECT_NEAR(moments.first, 0, 0.003);
  EXPECT_NEAR(moments.second, 1.0 / 12, 0.001);
  EXPECT_NEAR(moments.fourth, 1.0 / 80, 0.0004);
}

TEST(Random, NormalHasTheMomentsOfItsLaw) {
  Random random = Stream("normal");
  const Moments moments = MomentsOf([&] { return Normal(random); }, 0, 1);
  EXPECT_NEAR(moments.first, 0, 0.01);
  EXPECT_NEAR(moments.second, 1, 0.015);
  EXPECT_NEAR(moments.third, 0, 0.04);
  EXPECT_NEAR(moments.fourth, 3, 0.1);
}

TEST(Random, GammaHasTheMomentsOfItsLaw) {
  for (const double shape : {0.1, 0.5, 1.0, 2.5, 30.0, 10'000.0}) {
    Random random = Stream("gamma");
    const double deviation = std::sqrt(shape);
    const Moments moments = MomentsOf([&] { return Gamma(random, shape); }, shape, deviation);
    const double excess = 6 / shape;  // kurtosis is 3 + excess
    EXPECT_NEAR(moments.first, 0, 0.01) << shape;
    EXPECT_NEAR(moments.second, 1, 4 * std::sqrt((2 + excess) / kDrawCount)) << shape;
    EXPECT_NEAR(moments.third, 2 / deviation, 0.05 + 0.5 / shape) << shape;
  }
}

TEST(Random, BetaHasTheMomentsOfItsLaw) {
  const std::array<std::array<double, 2>, 6> cases = {
      {{1, 1}, {0.5, 0.5}, {2, 30}, {0.05, 4}, {1000, 3000}, {0.9, 1.1}}};
  for (const auto& [a, b] : cases) {
    Random random = Stream("beta");
    const double mean = a / (a + b);
    const double deviation = std::sqrt(mean * (1 - mean) / (a + b + 1));
    const double skew = 2 * (b - a) * std::sqrt(a + b + 1) / ((a + b + 2) * std::sqrt(a * b));
    const Moments moments = MomentsOf([&] { return Beta(random, a, b); }, mean, deviation);
    EXPECT_NEAR(moments.first, 0, 0.01) << a << " " << b;
    EXPECT_NEAR(moments.second, 1, 0.02 + 0.01 * skew * skew) << a << " " << b;
    EXPECT_NEAR(moments.third, skew, 0.05 + 0.05 * skew * skew) << a << " " << b;
  }
}

TEST(Random, BetaOfTinyShapesFallsToTheEndsAndIsNeverNan) {
  Random random = Stream("tiny");
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double x = Beta(random, 1e-5, 3e-5);
    ASSERT_TRUE(x >= 0 && x <= 1);
    sum += x;
  }
  EXPECT_NEAR(sum / 10'000, 0.25, 0.02);
}

// The same draws under every compiler, processor and version: decisions are replayed by them.
TEST(Random, TheDrawsNeverChange) {
  Random random = Stream("golden");
  ByteWriter writer;
  for (int i = 0; i < 10'000; ++i) {
    writer.U64(random.Bits());
    writer.U64(random.Below(1000));
    writer.Double(random.Uniform());
    writer.Double(Normal(random));
    writer.Double(Gamma(random, 0.3));
    writer.Double(Gamma(random, 7.5));
    writer.Double(Beta(random, 2, 5));
    writer.Double(Beta(random, 0.2, 5));
  }
  EXPECT_EQ(Hash64(writer.bytes()), 0x6D189C18954C0F66U);
}

}  // namespace
}  // namespace batuta::base
