// What a rule costs: evaluated on what was read already, read anew for each person, and compiled.
#include "base/json.h"
#include "base/status.h"
#include "benchmark/benchmark.h"
#include "expr/compile.h"
#include "expr/evaluate.h"

namespace batuta::expr {
namespace {

constexpr const char* kRule = R"(person.traits.country == "MX" && person.traits.age >= 18.0)";
constexpr const char* kThreeConditions =
    R"(person.traits.country == "MX" && person.traits.age >= 18.0 && person.traits.plan != "gold")";
constexpr const char* kMembership =
    R"("vip" in person.segments && person.traits.city in ["Puebla", "CDMX"])";
constexpr const char* kWalk = R"(person.segments.exists(s, s.startsWith("new")))";

struct Bench {
  explicit Bench(const char* rule) {
    person = *base::ParseJson(
        R"({"traits": {"name": "x", "city": "CDMX", "country": "MX", "age": 30, "plan": "blue"},
            "segments": ["old", "vip", "newcomer"]})");
    source.Set("person", Value::OfJson(person));
    environment.Declare("person");
    Compiled compiled = Compile(rule, environment, table);
    BATUTA_CHECK(compiled.program != nullptr);
    program = compiled.program;
  }

  base::Value person;
  Environment environment;
  VariableSource source;
  AttributeTable table;
  std::shared_ptr<const Program> program;
  Activation activation{table, source};
  Evaluator evaluator;
};

void Evaluate(benchmark::State& state, const char* rule) {
  Bench bench(rule);
  for (auto _ : state) {
    const Value value = bench.evaluator.Evaluate(*bench.program, bench.activation);
    BATUTA_CHECK(value.IsTrue());
  }
}

void ReadAndEvaluate(benchmark::State& state, const char* rule) {
  Bench bench(rule);
  for (auto _ : state) {
    bench.activation.Clear();
    const Value value = bench.evaluator.Evaluate(*bench.program, bench.activation);
    BATUTA_CHECK(value.IsTrue());
  }
}

void CompileRule(benchmark::State& state) {
  Bench bench(kRule);
  for (auto _ : state) {
    benchmark::DoNotOptimize(Compile(kRule, bench.environment, bench.table));
  }
}

BENCHMARK_CAPTURE(Evaluate, two_conditions, kRule);
BENCHMARK_CAPTURE(Evaluate, three_conditions, kThreeConditions);
BENCHMARK_CAPTURE(Evaluate, membership, kMembership);
BENCHMARK_CAPTURE(Evaluate, walk, kWalk);
BENCHMARK_CAPTURE(ReadAndEvaluate, two_conditions, kRule);
BENCHMARK(CompileRule);

}  // namespace
}  // namespace batuta::expr

BENCHMARK_MAIN();
