#include "rule/population.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "expr/print.h"
#include "population/cut_points.h"
#include "population/measures.h"
#include "rule/rule_testing.h"

namespace batuta::rule {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Vocabulary& Words() {
  static const Vocabulary words = VocabularyOf(R"(
kind: feature
name: orders_value
spec: {expression: 'events("Order Completed").sum(e, e.properties.total)'}
---
kind: trait
name: score
spec: {type: number}
---
kind: classification
name: default
spec: {restricted: [{field: traits.score, purposes: [care]}]}
---
kind: population
name: spend
spec: {feature: orders_value, every: 24h}
---
kind: population
name: score
spec: {trait: score, at: "03:00", reversed: true}
)");
  return words;
}

// Values by name, and cut points at 1, 2, …, 100 with the first ten from 91 on.
class Source : public expr::AttributeSource {
 public:
  explicit Source(std::optional<double> spend, bool is_measured = true) : spend_(spend) {
    if (!is_measured) return;
    auto version = std::make_shared<population::Version>();
    version->set_people(100);
    for (int p = 1; p <= population::kPercentiles; ++p) version->add_cuts(p);
    population::Top& top = *version->add_tops();
    top.set_n(10);
    top.set_value(91);
    top.set_people(10);
    measures_["spend"] = std::move(version);
  }

  expr::Value Read(const expr::Attribute& attribute, expr::Scratch&) const override {
    EXPECT_EQ(attribute.Name(), "feature.orders_value");
    if (spend_.has_value()) return expr::Value::Double(*spend_);
    return expr::Value::Error(expr::ErrorCode::kAbsent, "it is not there");
  }
  expr::Value Lookup(std::string_view table, std::string_view key,
                     expr::Scratch& scratch) const override {
    return population::Find(measures_, *population::PopulationOf(table), key, scratch);
  }

 private:
  std::optional<double> spend_;
  population::Measures measures_;
};

class Asked {
 public:
  explicit Asked(std::string_view text, CompileOptions options = {})
      : compiled(Compile(text, Words(), options, table_)), text_(text) {}

  Outcome Of(const Source& source) {
    expr::Activation activation(table_, source);
    return Judge(*compiled.rule, activation, evaluator_);
  }
  std::string Why(const Source& source, Language language = Language::kEnglish) {
    expr::Activation activation(table_, source);
    return LeavesText(Explain(*compiled.rule, table_, activation, evaluator_), language);
  }
  std::string Notes() const {
    std::string all;
    for (const Note& note : compiled.notes) {
      all += note.code + " " + Describe(note, text_) + "\n";
    }
    return all;
  }

 private:
  expr::AttributeTable table_;
  expr::Evaluator evaluator_{kRuleBudget};

 public:
  Compiled compiled;

 private:
  std::string text_;
};

TEST(PopulationRules, SayWhereAPersonStands) {
  Asked high(R"(percentile("spend") > 90)");
  EXPECT_EQ(high.Notes(), "");
  EXPECT_EQ(high.Of(Source(90.5)), OUTCOME_TRUE);
  EXPECT_EQ(high.Of(Source(90)), OUTCOME_FALSE);
  Asked fourth(R"(quintile("spend") == 4)");
  EXPECT_EQ(fourth.Of(Source(61)), OUTCOME_TRUE);
  EXPECT_EQ(fourth.Of(Source(80)), OUTCOME_TRUE);
  EXPECT_EQ(fourth.Of(Source(81)), OUTCOME_FALSE);
  Asked top(R"(topN("spend", 10))");
  EXPECT_EQ(top.Of(Source(91)), OUTCOME_TRUE);
  EXPECT_EQ(top.Of(Source(90.9)), OUTCOME_FALSE);
}

TEST(PopulationRules, AreUnknownOfWhomTheNumberIsNotKnownAndUntilItIsMeasured) {
  for (const char* text : {R"(percentile("spend") > 90)", R"(quintile("spend") in [1, 2])",
                           R"(topN("spend", 10))", R"(!topN("spend", 10))"}) {
    Asked rule(text);
    EXPECT_EQ(rule.Of(Source(std::nullopt)), OUTCOME_UNKNOWN) << text;
    EXPECT_EQ(rule.Of(Source(5, /*is_measured=*/false)), OUTCOME_UNKNOWN) << text;
  }
  EXPECT_EQ(Asked(R"(topN("spend", 11))").Of(Source(99)), OUTCOME_UNKNOWN)
      << "it was not measured for this number";
}

TEST(PopulationRules, AreExplained) {
  EXPECT_EQ(Asked(R"(percentile("spend") > 90)").Why(Source(82.5)),
            "the percentile of spend is 83, needs more than 90");
  EXPECT_EQ(Asked(R"(quintile("spend") == 5)").Why(Source(82.5), Language::kSpanish),
            "el quintil de spend es 5, como se necesita: 5");
  EXPECT_EQ(Asked(R"(percentile("spend") > 90)").Why(Source(1, /*is_measured=*/false)),
            "the percentile of spend is not counted yet, needs more than 90");
  EXPECT_EQ(Asked(R"(percentile("spend") > 90)").Why(Source(std::nullopt)),
            "the percentile of spend is not known, needs more than 90");
  EXPECT_THAT(Asked(R"(topN("spend", 10))").Why(Source(12)),
              HasSubstr("`topN(\"spend\", 10)` is false (orders_value is 12"));
}

TEST(PopulationRules, SayWhatTheyRead) {
  const Asked rule(R"(topN("spend", 10) && quintile("spend") > 3 && topN("spend", 500))");
  EXPECT_THAT(rule.compiled.rule->reads(), ElementsAre("feature.orders_value"));
  EXPECT_THAT(rule.compiled.rule->tables(), ElementsAre("population/spend"));
  EXPECT_THAT(rule.compiled.rule->tops(),
              ElementsAre(std::pair("spend", 10u), std::pair("spend", 500u)));
  EXPECT_EQ(expr::Print(rule.compiled.rule->written()),
            R"(topN("spend", 10) && quintile("spend") > 3 && topN("spend", 500))");
}

TEST(PopulationRules, MistakesAreToldWithTheirPlace) {
  EXPECT_EQ(Asked(R"(percentile("spent") > 90)").Notes(),
            "unknown_name 1:12: error: there is no population `spent`; did you mean `spend`?\n");
  EXPECT_THAT(Asked(R"(topN("spend", 0))").Notes(),
              HasSubstr("population 1:15: error: how many has to be written out, from 1 to"));
  EXPECT_THAT(Asked(R"(topN("spend", -3))").Notes(), HasSubstr("from 1 to"));
  EXPECT_THAT(Asked(R"(topN("spend", person.traits.n))").Notes(), HasSubstr("from 1 to"));
  EXPECT_THAT(Asked(R"(topN("spend"))").Notes(),
              HasSubstr("the name of a population and a number"));
  EXPECT_THAT(Asked(R"(percentile("spend", 3.0) > 90)").Notes(),
              HasSubstr("`percentile` takes the name of a population"));
  EXPECT_THAT(Asked(R"(percentile(person.traits.which) > 90)").Notes(),
              HasSubstr("the name of the population has to be written out"));
  EXPECT_THAT(Asked(R"(quintile("spend"))").Notes(), HasSubstr("a rule is true or false"));
  EXPECT_THAT(Asked(R"(percentile("spend") > "90")").Notes(), HasSubstr("type 1:"));
  EXPECT_THAT(Asked(R"(percentile("spend") > 90)", {.site = Site::kStatement}).Notes(),
              HasSubstr("reserved"));
}

// Who asks where somebody stands reads the number.
TEST(PopulationRules, MayReadNoMoreThanOtherRules) {
  EXPECT_THAT(Asked(R"(percentile("score") > 90)").Notes(),
              HasSubstr("purpose 1:1: error: `person.traits.score` is kept for the purpose care"));
  EXPECT_EQ(Asked(R"(percentile("score") > 90)", {.purpose = "care"}).Notes(), "");
}

}  // namespace
}  // namespace batuta::rule
