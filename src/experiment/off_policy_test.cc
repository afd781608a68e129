#include "experiment/off_policy.h"

#include <gmock/gmock.h>

#include <map>
#include <string>

#include "base/random.h"
#include "base/text.h"
#include "base/value.h"

namespace batuta::experiment {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ActionTable Actions(int count) {
  ActionTable actions;
  for (int i = 0; i < count; ++i) {
    actions.names.push_back(base::StrCat("a", i));
    base::Fields columns;
    base::SetField(columns, "name", base::TextValue(actions.names.back()));
    base::SetField(columns, "number", base::NumberValue(i));
    actions.columns.push_back(std::move(columns));
  }
  return actions;
}

OffPolicyReport Judge(const DecisionLog& log, const PolicySpec& spec,
                      const OffPolicyOptions& options = {}) {
  auto policy = TargetPolicy::Make(spec, log.actions);
  EXPECT_TRUE(policy.ok()) << policy.status();
  auto report = EvaluateOffPolicy(log, **policy, options);
  EXPECT_TRUE(report.ok()) << report.status();
  return *std::move(report);
}

double ValueOf(const OffPolicyReport& report, std::string_view method) {
  for (const Estimate& one : report.estimates) {
    if (one.method == method) return one.value;
  }
  ADD_FAILURE() << method;
  return 0;
}

// Two decisions by hand: the policy chooses a1 always.
TEST(OffPolicy, FollowsTheFormulas) {
  DecisionLog log = {.actions = Actions(2), .decisions = {}};
  log.decisions = {{1, 0.5, 3, {}}, {0, 0.25, 5, {}}, {1, 0.8, 0, {}}, {1, 0.5, 1, {}}};
  const OffPolicyReport report =
      Judge(log, {.score = "action.number", .choice = Choice::kGreedy}, {.switch_at = 1.5});
  // The weights are 2, 0, 1.25, 2.
  EXPECT_DOUBLE_EQ(ValueOf(report, "ips"), (2 * 3 + 2 * 1) / 4.0);
  EXPECT_DOUBLE_EQ(ValueOf(report, "snips"), (2 * 3 + 2 * 1) / 5.25);
  EXPECT_DOUBLE_EQ(report.effective_sample, 5.25 * 5.25 / (4 + 1.5625 + 4));
  EXPECT_DOUBLE_EQ(report.highest_weight, 2);
  EXPECT_DOUBLE_EQ(report.lowest_probability, 0.25);
  EXPECT_DOUBLE_EQ(report.logged.value, 9 / 4.0);
  EXPECT_DOUBLE_EQ(report.switched, 0.5);
  // The model of a1 for the decisions of each third, from the others: the sum of its rewards there
  // and 50 times the mean there, over their number and 50.
  const double q0 = (0 + 50 * 2.5) / 51;        // of 0 and 3, which stand in fold 0: 5 and 0 remain
  const double q1 = (4 + 50 * (4 / 3.0)) / 53;  // of 1: 3, 0, 1 remain
  const double q2 = (4 + 50 * 3.0) / 52;        // of 2: 3, 5, 1 remain
  EXPECT_DOUBLE_EQ(ValueOf(report, "dm"), (q0 + q1 + q2 + q0) / 4);
  EXPECT_NEAR(ValueOf(report, "dr"),
              (q0 + 2 * (3 - q0) + q1 + q2 + 1.25 * (0 - q2) + q0 + 2 * (1 - q0)) / 4, 1e-14);
  EXPECT_NEAR(ValueOf(report, "switch_dr"), (q0 + q1 + q2 + 1.25 * (0 - q2) + q0) / 4, 1e-14);
  EXPECT_NEAR(report.gain.value, ValueOf(report, "dr") - 9 / 4.0, 1e-14);
}

// Three actions whose rewards depend on the context; what the policy earns is known.
struct World {
  double Chance(int action, int kind) const { return 0.05 + 0.1 * ((action + kind) % 3); }
  DecisionLog Draw(uint64_t seed, size_t decisions) const {
    DecisionLog log = {.actions = Actions(3), .decisions = {}};
    base::Random random(seed, base::Id128{0, 1}, "world", "");
    for (size_t i = 0; i < decisions; ++i) {
      const int kind = static_cast<int>(random.Below(2));
      const double p[] = {0.6, 0.3, 0.1};
      const double draw = random.Uniform();
      const uint32_t action = draw < p[0] ? 0 : draw < p[0] + p[1] ? 1 : 2;
      LoggedDecision decision = {action, p[action], 0, {}};
      decision.reward = random.Uniform() < Chance(static_cast<int>(action), kind) ? 1 : 0;
      base::SetField(decision.context, "kind", base::NumberValue(kind));
      log.decisions.push_back(std::move(decision));
    }
    return log;
  }
  // Of the policy that chooses the best action with 0.8, else any of the others.
  double Truth() const { return 0.8 * 0.25 + 0.1 * (0.05 + 0.15); }
};
const PolicySpec kBest = {.score = "(int(action.number) + int(context.kind)) % 3 == 2",
                          .choice = Choice::kWeights,
                          .floor = 0.1};

TEST(OffPolicy, IntervalsHoldTheTruthAsOftenAsTheySay) {
  constexpr int kRuns = 1000;
  const World world;
  std::map<std::string, int> covered;
  int judged = 0;
  for (uint64_t run = 0; run < kRuns; ++run) {
    const OffPolicyReport report = Judge(world.Draw(run, 5000), kBest);
    if (!report.doubts.empty()) continue;
    ++judged;
    for (const Estimate& one : report.estimates) {
      covered[one.method] += one.low <= world.Truth() && world.Truth() <= one.high ? 1 : 0;
    }
  }
  EXPECT_GE(judged, kRuns * 99 / 100) << "the log says enough";
  for (const std::string method : {"ips", "snips", "dr"}) {
    EXPECT_GE(covered[method], judged * 93 / 100) << method;
    EXPECT_LE(covered[method], judged * 97 / 100) << method;
  }
  EXPECT_LT(covered["dm"], judged / 2) << "the model knows nothing of the context";
}

TEST(OffPolicy, TheBootstrapAgreesAndDrawsTheSameAgain) {
  const World world;
  const DecisionLog log = world.Draw(7, 4000);
  const OffPolicyReport normal = Judge(log, kBest);
  const OffPolicyReport drawn = Judge(log, kBest, {.bootstrap = 500});
  const OffPolicyReport again = Judge(log, kBest, {.bootstrap = 500});
  for (size_t i = 0; i < normal.estimates.size(); ++i) {
    const Estimate& one = normal.estimates[i];
    EXPECT_EQ(drawn.estimates[i].value, one.value);
    EXPECT_NEAR(drawn.estimates[i].low, one.low, one.standard_error / 2) << one.method;
    EXPECT_NEAR(drawn.estimates[i].high, one.high, one.standard_error / 2) << one.method;
    EXPECT_EQ(drawn.estimates[i].low, again.estimates[i].low);
  }
}

TEST(OffPolicy, AGoodPolicyGainsAndTheLogsOwnGainsNothing) {
  const DecisionLog log = World().Draw(3, 20000);
  EXPECT_GT(Judge(log, kBest).gain.low, 0);
  const OffPolicyReport own =
      Judge(log, {.score = "action.name == 'a0' ? 0.6 : action.name == 'a1' ? 0.3 : 0.1",
                  .choice = Choice::kWeights});
  EXPECT_NEAR(own.mean_weight, 1, 1e-12);
  EXPECT_NEAR(ValueOf(own, "ips"), own.logged.value, 1e-12);
  EXPECT_NEAR(own.effective_sample, 20000, 1e-6);
}

TEST(OffPolicy, SaysWhenTheLogCannotTell) {
  const World world;
  DecisionLog log = world.Draw(5, 4000);
  const auto doubts = [&](const PolicySpec& spec,
                          rule::Language language = rule::Language::kEnglish) {
    std::vector<std::string> texts;
    for (const Doubt& doubt : Judge(log, spec).doubts) texts.push_back(TextOf(doubt, language));
    return texts;
  };
  log.actions = Actions(4);
  EXPECT_THAT(doubts({.score = "0.0"}), testing::Contains(HasSubstr("no overlap: 25 %")));
  log = world.Draw(5, 4000);
  for (LoggedDecision& decision : log.decisions) decision.probability = 0.9;
  EXPECT_THAT(doubts({.score = "0.0"}), testing::Contains(HasSubstr("not 1")));
  log = world.Draw(5, 900);
  EXPECT_THAT(doubts({.score = "0.0"}), testing::Contains(HasSubstr("1000 are needed")));
  log = world.Draw(5, 4000);
  for (LoggedDecision& decision : log.decisions) decision.reward = 0;
  EXPECT_THAT(doubts({.score = "0.0"}), ElementsAre("0 decisions were rewarded; 50 are needed"));
  EXPECT_THAT(doubts({.score = "0.0"}, rule::Language::kSpanish),
              ElementsAre("0 decisiones tuvieron recompensa; hacen falta 50"));
}

TEST(OffPolicy, RefusesWhatSaysNothing) {
  DecisionLog log = {.actions = Actions(2), .decisions = {{0, 0.5, 1, {}}}};
  auto policy = TargetPolicy::Make({.score = "0.0"}, log.actions);
  EXPECT_THAT(std::string(EvaluateOffPolicy(log, **policy, {}).status().message()),
              HasSubstr("at least two decisions"));
  log.decisions.push_back({1, 0.5, 0, {}});
  policy = TargetPolicy::Make({.score = "action.nothing"}, log.actions);
  EXPECT_THAT(std::string(EvaluateOffPolicy(log, **policy, {}).status().message()),
              HasSubstr("less than two decisions"));
}

}  // namespace
}  // namespace batuta::experiment
