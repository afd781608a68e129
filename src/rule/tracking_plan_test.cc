// Rules held against the tracking plan: the events and properties that resources declare.
#include <gtest/gtest.h>

#include <string>

#include "base/text.h"
#include "feature/catalogue.h"
#include "rule/rule_testing.h"

namespace batuta::rule {
namespace {

constexpr std::string_view kPlan = R"(
kind: event
name: order-completed
spec:
  event: Order Completed
  properties:
    - {name: total, type: number}
    - {name: currency, type: text}
    - {name: gift, type: boolean}
    - {name: due, type: time}
    - {name: products, type: list}
    - {name: shipping, type: object}
    - {name: note}
---
kind: event
name: visit
spec: {open: true, properties: [{name: page, type: text}]}
)";

const Vocabulary& Words() {
  static const Vocabulary words = VocabularyOf(kPlan);
  return words;
}

std::string NotesOf(std::string_view text, CompileOptions options = {.site = Site::kSegment}) {
  const AskedRule rule(text, options, Words());
  return rule.Notes(text);
}

TEST(TrackingPlan, WhatIsDeclaredHasItsType) {
  for (const char* rule :
       {R"(events("Order Completed").where(e, e.properties.total > 500).count() > 1)",
        R"(events("Order Completed").where(e, e.properties.gift).exists())",
        R"(events("Order Completed").sum(e, e.properties.total) > 100.0)",
        R"(events("Order Completed").where(e, e.properties.currency.startsWith("E")).exists())",
        R"(events("Order Completed").where(e, timestamp(e.properties.due) > e.time).exists())",
        R"(events("Order Completed").each(e.properties.products).where(p, p.price > 3).exists())",
        R"(events("Order Completed").where(e, e.properties.shipping.city == "x").exists())",
        R"(events("Order Completed").where(e, e.properties.note == 3).exists())",
        R"(events("Order Completed").where(e, has(e.properties.gift)).exists())"}) {
    EXPECT_EQ(NotesOf(rule), "") << rule;
  }
  for (const char* rule :
       {R"(events("Order Completed").where(e, e.properties.total == "much").exists())",
        R"(events("Order Completed").where(e, e.properties.currency).exists())",
        R"(events("Order Completed").where(e, e.properties.due > e.time).exists())",
        R"(events("Order Completed").sum(e, e.properties.currency) > 1.0)",
        R"(events("Order Completed").where(e, e.properties.gift > 2).exists())"}) {
    EXPECT_NE(NotesOf(rule).find("error: "), std::string::npos) << rule;
  }
}

TEST(TrackingPlan, OtherPropertiesAreReadOfOpenEventsAlone) {
  EXPECT_EQ(NotesOf(R"(events("Order Completed").sum(e, e.properties.totl) > 1.0)"),
            "1:47: error: `Order Completed` has no field `totl`; did you mean `total`?\n");
  EXPECT_EQ(NotesOf(R"(events("visit").where(e, e.properties.anything == 3).exists())"), "");
  EXPECT_NE(NotesOf(R"(events("visit").where(e, e.properties.page > 3).exists())"), "");
  // Of several events at once, and of those that are not declared, anything may be read.
  EXPECT_EQ(NotesOf(R"(events("Order Completed", "visit").where(e, e.properties.x == 1).exists())"),
            "");
  EXPECT_EQ(NotesOf(R"(events("Subscribed").where(e, e.properties.x == 1).exists())"), "");
}

TEST(TrackingPlan, ANameThatIsNearlyADeclaredOneIsAWarning) {
  EXPECT_EQ(NotesOf(R"(events("X", "Order Complted").exists())"),
            "1:13: warning: no event \"Order Complted\" is declared; did you mean `Order "
            "Completed`?\n");
  EXPECT_EQ(
      NotesOf(R"(events("visit").not_followed_by("Order Competed", "1h").exists())").substr(0, 45),
      "1:33: warning: no event \"Order Competed\" is d");
  EXPECT_EQ(NotesOf(R"(events("Subscribed").exists())"), "");
}

TEST(TrackingPlan, StepsOfSequencesHaveTypesOfTheirOwn) {
  EXPECT_EQ(
      NotesOf(R"(sequence("1h", step(a, "visit"), step(b, "Order Completed", )"
              R"(b.properties.total > 5 && b.properties.note == a.properties.any)).exists())"),
      "");
  EXPECT_NE(NotesOf(R"(sequence("1h", step(a, "visit"), step(b, "Order Completed", )"
                    R"(b.properties.any == 5)).exists())")
                .find("`Order Completed` has no field `any`"),
            std::string::npos);
}

TEST(TrackingPlan, TheEventOfAnOutcomeHasItsType) {
  const CompileOptions order = {.site = Site::kOutcome, .event = "Order Completed"};
  EXPECT_EQ(NotesOf("event.properties.total > 5", order), "");
  EXPECT_EQ(NotesOf("event.properties.totl > 5", order),
            "1:18: error: `Order Completed` has no field `totl`; did you mean `total`?\n");
  EXPECT_EQ(NotesOf("event.properties.totl > 5", {.site = Site::kOutcome}), "");
  EXPECT_EQ(NotesOf("event.properties.x > 5", {.site = Site::kOutcome, .event = "Other"}), "");
}

TEST(TrackingPlan, FeaturesAreHeldAgainstItToo) {
  auto parsed =
      resource::ParseDocuments(std::string(kPlan.substr(0, kPlan.find("---"))) +
                                   "---\n{kind: feature, name: spent, spec: {expression: "
                                   "'events(\"Order Completed\").sum(e, e.properties.sum)'}}",
                               "a.yaml", resource::Format::kYaml);
  resource::Change change;
  change.documents = std::move(parsed.documents);
  std::vector<resource::Problem> problems;
  feature::Catalogue::Compile(resource::ResourceSet().After(change, {}), {}, problems);
  EXPECT_NE(resource::ToText(problems).find("`Order Completed` has no field `sum`"),
            std::string::npos);
}

}  // namespace
}  // namespace batuta::rule
