// What asking a rule of a person costs: three conditions on traits, read from a profile of thirty;
// and on what they did.
#include <string>

#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "benchmark/benchmark.h"
#include "feature/set.h"
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
  PersonSource source({rules}, {.profile = people[0], .identity = nullptr}, &plan);
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

// Three conditions on features that are kept already: of a hundred, in the record of somebody with
// twenty orders.
constexpr double kBehaviourTargetNanos = 400;
constexpr const char* kBehaviour =
    "events('Order Completed').within('90d').count() >= 3 && "
    "events('Order Completed').sum(e, e.properties.total) > 100.0 && "
    "events('Viewed').within('7d').exists()";

feature::PersonFeatures Doings(const std::shared_ptr<const feature::FeatureSet>& set,
                               base::Time now) {
  feature::FeatureFold fold(set);
  feature::PersonFeatures features;
  base::Fields properties;
  base::SetField(properties, "total", base::NumberValue(20.25));
  for (int i = 0; i < 40; ++i) {
    fold.Apply({.name = i % 2 == 0 ? "Order Completed" : "Viewed",
                .source = "web",
                .time = now - base::Hours(i),
                .identity = static_cast<uint64_t>(i),
                .properties = &properties},
               now, features);
  }
  return features;
}

void ThreeBehaviours(benchmark::State& state) {
  expr::AttributeTable table;
  const Compiled compiled = Compile(kBehaviour, Vocabulary(), {}, table);
  BATUTA_CHECK(compiled.rule != nullptr);
  std::vector<feature::FeatureSpec> specs = compiled.rule->aggregates();
  for (int i = 0; i < 97; ++i) {
    specs.push_back(
        *feature::ParseSpec(base::StrCat("events('Order Completed').lastDays(", i + 1, ").count()"))
             .spec);
  }
  std::vector<resource::Problem> problems;
  const auto features = feature::Catalogue::Compile({}, specs, problems);
  const base::Time now{base::Days(20'000).micros};
  const feature::PersonFeatures doings[2] = {Doings(features->set(), now),
                                             Doings(features->set(), now)};
  const profile::Rules rules;
  const profile::Profile people[2] = {Person(rules), Person(rules)};
  const Meaning meaning = {.rules = rules, .features = features.get()};
  const ReadPlan plan(table, meaning);
  PersonSource source(meaning, {.profile = people[0]}, &plan);
  expr::Activation activation(table, source);
  expr::Evaluator evaluator(kRuleBudget);
  size_t next = 0;
  for (auto _ : state) {
    next ^= 1;
    source.Bind({.profile = people[next], .features = &doings[next], .now = now});
    activation.Clear();
    BATUTA_CHECK(Judge(*compiled.rule, activation, evaluator) == OUTCOME_TRUE);
  }
  state.counters["target_ns"] = kBehaviourTargetNanos;
}
BENCHMARK(ThreeBehaviours);

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
