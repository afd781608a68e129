// For tests: vocabularies written as resources, people written as JSON. Not part of the library.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "expr/activation.h"
#include "expr/evaluate.h"
#include "resource/check.h"
#include "resource/yaml.h"
#include "rule/compile.h"
#include "rule/explain.h"

namespace batuta::rule {

inline Vocabulary VocabularyOf(std::string_view yaml) {
  resource::ParsedDocuments parsed =
      resource::ParseDocuments(yaml, "words.yaml", resource::Format::kYaml);
  resource::Change change;
  change.documents = std::move(parsed.documents);
  const resource::ResourceSet empty;
  const auto problems = resource::Check(empty, change);
  EXPECT_FALSE(resource::HasError(problems)) << resource::ToText(problems);
  return Vocabulary::Of(empty.After(change, {.author = "test", .time = {}}));
}

inline const Vocabulary& BankWords() {
  static const Vocabulary words = VocabularyOf(R"(
kind: trait
name: plan
spec: {type: text}
---
kind: trait
name: tenure_months
spec: {type: number}
---
kind: trait
name: has_card
spec: {type: boolean}
---
kind: trait
name: joined
spec: {type: time}
---
kind: trait
name: interests
spec: {type: list, survivorship: list}
---
kind: classification
name: default
spec:
  sealed: [traits.nickname]
  restricted: [{field: traits.health, purposes: [care]}]
)");
  return words;
}

// A rule, ready to be asked of variables written as JSON.
class AskedRule {
 private:
  template <typename Do>
  auto With(std::string_view json, int64_t now, const Do& what) {
    EXPECT_NE(compiled_.rule, nullptr);
    const base::Value variables = *base::ParseJson(json);
    expr::VariableSource source;
    for (const base::Field& field : variables.object().fields()) {
      source.Set(field.name(), expr::Value::OfJson(field.value()));
    }
    source.Set("now", expr::Value::Timestamp(now, 0));
    expr::Activation activation(table_, source);
    return what(activation);
  }

 public:
  explicit AskedRule(std::string_view text, CompileOptions options = {},
                     const Vocabulary& words = BankWords())
      : compiled_(Compile(text, words, options, table_)) {}

  const Compiled& compiled() const { return compiled_; }
  std::string Notes(std::string_view text) const {
    std::string all;
    for (const Note& note : compiled_.notes) all += Describe(note, text) + "\n";
    return all;
  }

  // {"person": …, "context": …}; `now` is noon of 2026-03-15 unless given in seconds.
  Outcome Ask(std::string_view json, int64_t now = 1773576000) {
    return With(json, now, [&](expr::Activation& activation) {
      return Judge(*compiled_.rule, activation, evaluator_);
    });
  }
  std::vector<Leaf> Why(std::string_view json, int64_t now = 1773576000) {
    return With(json, now, [&](expr::Activation& activation) {
      return Explain(*compiled_.rule, table_, activation, evaluator_);
    });
  }

 private:
  expr::AttributeTable table_;
  Compiled compiled_;
  expr::Evaluator evaluator_{kRuleBudget};
};

}  // namespace batuta::rule
