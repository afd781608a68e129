// Learning from outcomes, and asking what was learned: models of thirty predictors, a third of them
// texts. The goal is 200,000 outcomes a second, that is 5 µs each, with all that the owner of the
// models counts: the rate of the action and the adaptive model.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "base/text.h"
#include "learn/adaptive_model.h"
#include "learn/adaptive_publish.h"
#include "learn/adaptive_score.h"
#include "learn/beta_model.h"
#include "learn/predictor_code.h"
#include "learn/quantiles.h"

namespace batuta::learn {
namespace {

constexpr base::Time kNow{base::Days(20'000).micros};
constexpr int kPredictors = 30;

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (int i = 0; i < kPredictors; ++i) names.push_back(base::StrCat("p", i));
  return names;
}

// Of a third of the predictors one of eight texts, of the others a number of three digits.
TrainingMessage Example(base::Random& random, const std::vector<std::string>& names) {
  TrainingMessage message;
  message.set_action("card");
  message.set_placement("home");
  message.set_level(ACCEPTED_LEVEL);
  message.set_weight_micros(1'000'000);
  message.set_example_time((kNow - base::Minutes(static_cast<int64_t>(random.Below(1000)))).micros);
  message.set_decision(base::Id128{random.Bits(), random.Bits()}.ToBytes());
  message.set_predicted(0.05);
  message.set_score(4 * random.Uniform() - 2);
  PredictorValues& values = *message.mutable_values();
  values.set_model("clicks");
  uint64_t sum = 0;
  for (int i = 0; i < kPredictors; ++i) {
    values.add_keys(PredictorKey(names[static_cast<size_t>(i)]));
    const uint64_t drawn = random.Below(i % 3 == 0 ? 8 : 1000);
    sum += i < 6 ? drawn % 8 : 0;
    values.add_codes(i % 3 == 0 ? SymbolCode(base::StrCat("value", drawn))
                                : NumberCode(static_cast<double>(drawn)));
  }
  message.set_positive(random.Uniform() * 400 < static_cast<double>(sum));
  return message;
}

std::vector<TrainingMessage> Examples() {
  base::Random random(3, base::Id128{}, "bench", "examples");
  const std::vector<std::string> names = Names();
  std::vector<TrainingMessage> examples;
  for (int i = 0; i < 20'000; ++i) examples.push_back(Example(random, names));
  return examples;
}

AdaptiveState Taught(const std::vector<TrainingMessage>& examples) {
  AdaptiveState state;
  state.set_model("clicks");
  state.set_action("card");
  state.set_placement("home");
  state.set_half_life(base::Days(180).micros);
  for (const TrainingMessage& example : examples) TrainAdaptive(state, example);
  Settle(state, Names(), kNow);
  return state;
}

void BM_Outcome(benchmark::State& state) {
  const std::vector<TrainingMessage> examples = Examples();
  AdaptiveState adaptive = Taught(examples);
  ModelState rates;
  rates.set_action("card");
  size_t next = 0;
  for (auto _ : state) {
    const TrainingMessage& example = examples[next++ % examples.size()];
    Train(rates, example, {});
    TrainAdaptive(adaptive, example);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Outcome);

void BM_Publish(benchmark::State& state) {
  const AdaptiveState adaptive = Taught(Examples());
  const std::vector<std::string> names = Names();
  for (auto _ : state) benchmark::DoNotOptimize(PublishAdaptive(adaptive, names, kNow));
}
BENCHMARK(BM_Publish);

// One candidate of a decision.
void BM_Score(benchmark::State& state) {
  const std::vector<TrainingMessage> examples = Examples();
  const AdaptiveScorer scorer(PublishAdaptive(Taught(examples), Names(), kNow));
  size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(scorer.Score(examples[next++ % examples.size()].values()));
  }
}
BENCHMARK(BM_Score);

// What a posterior draw needs of one candidate, once the tables around it are there.
void BM_Table(benchmark::State& state) {
  double alpha = 3;
  TableOf(alpha, 97);
  for (auto _ : state) {
    alpha += 1e-9;
    benchmark::DoNotOptimize(TableOf(alpha, 97));
  }
}
BENCHMARK(BM_Table);

}  // namespace
}  // namespace batuta::learn

BENCHMARK_MAIN();
