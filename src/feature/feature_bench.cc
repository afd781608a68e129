// What features cost: an event that touches 5 of 60, a value of one that is kept, and a rule that
// asks for three of them.
#include <string>
#include <vector>

#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "benchmark/benchmark.h"
#include "expr/compile.h"
#include "expr/evaluate.h"
#include "expr/parse.h"
#include "expr/print.h"
#include "feature/recognise.h"
#include "feature/set.h"

namespace batuta::feature {
namespace {

constexpr double kEventTargetNanos = 1000;
constexpr double kRuleTargetNanos = 400;
constexpr int kNames = 12;

class NoTraits : public TraitSource {
 public:
  const base::Value* Find(std::string_view) const override { return nullptr; }
};

std::string NameOf(int number) { return base::StrCat("Event ", number); }

// Five of each name: shared conditions, sums, values, windows of several kinds.
std::vector<FeatureSpec> Sixty() {
  std::vector<FeatureSpec> specs;
  for (int i = 0; i < kNames; ++i) {
    const std::string events = base::StrCat("events(\"", NameOf(i), "\")");
    for (const char* rest :
         {R"(.within("90d").where(e, e.properties.total > 50.0).count())",
          R"(.within("90d").where(e, e.properties.total > 50.0).sum(e, e.properties.total))",
          R"(.days_since())", R"(.within("30d").max(e, e.properties.total))",
          R"(.within("90d").distinct(e, e.properties.category))"}) {
      specs.push_back(*ParseSpec(events + rest).spec);
    }
  }
  return specs;
}

struct Bench {
  Bench() : set(*FeatureSet::Make(Sixty())), fold(set) {
    BATUTA_CHECK(set->features().size() == 60);
    for (int i = 0; i < 8; ++i) {
      properties.push_back(
          *base::ParseJson(base::StrCat(R"({"order_id": "x-)", i, R"(", "total": )", 20 + 17 * i,
                                        R"(, "currency": "EUR", "category": "c)", i % 4, R"("})")));
    }
    for (int i = 0; i < kNames; ++i) names.push_back(NameOf(i));
  }

  // The next event, an hour and a bit later.
  Event Next() {
    ++number;
    now = now + base::Minutes(77);
    return {.name = names[number % kNames],
            .source = "shop",
            .time = now,
            .identity = number * 0x9E3779B97F4A7C15u,
            .properties = &properties[number % 8].object()};
  }

  Moment moment() const { return {now, absl::UTCTimeZone()}; }

  std::shared_ptr<const FeatureSet> set;
  FeatureFold fold;
  std::vector<base::Value> properties;
  std::vector<std::string> names;
  PersonFeatures person;
  base::Time now{1'700'000'000'000'000};
  uint64_t number = 0;
};

void EventTouching5Of60(benchmark::State& state) {
  Bench bench;
  for (int i = 0; i < 3000; ++i) {
    const Event event = bench.Next();
    bench.fold.Apply(event, event.time, bench.person);
  }
  for (auto _ : state) {
    const Event event = bench.Next();
    BATUTA_CHECK(bench.fold.Apply(event, event.time, bench.person).size() >= 3);
  }
  state.counters["target_ns"] = kEventTargetNanos;
  state.counters["record_bytes"] = static_cast<double>(bench.person.ByteSizeLong());
}
BENCHMARK(EventTouching5Of60);

void EventTouchingNone(benchmark::State& state) {
  Bench bench;
  Event event = bench.Next();
  event.name = "Another";
  for (auto _ : state) {
    BATUTA_CHECK(bench.fold.Apply(event, event.time, bench.person).empty());
  }
}
BENCHMARK(EventTouchingNone);

void OneValue(benchmark::State& state) {
  Bench bench;
  for (int i = 0; i < 3000; ++i) {
    const Event event = bench.Next();
    bench.fold.Apply(event, event.time, bench.person);
  }
  const NoTraits traits;
  size_t next = 0;
  for (auto _ : state) {
    const Feature& feature = bench.set->features()[next++ % 60];
    benchmark::DoNotOptimize(
        ValueOf(feature, FeatureSet::StateOf(feature, bench.person), bench.moment(), traits));
  }
}
BENCHMARK(OneValue);

void EarliestChangeOf60(benchmark::State& state) {
  Bench bench;
  for (int i = 0; i < 3000; ++i) {
    const Event event = bench.Next();
    bench.fold.Apply(event, event.time, bench.person);
  }
  const NoTraits traits;
  for (auto _ : state) {
    benchmark::DoNotOptimize(bench.set->NextChange(bench.person, bench.moment(), traits));
  }
}
BENCHMARK(EarliestChangeOf60);

// Reads the variable `feature` from a person's record.
class FeatureSource : public expr::AttributeSource {
 public:
  FeatureSource(const Bench& bench, const std::vector<Found>& found) : bench_(bench) {
    for (const Found& one : found) {
      ids_.emplace_back(IdOf(one.spec), bench.set->Find(NumberOf(one.spec)));
    }
  }
  expr::Value Read(const expr::Attribute& attribute, expr::Scratch&) const override {
    for (const auto& [id, feature] : ids_) {
      if (id != attribute.fields[0]) continue;
      return ValueOf(*feature, FeatureSet::StateOf(*feature, bench_.person), bench_.moment(),
                     traits_);
    }
    return expr::Value::Error(expr::ErrorCode::kAbsent, "there is no such feature");
  }

 private:
  const Bench& bench_;
  std::vector<std::pair<std::string, const Feature*>> ids_;
  NoTraits traits_;
};

void RuleOnThreeFeatures(benchmark::State& state) {
  Bench bench;
  for (int i = 0; i < 3000; ++i) {
    const Event event = bench.Next();
    bench.fold.Apply(event, event.time, bench.person);
  }
  expr::Parsed parsed = expr::Parse(
      R"(events("Event 1").within("90d").where(e, e.properties.total > 50.0).count() >= 3 && )"
      R"(events("Event 2").within("30d").max(e, e.properties.total) > 60.0 && )"
      R"(events("Event 3").days_since() < 30)");
  const Recognition recognition = Recognise(parsed.expr);
  BATUTA_CHECK(recognition.found.size() == 3);
  expr::Environment environment;
  std::vector<NamedType> types;
  for (const Found& found : recognition.found) {
    types.push_back({IdOf(found.spec), TypeOf(found.spec).type});
  }
  environment.Declare("feature", FeatureVariable(types));
  expr::AttributeTable table;
  const expr::Compiled compiled = expr::Compile(expr::Print(*parsed.expr), environment, table);
  BATUTA_CHECK(compiled.program != nullptr);
  const FeatureSource source(bench, recognition.found);
  expr::Activation activation(table, source);
  expr::Evaluator evaluator;
  for (auto _ : state) {
    activation.Clear();
    BATUTA_CHECK(evaluator.Evaluate(*compiled.program, activation).IsTrue());
  }
  state.counters["target_ns"] = kRuleTargetNanos;
}
BENCHMARK(RuleOnThreeFeatures);

void MergeTwoPersons(benchmark::State& state) {
  Bench bench;
  PersonFeatures other;
  for (int i = 0; i < 3000; ++i) {
    const Event event = bench.Next();
    bench.fold.Apply(event, event.time, i % 2 == 0 ? bench.person : other);
  }
  for (auto _ : state) {
    PersonFeatures into = bench.person;
    bench.set->Merge(other, into);
    benchmark::DoNotOptimize(into);
  }
}
BENCHMARK(MergeTwoPersons);

}  // namespace
}  // namespace batuta::feature

BENCHMARK_MAIN();
