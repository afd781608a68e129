// Rules on what people did: aggregates over events, features by name, segments.
#include <gtest/gtest.h>

#include "feature/spec.h"
#include "rule/behaviour_testing.h"

namespace batuta::rule {
namespace {

constexpr std::string_view kShop = R"(
kind: feature
name: orders_90d
spec: {expression: 'events("Order Completed").within("90d").count()'}
---
kind: feature
name: mean_item
spec:
  expression: events("Order Completed").sum(e, e.properties.total) / events("Order Completed").sum(e, e.properties.items)
---
kind: feature
name: care_calls
spec: {expression: 'events("Call").where(e, e.properties.topic == "care").count()'}
---
kind: segment
name: vip
spec: {rule: 'feature.orders_90d >= 3'}
---
kind: classification
name: default
spec:
  sealed: [properties.nickname]
  restricted: [{field: properties.topic, purposes: [care]}]
)";

constexpr std::string_view kOrders = R"(events("Order Completed").within("90d").count())";

// Two orders in 90 days, one before.
Doer Shopper() {
  Doer doer(kShop);
  doer.Did(R"({"event": "Order Completed", "time": "2026-03-14T10:00:00Z",
               "properties": {"total": 600.0, "items": 2.0}})");
  doer.Did(R"({"event": "Order Completed", "time": "2026-02-01T10:00:00Z",
               "properties": {"total": 100.0, "items": 3.0}})");
  doer.Did(R"({"event": "Order Completed", "time": "2025-06-01T10:00:00Z",
               "properties": {"total": 50.0, "items": 1.0}})");
  return doer;
}

TEST(Behaviour, AggregatesAreConditionsLikeOthers) {
  const Doer doer = Shopper();
  EXPECT_EQ(doer.Ask(std::string(kOrders) + " == 2"), OUTCOME_TRUE);
  EXPECT_EQ(doer.Ask(std::string(kOrders) + " >= 3"), OUTCOME_FALSE);
  EXPECT_EQ(doer.Ask(R"(events("Order Completed").count() == 3 &&
                        events("Order Completed").where(e, e.properties.total > 500.0).exists())"),
            OUTCOME_TRUE);
  EXPECT_EQ(doer.Ask(R"(now - events("Order Completed").last() < duration("48h"))"), OUTCOME_TRUE);
  EXPECT_EQ(doer.Ask(R"(events("Viewed").days_since() < 3)"), OUTCOME_UNKNOWN);
}

TEST(Behaviour, FeaturesAreReadByTheirNames) {
  const Doer doer = Shopper();
  EXPECT_EQ(doer.Ask("feature.orders_90d == 2"), OUTCOME_TRUE);
  EXPECT_EQ(doer.Ask("feature.mean_item == 125.0"), OUTCOME_TRUE);
  EXPECT_EQ(doer.Notes("feature.orders_91d > 2"),
            "1:9: error: `feature` has no field `orders_91d`; did you mean `orders_90d`?\n");
  EXPECT_NE(doer.Notes("feature.orders_90d == 'two'"), "");
  EXPECT_NE(doer.Notes("person.features.recency > 2").find("did you mean `feature.recency`?"),
            std::string::npos);
}

TEST(Behaviour, TheLeafSaysWhatThePersonDidAndWhatItNeeds) {
  const Doer doer = Shopper();
  EXPECT_EQ(LeavesText(doer.Why(std::string(kOrders) + " >= 3"), Language::kEnglish),
            R"(events("Order Completed").within("90d").count() is 2, needs at least 3)");
  EXPECT_EQ(LeavesText(doer.Why("feature.orders_90d >= 3"), Language::kEnglish),
            "orders_90d is 2, needs at least 3");
  const std::vector<Leaf> leaves =
      doer.Why(R"(events("Viewed").where(x, x.properties.sku == 'a').last() > now)");
  ASSERT_EQ(leaves.size(), 1u);
  EXPECT_EQ(leaves[0].outcome(), OUTCOME_UNKNOWN);
  EXPECT_EQ(leaves[0].text(), R"(events("Viewed").where(x, x.properties.sku == "a").last() > now)");
}

TEST(Behaviour, WhatIsNotFoundYetIsUnknownAndSaidSo) {
  Doer doer = Shopper();
  doer.Misses({feature::NumberOf(*feature::ParseSpec(kOrders).spec)});
  EXPECT_EQ(doer.Ask(std::string(kOrders) + " == 2"), OUTCOME_UNKNOWN);
  EXPECT_EQ(doer.Ask("has(feature.orders_90d)"), OUTCOME_UNKNOWN);
  EXPECT_EQ(doer.Ask("feature.mean_item == 125.0"), OUTCOME_TRUE);
  const std::vector<Leaf> leaves = doer.Why("feature.orders_90d >= 3");
  EXPECT_EQ(LeavesText(leaves, Language::kEnglish),
            "orders_90d is not counted yet, needs at least 3");
  EXPECT_EQ(SeenOf("feature.orders_90d", ValueOf(leaves[0].seen(0))).reading(), UNCOUNTED);
}

TEST(Behaviour, MistakesInAggregatesHaveTheirPlace) {
  const Doer doer(kShop);
  EXPECT_EQ(doer.Notes("person.traits.a == 1 ||\n  events(\"X\").within(\"90x\").count() > 1")
                .substr(0, 12),
            "2:22: error:");
  EXPECT_EQ(doer.Notes("events(\"X\").counts() > 1"),
            "1:13: error: events have no `counts`; did you mean `count`?\n");
  EXPECT_NE(doer.Notes("events(\"X\").count() > 'a'"), "");
  EXPECT_NE(doer.Notes("events(\"X\").count()").find("a rule is true or false"), std::string::npos);
}

TEST(Behaviour, SealedFieldsOfEventsAreNotComparedNorThoseOfOtherPurposes) {
  const Doer doer(kShop);
  const std::string notes =
      doer.Notes("events(\"X\").where(o, o.properties.nickname == \"Bo\").count() > 1");
  EXPECT_EQ(notes.substr(0, 12), "1:35: error:");
  EXPECT_NE(notes.find("`e.properties.nickname` is personal and kept sealed"), std::string::npos);
  EXPECT_NE(doer.Notes("events(\"X\").each(e.properties.lines).sum(p, p.email) > 1.0"), "");
  EXPECT_NE(doer.Notes("days_until(person.traits.birthday) < 3").find("sealed"), std::string::npos);
  EXPECT_NE(doer.Notes("events(\"X\").where(o, o.properties.email == \"a\").exists()")
                .find("`e.properties.email_domain` is derived of it"),
            std::string::npos);
  const std::string_view calls = "events(\"Call\").where(e, e.properties.topic == \"x\").exists()";
  EXPECT_NE(doer.Notes(calls).find("is kept for the purpose care"), std::string::npos);
  EXPECT_EQ(doer.Notes(calls, {.purpose = "care"}), "");
  for (const std::string_view all :
       {"events(\"Call\").where(e, e.properties[\"to\" + \"pic\"] == \"x\").exists()",
        "events(\"Call\").where(e, cel.bind(q, e.properties, q.topic == \"x\")).exists()",
        "events(\"Call\").where(e, e.properties.exists(k, k == \"topic\")).exists()"}) {
    EXPECT_NE(doer.Notes(all).find("name the field, as in `e.properties.total`"), std::string::npos)
        << all << doer.Notes(all);
  }
  EXPECT_NE(doer.Notes("feature.care_calls > 1").find("is kept for the purpose care"),
            std::string::npos);
  EXPECT_EQ(doer.Notes("feature.care_calls > 1", {.purpose = "care"}), "");
}

TEST(Behaviour, TheSameAggregateIsOneFeature) {
  const Doer doer(kShop);
  expr::AttributeTable table;
  const Compiled compiled =
      Compile(R"(events("A").where(x, x.properties.a > 1 && x.properties.b > 1).count() > 1 ||
                 events("A").where(y, y.properties.b > 1.0 && y.properties.a > 1.0).count() < 9)",
              Vocabulary(), {}, table);
  ASSERT_NE(compiled.rule, nullptr);
  EXPECT_EQ(compiled.rule->aggregates().size(), 1u);
  EXPECT_EQ(compiled.rule->reads().size(), 1u);
  EXPECT_EQ(table.size(), 1u);
}

TEST(Behaviour, SegmentsAreAskedByTheirNames) {
  Doer doer(kShop);
  EXPECT_EQ(doer.Ask("'vip' in person.segments"), OUTCOME_FALSE);
  doer.IsIn({"other", "vip"});
  EXPECT_EQ(doer.Ask("'vip' in person.segments"), OUTCOME_TRUE);
  EXPECT_EQ(doer.Notes("'vips' in person.segments"),
            "1:1: error: there is no segment `vips`; did you mean `vip`?\n");
  EXPECT_NE(doer.Notes("person.segments.size() > 2").find("whether the person is in one"),
            std::string::npos);
}

TEST(Behaviour, OfAStatementOnlyTheStatementIsSeen) {
  EXPECT_NE(Doer()
                .Notes("events(\"X\").exists()", {.site = Site::kStatement})
                .find("sees the statement alone"),
            std::string::npos);
}

TEST(Behaviour, ConditionsThatContradictEachOtherAreTold) {
  EXPECT_NE(Doer(kShop).Notes("feature.orders_90d > 3 && feature.orders_90d < 2").find("nobody"),
            std::string::npos);
}

}  // namespace
}  // namespace batuta::rule
