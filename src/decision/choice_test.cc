#include "decision/choice.h"

#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "base/text.h"
#include "learn/quantiles.h"

namespace batuta::decision {
namespace {

using testing::DoubleEq;
using testing::DoubleNear;
using testing::Each;
using testing::ElementsAre;

// Options do not own their names.
std::string_view NameOf(size_t number) {
  static const auto& names = *[] {
    auto* all = new std::vector<std::string>;
    for (int i = 0; i < 1000; ++i) all->push_back(base::StrCat("o", i));
    return all;
  }();
  return names.at(number);
}

Exploration Settings(ChoiceMethod method, double floor, uint64_t examples = 0) {
  Exploration settings;
  settings.set_method(method);
  settings.set_floor(floor);
  settings.set_draws(1000);
  settings.set_gamma_scale(10);
  settings.set_gamma_exponent(0.5);
  settings.set_examples(examples);
  return settings;
}

std::vector<Option> Options(const std::vector<double>& net_values) {
  std::vector<Option> options;
  for (size_t i = 0; i < net_values.size(); ++i) {
    options.push_back({.name = NameOf(i), .net_value = net_values[i]});
  }
  return options;
}

TEST(SquareCb, FirstDistributionIsUniform) {
  // The first of Vowpal Wabbit's reference run has seven options at 1/7.
  EXPECT_THAT(SquareCb(std::vector<double>{0, 0, 0, 0, 0, 0, 0}, 0, 0),
              Each(DoubleNear(1.0 / 7, 1e-15)));
  EXPECT_THAT(SquareCb(std::vector<double>{3, 2, 1}, 0, 0), Each(DoubleNear(1.0 / 3, 1e-15)));
}

TEST(SquareCb, IsTheInverseOfCountAndGap) {
  // Scaled to 1, 0.5 and 0; gamma 100.
  EXPECT_THAT(SquareCb(std::vector<double>{30, 20, 10}, 0, 100),
              ElementsAre(DoubleNear(1 - 1 / 53.0 - 1 / 103.0, 1e-15), DoubleEq(1 / 53.0),
                          DoubleEq(1 / 103.0)));
}

TEST(Gamma, GrowsWithTheRootOfTheExamples) {
  EXPECT_DOUBLE_EQ(Gamma(Settings(SQUARECB, 0, 0)), 0);
  EXPECT_DOUBLE_EQ(Gamma(Settings(SQUARECB, 0, 100)), 100);
  Exploration other = Settings(SQUARECB, 0, 8);
  other.set_gamma_exponent(1.0 / 3);
  EXPECT_NEAR(Gamma(other), 20, 1e-12);
}

TEST(Greedy, ReproducesTheReferenceOfEpsilonGreedy) {
  // Vowpal Wabbit with epsilon 0.1: three equal values, then two different ones.
  EXPECT_THAT(Distribution(Options({0, 0}), Settings(GREEDY, 0.1), NO_HOLDOUT, {}),
              Each(DoubleNear(1.0 / 3, 1e-15)));
  EXPECT_THAT(Distribution(Options({1}), Settings(GREEDY, 0.1), NO_HOLDOUT, {}),
              ElementsAre(DoubleNear(0.95, 1e-15), DoubleNear(0.05, 1e-15)));
}

TEST(Distribution, OnlyNothingHasProbabilityOne) {
  for (const ChoiceMethod method : {SQUARECB, GREEDY, THOMPSON}) {
    EXPECT_THAT(Distribution({}, Settings(method, 0.02), NO_HOLDOUT, {}), ElementsAre(DoubleEq(1)));
  }
}

TEST(Distribution, TieWithNothingGoesToNothing) {
  const auto p = Distribution(Options({0}), Settings(SQUARECB, 0, 1'000'000), NO_HOLDOUT, {});
  EXPECT_THAT(p, ElementsAre(DoubleEq(0.5), DoubleEq(0.5)));
  const auto loss = Distribution(Options({-1}), Settings(SQUARECB, 0, 10'000), NO_HOLDOUT, {});
  EXPECT_THAT(loss, ElementsAre(DoubleEq(1 / 1002.0), DoubleNear(1 - 1 / 1002.0, 1e-15)));
}

TEST(Distribution, NeverExploredIsLeftOutUnlessItIsTheBest) {
  std::vector<Option> options = Options({2, 1, 3, 3});
  options[1].explore_never = true;
  const auto without = Distribution(options, Settings(SQUARECB, 0.1, 100), NO_HOLDOUT, {});
  EXPECT_EQ(without[1], 0);
  EXPECT_GT(without[0], 0.1 / 4);

  options[1].net_value = 9;
  options[2].explore_never = true;
  const auto best = Distribution(options, Settings(GREEDY, 0.1), NO_HOLDOUT, {});
  EXPECT_THAT(best, ElementsAre(DoubleNear(0.025, 1e-15), DoubleNear(0.925, 1e-15), DoubleEq(0),
                                DoubleNear(0.025, 1e-15), DoubleNear(0.025, 1e-15)));
}

TEST(Distribution, NeverExploredMustBeStrictlyBetter) {
  std::vector<Option> options = Options({3, 3});
  options[0].explore_never = true;
  EXPECT_EQ(Distribution(options, Settings(GREEDY, 0), NO_HOLDOUT, {})[0], 0);
}

TEST(Distribution, BestMandatoryIsCertain) {
  std::vector<Option> options = Options({9, 1, 2});
  options[1].mandatory = true;
  options[2].mandatory = true;
  EXPECT_THAT(Distribution(options, Settings(SQUARECB, 0.5), NO_HOLDOUT, {}),
              ElementsAre(0, 0, 1, 0));
}

TEST(Distribution, RandomArmIsUniformButForTransactional) {
  std::vector<Option> options = Options({5, 1, 2, 0.5});
  options[3].explore_never = true;
  EXPECT_THAT(Distribution(options, Settings(SQUARECB, 0.02, 500), RANDOM_ARM, {}),
              ElementsAre(0.25, 0.25, 0.25, 0, 0.25));
  options[0].transactional = true;
  const auto usual = Distribution(options, Settings(SQUARECB, 0.02, 500), NO_HOLDOUT, {});
  const auto random = Distribution(options, Settings(SQUARECB, 0.02, 500), RANDOM_ARM, {});
  EXPECT_EQ(random[0], usual[0]);
  EXPECT_DOUBLE_EQ(random[1], (1 - usual[0]) / 3);
}

TEST(Thompson, FrequenciesFollowThePosteriors) {
  std::vector<Option> options = Options({0.2, 0.1});
  options[0].belief = {.alpha = 20, .beta = 80};
  options[0].gross = 1;
  options[1].belief = {.alpha = 10, .beta = 90};
  options[1].gross = 1;
  const auto p = ThompsonFrequencies(options, 20'000, {.seed = 3});
  // P(Beta(20, 80) > Beta(10, 90)) is 0.978 (normal approximation of the difference: 2.02 sigma).
  EXPECT_NEAR(p[0], 0.978, 0.006);
  EXPECT_NEAR(p[0] + p[1] + p[2], 1, 1e-12);
  EXPECT_EQ(p[2], 0);
}

TEST(Thompson, DrawsForTwentyAndFloorsAll) {
  std::vector<Option> options;
  for (int i = 0; i < 30; ++i) {
    options.push_back(
        {.name = NameOf(static_cast<size_t>(i)), .net_value = 0.05 + i * 0.001, .gross = 1});
  }
  const auto p = Distribution(options, Settings(THOMPSON, 0.31), NO_HOLDOUT, {.seed = 1});
  for (int i = 0; i < 10; ++i) EXPECT_DOUBLE_EQ(p[static_cast<size_t>(i)], 0.01);
  EXPECT_GT(p[29], 0.01);
}

// What can never win is not drawn for; the frequencies are those of drawing for all.
TEST(Thompson, FrequenciesAreThoseOfDrawingForEveryOption) {
  base::Random random(11, base::Id128{}, "test", "thompson");
  constexpr uint32_t kDraws = 64;
  for (int round = 0; round < 300; ++round) {
    std::vector<Option> options;
    for (size_t i = 0, n = 1 + random.Below(8); i < n; ++i) {
      const double evidence = 20 + random.Uniform() * 5000;
      const double mean = 0.001 + 0.3 * random.Uniform();
      options.push_back({.name = NameOf(i),
                         .net_value = random.Uniform(),
                         .belief = {.alpha = mean * evidence, .beta = (1 - mean) * evidence},
                         .gross = random.Uniform() * 20 - 2,
                         .cost = random.Uniform() - 0.5});
    }
    const DrawKey key{.seed = random.Bits(), .request = {1, 2}, .slot = 3};
    std::vector<double> best(kDraws, 0);
    std::vector<size_t> winner(kDraws, options.size());
    for (size_t i = 0; i < options.size(); ++i) {
      const Option& option = options[i];
      const auto table = learn::TableOf(option.belief.alpha, option.belief.beta);
      base::Random own(key.seed, key.request, "posterior.3", option.name);
      for (uint32_t draw = 0; draw < kDraws; ++draw) {
        const double net = learn::DrawFrom(table, own.Uniform()) * option.gross - option.cost;
        if (net <= best[draw]) continue;
        best[draw] = net;
        winner[draw] = i;
      }
    }
    std::vector<double> expected(options.size() + 1, 0);
    for (const size_t i : winner) expected[i] += 1.0 / kDraws;
    ASSERT_EQ(ThompsonFrequencies(options, kDraws, key), expected) << "round " << round;
  }
}

TEST(Distribution, SumsToOneAboveTheFloorForRandomOptions) {
  base::Random random(1, base::Id128{}, "test", "options");
  for (int round = 0; round < 3000; ++round) {
    std::vector<Option> options;
    for (uint64_t i = 0, n = random.Below(12); i < n; ++i) {
      options.push_back({.name = NameOf(i),
                         .net_value = random.Uniform() * 10 - 2,
                         .explore_never = random.Below(4) == 0,
                         .transactional = random.Below(8) == 0,
                         .gross = 10,
                         .cost = 1});
    }
    const auto method = static_cast<ChoiceMethod>(1 + random.Below(3));
    Exploration settings = Settings(method, random.Uniform() * 0.5, random.Below(100'000));
    settings.set_draws(20);
    const auto p = Distribution(options, settings, NO_HOLDOUT, {.seed = random.Bits()});
    ASSERT_NEAR(std::accumulate(p.begin(), p.end(), 0.0), 1, 1e-12);
    const auto participants =
        static_cast<double>(std::count_if(p.begin(), p.end(), [](double x) { return x > 0; }));
    for (size_t i = 0; i < p.size(); ++i) {
      if (i < options.size() && options[i].explore_never) continue;
      ASSERT_GE(p[i], settings.floor() / (participants + (settings.floor() == 0)) - 1e-15);
    }
  }
}

TEST(Draw, FrequenciesAreTheProbabilities) {
  const auto options = Options({1, 2, 3, 4});
  const std::vector<double> p = {0.5, 0.2, 0.02, 0.08, 0.2};
  std::vector<int> counts(5, 0);
  constexpr int kSeeds = 200'000;
  for (int seed = 0; seed < kSeeds; ++seed) {
    ++counts[Draw(options, p, {.seed = static_cast<uint64_t>(seed), .request = {1, 2}}, "choice")];
  }
  double chi_square = 0;
  for (size_t i = 0; i < p.size(); ++i) {
    const double expected = p[i] * kSeeds;
    chi_square += (counts[i] - expected) * (counts[i] - expected) / expected;
  }
  EXPECT_LT(chi_square, 18.47);  // 4 degrees of freedom, 0.1 %
}

TEST(Draw, RemovingALoserLeavesTheWinner) {
  const std::vector<double> p = {0.3, 0.2, 0.1, 0.4};
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const DrawKey key{.seed = seed, .request = {5, seed}};
    const auto options = Options({1, 1, 1});
    const size_t winner = Draw(options, p, key, "choice");
    if (winner == 1) continue;
    std::vector<Option> fewer = {options[0], options[2]};
    const size_t again = Draw(fewer, std::vector<double>{0.375, 0.125, 0.5}, key, "choice");
    EXPECT_EQ(again == 2 ? "" : fewer[again].name, winner == 3 ? "" : options[winner].name);
  }
}

TEST(Draw, ZeroProbabilityIsNeverChosen) {
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    EXPECT_EQ(Draw(Options({1, 1}), std::vector<double>{0, 1, 0}, {.seed = seed}, "choice"), 1u);
  }
}

// Under another policy: the chance of what is transactional stays, and so does the floor.
TEST(Arms, KeepWhatIsTransactionalAndTheFloorOfAllElse) {
  base::Random random(5, base::Id128{}, "test", "arms");
  for (int round = 0; round < 2000; ++round) {
    std::vector<Option> options;
    const uint64_t count = random.Below(6) + 1;
    for (uint64_t i = 0; i < count; ++i) {
      Option& option = options.emplace_back();
      option.name = NameOf(i);
      option.net_value = random.Uniform() * 10 - 3;
      option.transactional = random.Below(3) == 0;
      option.under_arm = {.net_value = random.Uniform(), .gross = 1, .cost = 0};
    }
    const Exploration settings = Settings(random.Below(2) == 0 ? SQUARECB : GREEDY, 0.1, 400);
    const auto usual = Distribution(options, settings, NO_HOLDOUT, {});
    for (const HoldoutArm arm : {PROPENSITY_ARM, NO_LEVERS_ARM}) {
      const auto under = Distribution(options, settings, arm, {});
      double sum = 0;
      size_t best = options.size();
      for (size_t i = 0; i < under.size(); ++i) {
        sum += under[i];
        ASSERT_GE(under[i], 0.1 / static_cast<double>(count + 1) - 1e-12);
        if (i == options.size()) continue;
        if (options[i].transactional) {
          ASSERT_EQ(under[i], usual[i]);
        } else if (best == options.size() ||
                   options[i].under_arm.net_value > options[best].under_arm.net_value) {
          best = i;
        }
      }
      ASSERT_NEAR(sum, 1, 1e-12);
      for (size_t i = 0; i < under.size(); ++i) {
        const bool competes = i == options.size() || !options[i].transactional;
        if (!competes || best == options.size()) continue;
        ASSERT_GE(under[best], under[i] - 1e-12);
      }
    }
  }
}

}  // namespace
}  // namespace batuta::decision
