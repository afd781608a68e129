#include "feature/catalogue.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "resource/check.h"
#include "resource/every_field.h"
#include "resource/kind.h"
#include "resource/yaml.h"

namespace batuta::feature {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class NoTraits : public TraitSource {
 public:
  const base::Value* Find(std::string_view) const override { return nullptr; }
};

struct Compiled {
  std::shared_ptr<const Catalogue> catalogue;
  std::vector<std::string> problems;
};

Compiled Compile(std::string_view yaml) {
  resource::ParsedDocuments parsed =
      resource::ParseDocuments(yaml, "features.yaml", resource::Format::kYaml);
  const resource::Change change{.documents = parsed.documents, .removals = {}};
  EXPECT_FALSE(resource::HasError(resource::Check({}, change)))
      << resource::ToText(resource::Check({}, change));
  std::vector<resource::Problem> problems;
  Compiled compiled;
  compiled.catalogue = Catalogue::Compile(
      resource::ResourceSet().After(change, {"ana", base::Time{1}}), {}, problems);
  for (const resource::Problem& problem : problems) {
    compiled.problems.push_back(resource::ToText(problem));
  }
  return compiled;
}

TEST(FeatureCatalogue, EveryFieldArrives) {
  const Compiled compiled = Compile(resource::kEveryField);
  EXPECT_THAT(compiled.problems, IsEmpty());
  const NamedFeature* orders = compiled.catalogue->Find("orders_90d");
  ASSERT_NE(orders, nullptr);
  EXPECT_EQ(orders->title, "Orders in 90 days");
  EXPECT_EQ(orders->unit, "orders");
  EXPECT_EQ(orders->description, "Loyalty.");
  EXPECT_EQ(orders->type.Name(), "int");
  EXPECT_EQ(compiled.catalogue->zone().name(), "Europe/Madrid");
}

TEST(FeatureCatalogue, AFeatureIsAnExpressionOverAggregatesThatOthersShare) {
  const Compiled compiled = Compile(R"(
kind: feature
name: average
spec:
  type: number
  expression: events("A").within("1d").sum(e, e.properties.x) / double(events("A").within("24h").count())
---
kind: feature
name: some
spec: {type: boolean, expression: 'events("A").within("86400s").count() > 0'}
)");
  EXPECT_THAT(compiled.problems, IsEmpty());
  EXPECT_THAT(compiled.catalogue->set()->features(), SizeIs(2));
  FeatureFold fold(compiled.catalogue->set());
  PersonFeatures person;
  const base::Time now{1'700'000'000'000'000};
  for (const double x : {1.0, 2.0}) {
    base::Fields properties;
    base::Field& field = *properties.add_fields();
    field.set_name("x");
    field.mutable_value()->set_number(x);
    fold.Apply(
        {.name = "A", .time = now, .identity = static_cast<uint64_t>(x), .properties = &properties},
        now, person);
  }
  CatalogueReader reader(compiled.catalogue);
  const Moment moment{now, absl::UTCTimeZone()};
  EXPECT_EQ(
      reader.Read(*compiled.catalogue->Find("average"), person, moment, NoTraits()).AsDouble(),
      1.5);
  EXPECT_TRUE(reader.Read(*compiled.catalogue->Find("some"), person, moment, NoTraits()).IsTrue());
  const PersonFeatures nobody;
  EXPECT_TRUE(reader.Read(*compiled.catalogue->Find("some"), nobody, moment, NoTraits()).IsFalse());
}

TEST(FeatureCatalogue, BuiltinsNeedNoExpression) {
  const Compiled compiled = Compile(
      "kind: feature\nname: recency\nspec: {}\n---\nkind: feature\nname: engagement_score\nspec: "
      "{unit: stars}\n");
  EXPECT_THAT(compiled.problems, IsEmpty());
  EXPECT_EQ(compiled.catalogue->Find("recency")->unit, "days");
  EXPECT_EQ(compiled.catalogue->Find("engagement_score")->unit, "stars");
  EXPECT_EQ(compiled.catalogue->Find("engagement_score")->type.Name(), "double ±2.2%");
}

TEST(FeatureCatalogue, SaysWhatIsWrongAndWhereAndKeepsTheRest) {
  const Compiled compiled = Compile(R"(
{kind: feature, name: a, spec: {expression: 'events("A").cuont()'}}
---
{kind: feature, name: b, spec: {}}
---
{kind: feature, name: c, spec: {type: text, expression: 'events("A").count()'}}
---
{kind: feature, name: d, spec: {expression: '1 + 1'}}
---
{kind: feature, name: e, spec: {expression: 'events("A").count() + person.traits.x'}}
---
{kind: feature, name: f_0123456789abcdef, spec: {expression: 'events("A").count()'}}
---
{kind: feature, name: f-g, spec: {expression: 'events("A").count()'}}
---
{kind: feature, name: h, spec: {expression: 'events("A").count()'}}
)");
  EXPECT_THAT(
      compiled.problems,
      ElementsAre(
          HasSubstr("feature a /spec/expression: error: 1:13: events have no `cuont`; did you "
                    "mean `count`?"),
          HasSubstr("feature b /spec/expression: error: \"expression\" is missing"),
          HasSubstr("feature c /spec/type: error: the expression gives int, not text"),
          HasSubstr("feature d /spec/expression: error: the expression has no aggregate"),
          HasSubstr("feature e /spec/expression: error: 1:23: there is no variable `person`"),
          HasSubstr("feature f-g /name: error: the name of a feature"),
          HasSubstr("feature f_0123456789abcdef /name: error: the name of a feature")));
  ASSERT_THAT(compiled.catalogue->named(), SizeIs(1));
  EXPECT_EQ(compiled.catalogue->named()[0].name, "h");
}

}  // namespace
}  // namespace batuta::feature
