#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "base/value.h"
#include "expr/value_json.h"
#include "resource/yaml.h"
#include "rule/compile.h"
#include "rule/explain.h"
#include "table/rows.h"

namespace batuta::rule {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kTables = R"(
kind: table
name: products
spec:
  key: sku
  columns: [{name: sku}, {name: margin, type: number}, {name: stock, type: integer}, {name: active, type: boolean},
            {name: since, type: time}]
---
kind: table
name: branches
spec: {key: number, columns: [{name: number, type: integer}, {name: city}]}
)";

constexpr std::string_view kProducts =
    "sku,margin,stock,active,since\n"
    "A1,0.5,12,true,2026-01-31\n"
    "B2,,0,false,\n";

resource::ResourceSet Resources() {
  resource::Change change;
  change.documents = resource::ParseDocuments(kTables, "", resource::Format::kYaml).documents;
  return resource::ResourceSet().After(change, {});
}

std::shared_ptr<const table::Content> ContentOf(std::string_view name, std::string_view csv) {
  const resource::ResourceSet resources = Resources();
  table::Rows rows = table::ReadRows(csv, table::Declaration::Of(*resources.Find("table", name)));
  return *table::Content::Make(rows.head, rows.parts);
}

class Source : public expr::AttributeSource {
 public:
  table::Tables tables = {{"products", ContentOf("products", kProducts)},
                          {"branches", ContentOf("branches", "number,city\n7,Puebla\n")}};
  base::Value bought = base::TextValue("A1");
  mutable int asked = 0;

  expr::Value Read(const expr::Attribute&, expr::Scratch&) const override {
    return expr::Value::OfJson(bought);
  }
  expr::Value Lookup(std::string_view table, std::string_view key,
                     expr::Scratch& scratch) const override {
    ++asked;
    return table::Lookup(tables, table, key, scratch);
  }
};

class Lookup : public testing::Test {
 protected:
  Compiled CompileRule(std::string_view text, Site site = Site::kDecision) {
    return Compile(text, vocabulary_, {.site = site}, attributes_);
  }
  std::string Ask(std::string_view text) {
    const Compiled compiled = CompileRule(text);
    if (compiled.rule == nullptr) return Describe(compiled.notes.at(0), text);
    expr::Activation activation(attributes_, source_);
    expr::Evaluator evaluator(kRuleBudget);
    return std::string(OutcomeName(Judge(*compiled.rule, activation, evaluator)));
  }

  Vocabulary vocabulary_ = Vocabulary::Of(Resources());
  expr::AttributeTable attributes_;
  Source source_;
};

TEST_F(Lookup, GivesTheRowsColumnsOfTheirTypes) {
  EXPECT_EQ(Ask("lookup('products', person.traits.bought).margin > 0.3"), "true");
  EXPECT_EQ(Ask("lookup('products', 'A1').stock % 5 == 2"), "true");
  EXPECT_EQ(Ask("lookup('products', 'A1').active"), "true");
  EXPECT_EQ(Ask("lookup('products', 'A1').since.getMonth() == 0"), "true");
  EXPECT_EQ(Ask("lookup('products', 'A1').sku == 'A1'"), "true");
  EXPECT_EQ(Ask("lookup('products', 'B2').active"), "false");
}

TEST_F(Lookup, WhatIsNotThereIsUnknown) {
  EXPECT_EQ(Ask("lookup('products', 'C3').margin > 0.3"), "unknown");
  EXPECT_EQ(Ask("lookup('products', 'B2').margin > 0.3"), "unknown");
  EXPECT_EQ(Ask("has(lookup('products', 'B2').margin)"), "false");
  EXPECT_EQ(Ask("has(lookup('products', 'C3').margin)"), "false");
  EXPECT_EQ(Ask("has(lookup('products', 'A1').margin)"), "true");
  EXPECT_EQ(Ask("lookup('products', 'C3').?margin.orValue(1.0) == 1.0"), "true");
}

TEST_F(Lookup, WholeNumbersAreKeys) {
  EXPECT_EQ(Ask("lookup('branches', 7).city == 'Puebla'"), "true");
  EXPECT_EQ(Ask("lookup('branches', 7).number + 1 == 8"), "true");
  source_.bought = base::NumberValue(7);
  EXPECT_EQ(Ask("lookup('branches', person.traits.bought).city == 'Puebla'"), "true");
  source_.bought = base::NumberValue(7.5);
  EXPECT_EQ(Ask("lookup('branches', person.traits.bought).city == 'Puebla'"), "failed");
  source_.bought = base::BooleanValue(true);
  EXPECT_EQ(Ask("lookup('branches', person.traits.bought).city == 'Puebla'"), "failed");
}

TEST_F(Lookup, NamesAndTypesAreCheckedWithTheirPlace) {
  EXPECT_EQ(Ask("lookup('prodcts', 'A1').margin > 0.3"),
            "1:8: error: there is no table `prodcts`; did you mean `products`?");
  EXPECT_THAT(Ask("lookup('products', 'A1').margn > 0.3"),
              HasSubstr("`products` has no field `margn`; did you mean `margin`?"));
  EXPECT_THAT(Ask("lookup(person.traits.bought, 'A1').margin > 0.3"),
              HasSubstr("the name of the table has to be written out"));
  EXPECT_THAT(Ask("lookup('products', true).active"), HasSubstr("does not take"));
  EXPECT_THAT(Ask("lookup('products').active"), HasSubstr("does not take"));
  EXPECT_THAT(Ask("lookup('products', 'A1').margin"), HasSubstr("a rule is true or false"));
  EXPECT_THAT(Ask("lookup('products', 'A1').sku > 3"), HasSubstr("error"));
  EXPECT_EQ(CompileRule("lookup('prodcts', 'A1').active").notes.at(0).code, "unknown_name");
}

TEST_F(Lookup, IsNotForWhatIsHeardOfATrait) {
  const Compiled compiled =
      CompileRule("lookup('products', statement.value).active", Site::kStatement);
  EXPECT_EQ(compiled.rule, nullptr);
  EXPECT_THAT(compiled.notes.at(0).message, HasSubstr("nothing can be looked up here"));
}

TEST_F(Lookup, ARuleKnowsItsTables) {
  const Compiled compiled = CompileRule(
      "['A1', 'B2'].exists(s, lookup('products', s).active) || lookup('branches', 7).city == 'a'");
  ASSERT_NE(compiled.rule, nullptr);
  EXPECT_THAT(compiled.rule->tables(), ElementsAre("branches", "products"));
}

TEST_F(Lookup, ARowIsAskedForOnceAndExplained) {
  const std::string text =
      "lookup('products', 'A1').margin > 0.6 || lookup('products', 'A1').stock > 20";
  const Compiled compiled = CompileRule(text);
  ASSERT_NE(compiled.rule, nullptr);
  expr::Activation activation(attributes_, source_);
  expr::Evaluator evaluator(kRuleBudget);
  EXPECT_EQ(Judge(*compiled.rule, activation, evaluator), OUTCOME_FALSE);
  const std::vector<Leaf> leaves = Explain(*compiled.rule, attributes_, activation, evaluator);
  EXPECT_EQ(source_.asked, 1);
  ASSERT_EQ(leaves.size(), 2u);
  ASSERT_EQ(leaves[0].seen_size(), 1);
  EXPECT_EQ(leaves[0].seen(0).path(), "lookup(\"products\", \"A1\")");
  EXPECT_EQ(base::Find(leaves[0].seen(0).value().object(), "margin")->number(), 0.5);
}

// What stands in a trace gives the same row: as JSON has it.
TEST_F(Lookup, ATraceGivesTheSameRow) {
  class Traced : public expr::AttributeSource {
   public:
    explicit Traced(Seen seen) : seen_(std::move(seen)) {}
    expr::Value Read(const expr::Attribute&, expr::Scratch&) const override { return {}; }
    expr::Value Lookup(std::string_view, std::string_view, expr::Scratch&) const override {
      return ValueOf(seen_);
    }

   private:
    Seen seen_;
  };
  expr::Scratch scratch;
  scratch.Start(1000);
  const Traced traced(SeenOf("", source_.Lookup("products", "A1", scratch)));
  const Compiled compiled = CompileRule(
      "lookup('products', 'A1').stock == 12 && lookup('products', 'A1').margin == 0.5 && "
      "lookup('products', 'A1').active && lookup('products', 'A1').since.getFullYear() == 2026");
  ASSERT_NE(compiled.rule, nullptr);
  expr::Activation activation(attributes_, traced);
  expr::Evaluator evaluator(kRuleBudget);
  EXPECT_EQ(Judge(*compiled.rule, activation, evaluator), OUTCOME_TRUE);
}

// Rows stay as they were uploaded when their columns are declared anew.
TEST_F(Lookup, AColumnOfAnotherTypeThanUploadedIsAbsent) {
  resource::Change change;
  change.documents =
      resource::ParseDocuments(
          "{kind: table, name: products, spec: {key: sku, columns: [{name: sku}, "
          "{name: margin, type: text}, {name: stock, type: integer}, {name: color}]}}",
          "", resource::Format::kYaml)
          .documents;
  vocabulary_ = Vocabulary::Of(resource::ResourceSet().After(change, {}));
  EXPECT_EQ(Ask("lookup('products', 'A1').margin == '0.5'"), "unknown");
  EXPECT_EQ(Ask("lookup('products', 'A1').color == 'red'"), "unknown");
  EXPECT_EQ(Ask("lookup('products', 'A1').stock == 12"), "true");
}

}  // namespace
}  // namespace batuta::rule
