#include "segment/segments.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "feature/spec.h"
#include "segment/segment_testing.h"

namespace batuta::segment {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string SegmentText(std::string_view name, std::string_view rule) {
  return base::StrCat("kind: segment\nname: ", name, "\nspec: {rule: '", rule, "'}\n---\n");
}

uint64_t IdOf(const Company& company, std::string_view name) {
  const Segment* segment = company.segments->Find(name);
  return segment == nullptr ? 0 : segment->id;
}

TEST(Segments, StandAfterThoseThatTheyAskFor) {
  const Company company(SegmentText("a", R"("b" in person.segments && "c" in person.segments)") +
                        SegmentText("b", R"(!("c" in person.segments))") +
                        SegmentText("c", "person.traits.plan == \"gold\""));
  EXPECT_EQ(company.Problems(), "");
  std::vector<std::string> names;
  for (const Segment& segment : company.segments->all()) names.push_back(segment.name);
  EXPECT_THAT(names, ElementsAre("c", "b", "a"));
  EXPECT_THAT(company.segments->Find("a")->needs, ElementsAre(1, 0));
  EXPECT_THAT(company.segments->Find("c")->users, ElementsAre(1, 2));
}

TEST(Segments, TellsCirclesAndNamesThatAreNotThere) {
  const Company circle(SegmentText("a", R"("b" in person.segments)") +
                       SegmentText("b", R"("a" in person.segments)"));
  EXPECT_THAT(circle.Problems(), HasSubstr("in a circle: a → b → a"));
  EXPECT_THAT(circle.segments->all(), IsEmpty());
  const Company unknown(SegmentText("gold", "person.traits.plan == \"gold\"") +
                        SegmentText("a", R"("gald" in person.segments)") +
                        SegmentText("b", R"("a" in person.segments)"));
  EXPECT_THAT(unknown.Problems(), HasSubstr("no segment `gald`; did you mean `gold`?"));
  ASSERT_EQ(unknown.segments->all().size(), 1U);
}

TEST(Segments, OtherUsesOfTheListOfSegmentsAreRefused) {
  const Company company(SegmentText("a", "person.segments.size() > 2"));
  EXPECT_THAT(company.Problems(), HasSubstr("`\"gold\" in person.segments`"));
}

TEST(Segments, MistakesInRulesHaveTheirPlace) {
  const Company company(SegmentText("a", "persn.traits.plan == \"gold\""));
  ASSERT_EQ(company.problems.size(), 1U);
  EXPECT_EQ(company.problems[0].pointer, "/spec/rule");
  EXPECT_EQ(company.problems[0].inside.line, 1);
  EXPECT_EQ(company.problems[0].inside.column, 1);
  EXPECT_EQ(company.problems[0].message, "there is no variable `persn`; did you mean `person`?");
}

TEST(Segments, WhatOthersReadIsNoPartOfTheMeaning) {
  const std::string features =
      "---\nkind: feature\nname: x\nspec: {expression: 'events(\"X\").count()'}\n"
      "---\nkind: feature\nname: y\nspec: {expression: 'events(\"Y\").count()'}\n";
  const std::string both = SegmentText("m", "feature.x > 1 && feature.y > 1");
  const std::string other = "---\n" + SegmentText("a", "feature.y > 3");
  EXPECT_EQ(IdOf(Company(both + features), "m"), IdOf(Company(both + features + other), "m"));
}

TEST(Segments, AnotherMeaningIsAnotherId) {
  const std::string rule = "person.traits.plan == \"gold\"";
  const uint64_t id = IdOf(Company(SegmentText("a", rule)), "a");
  EXPECT_NE(id, 0U);
  EXPECT_EQ(IdOf(Company(SegmentText("a", "person.traits.plan   ==  \"gold\"")), "a"), id);
  EXPECT_EQ(IdOf(Company("kind: segment\nname: a\nspec: {title: Gold, rule: 'person.traits.plan == "
                         "\"gold\"'}\n"),
                 "a"),
            id);
  EXPECT_NE(IdOf(Company(SegmentText("a", "person.traits.plan == \"silver\"")), "a"), id);
  EXPECT_NE(IdOf(Company(SegmentText("b", rule)), "b"), id);
  const std::string first = "---\nkind: trait\nname: plan\nspec: {survivorship: first}\n";
  EXPECT_NE(IdOf(Company(SegmentText("a", rule) + first), "a"), id);
  const std::string other = "---\nkind: trait\nname: tier\nspec: {survivorship: first}\n";
  EXPECT_EQ(IdOf(Company(SegmentText("a", rule) + other), "a"), id);
}

TEST(Segments, TheMeaningOfASegmentThatIsAskedForIsPartOfTheMeaning) {
  const std::string user = SegmentText("user", R"("a" in person.segments)");
  EXPECT_NE(IdOf(Company(user + SegmentText("a", "person.traits.x == 1.0")), "user"),
            IdOf(Company(user + SegmentText("a", "person.traits.x == 2.0")), "user"));
}

TEST(Segments, KnowsWhomAChangeConcerns) {
  const Company company(
      SegmentText("a", "person.traits.plan == \"gold\" && person.traits.car.brand == \"x\"") +
      SegmentText("b", "\"email\" in person.identifiers") +
      SegmentText("c", "person.consents.offers.email == \"granted\"") +
      SegmentText("d",
                  "now - person.lastSeen > duration(\"720h\") || person.traits.plan == \"x\""));
  EXPECT_EQ(company.Problems(), "");
  EXPECT_THAT(company.segments->OfTrait("plan"), ElementsAre(0, 3));
  EXPECT_THAT(company.segments->OfTrait("car"), ElementsAre(0));
  EXPECT_THAT(company.segments->OfTrait("other"), IsEmpty());
  EXPECT_THAT(company.segments->OfFacet(Facet::kIdentifiers), ElementsAre(1));
  EXPECT_THAT(company.segments->OfFacet(Facet::kConsents), ElementsAre(2));
  EXPECT_THAT(company.segments->OfFacet(Facet::kSeen), ElementsAre(3));
  EXPECT_THAT(company.segments->WithTurns(), ElementsAre(3));
}

uint64_t NumberOf(std::string_view aggregate) {
  return feature::NumberOf(*feature::ParseSpec(aggregate).spec);
}

std::string FeatureText(std::string_view expression) {
  return base::StrCat("kind: feature\nname: bought\nspec: {expression: '", expression, "'}\n---\n");
}

TEST(Segments, KnowWhomAChangeOfAFeatureConcerns) {
  const Company company(
      SegmentText("a", "feature.bought > 2") +
      SegmentText("b", R"(events("Bought").count() > 3 && events("Seen").today().exists())") +
      SegmentText("c", "days_until(person.traits.car.renewal) < 3") +
      FeatureText(R"(events("Bought").count())"));
  ASSERT_EQ(company.Problems(), "");
  const segment::Segments& segments = *company.segments;
  EXPECT_THAT(segments.OfFeature(NumberOf(R"(events("Bought").count())")), ElementsAre(0, 1));
  EXPECT_THAT(segments.OfFeature(NumberOf(R"(events("Seen").today().exists())")), ElementsAre(1));
  EXPECT_THAT(segments.OfFeature(7), IsEmpty());
  EXPECT_THAT(segments.WithFeatures(), ElementsAre(0, 1, 2));
  EXPECT_THAT(segments.OfTrait("car"), ElementsAre(2));
  EXPECT_THAT(segments.OfTrait("timezone"), ElementsAre(1, 2));
  EXPECT_EQ(segments.all()[1].features.size(), 2U);
  // Of those that are shared with names there is one.
  EXPECT_EQ(company.features->set()->features().size(), 3U);
}

TEST(Segments, WhatAFeatureMeansIsPartOfTheMeaning) {
  const auto id_of = [](std::string_view rule, std::string_view expression,
                        const std::string& hub = "") {
    return IdOf(Company(SegmentText("a", rule) + FeatureText(expression) + hub), "a");
  };
  constexpr std::string_view kAll = R"(events("Bought").count())";
  constexpr std::string_view kSome = R"(events("Bought").where(o, o.properties.total > 3).count())";
  EXPECT_NE(id_of("feature.bought > 2", kAll), id_of("feature.bought > 2", kSome));
  EXPECT_EQ(id_of("true || feature.bought > 2", kSome),
            id_of("true || feature.bought > 2",
                  R"(events("Bought").where(x, x.properties.total > 3.0).count())"));
  EXPECT_EQ(id_of(R"(events("X").where(o, o.properties.a == "b").exists())", kAll),
            id_of(R"(events("X").where(e, e.properties.a == "b").exists())", kSome));
  const std::string madrid =
      "kind: hub\nname: default\nspec: {currency: EUR, timeZone: Europe/Madrid}\n";
  EXPECT_EQ(id_of("feature.bought > 2", kAll), id_of("feature.bought > 2", kAll, madrid));
  EXPECT_NE(id_of(R"(events("X").today().exists())", kAll),
            id_of(R"(events("X").today().exists())", kAll, madrid));
}

}  // namespace
}  // namespace batuta::segment
