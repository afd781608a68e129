// Asking a rule of a person allocates nothing on the common path.
#include <gtest/gtest.h>

#include "base/allocations_testing.h"
#include "base/json.h"
#include "base/value.h"
#include "rule/compile.h"
#include "rule/explain.h"
#include "rule/person.h"

namespace batuta::rule {
namespace {

profile::Profile PersonOf(std::string_view traits) {
  profile::Profile person;
  const base::Value stated = *base::ParseJson(traits);
  for (const base::Field& trait : stated.object().fields()) {
    EXPECT_TRUE(
        profile::StateTrait({}, trait, {.source = "crm", .stamp = {}}, *person.mutable_traits()));
  }
  return person;
}

// What asking costs once the rule was asked of somebody else before.
size_t Allocations(std::string_view text) {
  expr::AttributeTable table;
  const Compiled compiled = Compile(text, Vocabulary(), {}, table);
  EXPECT_NE(compiled.rule, nullptr) << text;
  const profile::Rules rules;
  const profile::Profile first = PersonOf(R"({"country": "MX", "age": 30, "plan": "gold"})");
  const profile::Profile second = PersonOf(R"({"country": "ES", "age": 17})");
  const ReadPlan plan(table, {rules});
  PersonSource source({rules}, {.profile = first, .identity = nullptr}, &plan);
  expr::Activation activation(table, source);
  expr::Evaluator evaluator(kRuleBudget);
  Judge(*compiled.rule, activation, evaluator);
  source.Bind({.profile = second});
  const size_t before = base::Allocations();
  activation.Clear();
  Judge(*compiled.rule, activation, evaluator);
  return base::Allocations() - before;
}

TEST(Allocation, RulesOnTraitsAndConsentsAllocateNothing) {
  EXPECT_EQ(Allocations("person.traits.country == 'MX' && person.traits.age >= 18"), 0u);
  EXPECT_EQ(Allocations("!has(person.traits.plan) || person.traits.plan in ['gold', 'blue']"), 0u);
  EXPECT_EQ(Allocations("person.consents.offers.email == 'granted' || person.traits.age < 18"), 0u);
  EXPECT_EQ(Allocations("person.preferences.topic.shoes == true"), 0u);
}

}  // namespace
}  // namespace batuta::rule
