// What asking a rule of a person costs: three conditions on traits, read from a profile of thirty.
#include <string>

#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "benchmark/benchmark.h"
#include "rule/compile.h"
#include "rule/explain.h"
#include "rule/person.h"

namespace batuta::rule {
namespace {

constexpr double kTargetNanos = 150;
constexpr const char* kThree =
    "person.traits.country == 'MX' && person.traits.tenure_months >= 6 && "
    "person.traits.plan != 'basic'";

void State(std::string_view name, base::Value value, const profile::Rules& rules,
           profile::Profile& profile) {
  base::Field trait;
  trait.set_name(std::string(name));
  *trait.mutable_value() = std::move(value);
  BATUTA_CHECK(
      profile::StateTrait(rules, trait, {.source = "crm", .stamp = {}}, *profile.mutable_traits()));
}

profile::Profile Person(const profile::Rules& rules) {
  profile::Profile profile;
  for (int i = 0; i < 27; ++i) {
    State(base::StrCat("trait_", i), base::NumberValue(i), rules, profile);
  }
  State("country", base::TextValue("MX"), rules, profile);
  State("tenure_months", base::NumberValue(12), rules, profile);
  State("plan", base::TextValue("gold"), rules, profile);
  return profile;
}

void ThreeConditions(benchmark::State& state) {
  expr::AttributeTable table;
  const Compiled compiled = Compile(kThree, Vocabulary(), {}, table);
  BATUTA_CHECK(compiled.rule != nullptr);
  const profile::Rules rules;
  const profile::Profile people[2] = {Person(rules), Person(rules)};
  const ReadPlan plan(table, {rules});
  PersonSource source({rules}, {.profile = people[0]}, &plan);
  expr::Activation activation(table, source);
  expr::Evaluator evaluator(kRuleBudget);
  size_t next = 0;
  for (auto _ : state) {
    source.Bind({.profile = people[next ^= 1]});
    activation.Clear();
    BATUTA_CHECK(Judge(*compiled.rule, activation, evaluator) == OUTCOME_TRUE);
  }
  state.counters["target_ns"] = kTargetNanos;
}
BENCHMARK(ThreeConditions);

void CompileRule(benchmark::State& state) {
  const Vocabulary words;
  for (auto _ : state) {
    expr::AttributeTable table;
    benchmark::DoNotOptimize(Compile(kThree, words, {}, table));
  }
}
BENCHMARK(CompileRule);

}  // namespace
}  // namespace batuta::rule

BENCHMARK_MAIN();
