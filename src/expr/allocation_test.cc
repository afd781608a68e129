// Evaluating allocates nothing on the common path.

#include "base/allocations_testing.h"
#include "base/json.h"
#include "expr/compile.h"
#include "expr/evaluate.h"
#include "gtest/gtest.h"

namespace batuta::expr {
namespace {

// What evaluating costs once the evaluator has run the rule before, on another person.
size_t Allocations(std::string_view rule) {
  const auto first = base::ParseJson(
      R"({"traits": {"country": "MX", "age": 30, "name": "María"}, "segments": ["old", "vip"]})");
  const auto second = base::ParseJson(
      R"({"traits": {"country": "ES", "age": 17, "name": "José Antonio"}, "segments": []})");
  Environment environment;
  environment.Declare("person");
  AttributeTable table;
  const Compiled compiled = Compile(rule, environment, table);
  EXPECT_NE(compiled.program, nullptr) << Describe(compiled.diagnostics, rule);
  VariableSource source;
  source.Set("person", Value::OfJson(*first));
  Activation activation(table, source);
  Evaluator evaluator;
  evaluator.Evaluate(*compiled.program, activation);
  source.Set("person", Value::OfJson(*second));
  const size_t before = base::Allocations();
  activation.Clear();
  const Value value = evaluator.Evaluate(*compiled.program, activation);
  EXPECT_FALSE(value.is_error() && value.code() != ErrorCode::kAbsent);
  return base::Allocations() - before;
}

TEST(Allocation, RulesOnWhatIsReadAllocateNothing) {
  EXPECT_EQ(Allocations("person.traits.country == 'MX' && person.traits.age >= 18.0"), 0u);
  EXPECT_EQ(Allocations("'vip' in person.segments || person.traits.plan != 'gold'"), 0u);
  EXPECT_EQ(Allocations("!has(person.traits.plan) && person.traits.name.startsWith('Jos')"), 0u);
  EXPECT_EQ(Allocations("person.segments.exists(s, s.startsWith('v') && s in ['vip', 'vic'])"), 0u);
  EXPECT_EQ(Allocations("person.traits.age * 2.0 > 30.0 ? size(person.segments) == 0 : false"), 0u);
}

TEST(Allocation, WhatIsMadeIsPlacedInMemoryThatIsKept) {
  EXPECT_EQ(Allocations("person.traits.name + '!' == 'x' || [person.traits.age] == [1.0]"), 0u);
  EXPECT_EQ(Allocations("person.traits.?plan.orValue('none') == 'none'"), 0u);
  EXPECT_EQ(Allocations("person.segments.map(s, s + '!').size() == 0"), 0u);
}

}  // namespace
}  // namespace batuta::expr
