// Evaluating allocates nothing on the common path.
#include <cstdlib>
#include <new>

#include "base/json.h"
#include "expr/compile.h"
#include "expr/evaluate.h"
#include "gtest/gtest.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BATUTA_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BATUTA_SANITIZED
#endif
#endif

namespace {

size_t allocations = 0;

}  // namespace

#ifndef BATUTA_SANITIZED  // sanitizers have an allocator of their own, which must not be mixed
// Not inlined, or gcc takes free() in one place for a mismatch with new in another.
[[gnu::noinline]] void* operator new(size_t size) {
  ++allocations;
  if (void* place = std::malloc(size)) return place;
  std::abort();
}
[[gnu::noinline]] void operator delete(void* place) noexcept { std::free(place); }
[[gnu::noinline]] void operator delete(void* place, size_t) noexcept { std::free(place); }
#endif

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
  const size_t before = allocations;
  activation.Clear();
  const Value value = evaluator.Evaluate(*compiled.program, activation);
  EXPECT_FALSE(value.is_error() && value.code() != ErrorCode::kAbsent);
  return allocations - before;
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
