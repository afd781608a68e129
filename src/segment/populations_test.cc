#include "segment/populations.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "segment/segment_testing.h"

namespace batuta::segment {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kWords = R"(
{kind: trait, name: score, spec: {type: number}}
---
{kind: trait, name: plan, spec: {type: text}}
---
{kind: trait, name: address, spec: {type: object}}
---
{kind: classification, name: default, spec: {sealed: [traits.weight]}}
---
{kind: feature, name: orders, spec: {expression: 'events("Order Completed").count()'}}
---
{kind: feature, name: last_order, spec: {expression: 'events("Order Completed").last()'}}
---
)";

std::string Text(std::string_view name, std::string_view spec) {
  return base::StrCat("---\n{kind: population, name: ", name, ", spec: {every: 24h, ", spec,
                      "}}\n");
}

Company With(std::string_view resources) { return Company(base::StrCat(kWords, resources)); }

std::optional<double> Read(const Company& company, std::string_view name, std::string_view traits) {
  PopulationReader reader(company.populations, company.Meaning());
  const profile::Profile profile = PersonWith(company.rules, traits);
  return reader.Read(*company.populations->Find(name), {.profile = profile, .now = {2'000'000}});
}

TEST(Populations, ReadTheNumberOfWhoCounts) {
  const Company company =
      With(Text("score", "trait: score") + Text("floor", "trait: address.floor") +
           Text("orders", "feature: orders") +
           Text("gold", "trait: score, where: 'person.traits.plan == \"gold\"'"));
  EXPECT_EQ(company.Problems(), "");
  EXPECT_EQ(Read(company, "score", R"({"score": 7.5})"), 7.5);
  EXPECT_EQ(Read(company, "score", R"({"score": "high"})"), std::nullopt);
  EXPECT_EQ(Read(company, "score", "{}"), std::nullopt);
  EXPECT_EQ(Read(company, "floor", R"({"address": {"floor": -1}})"), -1);
  EXPECT_EQ(Read(company, "orders", "{}"), 0) << "who did nothing has no orders";
  EXPECT_EQ(Read(company, "gold", R"({"score": 3, "plan": "gold"})"), 3);
  EXPECT_EQ(Read(company, "gold", R"({"score": 3, "plan": "basic"})"), std::nullopt);
  EXPECT_EQ(Read(company, "gold", R"({"score": 3})"), std::nullopt);
}

TEST(Populations, KnowWhatSegmentsAskThemFor) {
  const Company company =
      With(Text("score", "trait: score") + Text("orders", "feature: orders") +
           "---\n{kind: segment, name: best, spec: {rule: 'topN(\"score\", 50) || topN(\"score\", "
           "9)'}}\n"
           "---\n{kind: segment, name: all, spec: {rule: 'quintile(\"orders\") > 2'}}\n");
  EXPECT_EQ(company.Problems(), "");
  EXPECT_THAT(company.populations->Find("score")->tops, ElementsAre(9, 50));
  EXPECT_THAT(company.populations->Find("orders")->tops, ElementsAre());
  EXPECT_EQ(company.populations->Find("orders")->features.size(), 1u);
  EXPECT_THAT(company.segments->OfTable("population/score"),
              ElementsAre(static_cast<uint32_t>(company.segments->Find("best") -
                                                company.segments->all().data())));
  EXPECT_EQ(company.segments->Find("all")->features, company.populations->Find("orders")->features)
      << "a segment follows the number, too";
}

TEST(Populations, MistakesAreTold) {
  const auto problems = [](std::string_view spec) { return With(Text("p", spec)).Problems(); };
  EXPECT_THAT(problems("feature: last_order"), HasSubstr("the feature last_order is a timestamp"));
  EXPECT_THAT(problems("trait: plan"), HasSubstr("the trait plan is a text"));
  EXPECT_THAT(problems("trait: weight"), HasSubstr("sealed"));
  EXPECT_THAT(problems("trait: email"), HasSubstr("sealed"));
  EXPECT_THAT(Company("{kind: population, name: p, spec: {trait: n, at: \"03:00\", zone: "
                      "Europe/Madird}}\n")
                  .Problems(),
              HasSubstr("there is no time zone Europe/Madird"));
  EXPECT_THAT(problems("trait: score, where: 'person.traits.pln == 3'"), HasSubstr("/spec/where"));
  EXPECT_THAT(problems("trait: score, where: 'quintile(\"p\") > 1'"),
              HasSubstr("not by segments, rows of tables or other populations"));
}

// What cut points mean is what they are of, not when they are measured nor what they are called.
TEST(Populations, MeaningsDifferWithWhatIsMeasured) {
  const auto meaning = [](std::string_view spec) {
    return With(Text("p", spec)).populations->Find("p")->meaning;
  };
  EXPECT_EQ(meaning("trait: score"), meaning("trait: score, title: Points"));
  EXPECT_NE(meaning("trait: score"), meaning("trait: score, reversed: true"));
  EXPECT_NE(meaning("trait: score"), meaning("trait: other"));
  const std::string_view both =
      "trait: score, where: 'feature.orders > 0 && has(feature.last_order)'";
  const std::string other =
      Text("a", "trait: score, where: 'has(feature.last_order)'") + Text("p", both);
  EXPECT_EQ(meaning(both), With(other).populations->Find("p")->meaning)
      << "what others read is no part of it";
  EXPECT_NE(meaning("trait: score"),
            meaning("trait: score, where: 'person.traits.plan == \"gold\"'"));
  const std::string orders = Text("p", "feature: orders");
  const uint64_t before = With(orders).populations->Find("p")->meaning;
  const std::string changed = base::StrCat(
      "{kind: feature, name: orders, spec: {expression: 'events(\"Paid\").count()'}}\n", orders);
  EXPECT_NE(Company(changed).populations->Find("p")->meaning, before);
}

}  // namespace
}  // namespace batuta::segment
