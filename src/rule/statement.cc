#include "rule/statement.h"

#include "expr/operators.h"
#include "resource/reader.h"
#include "rule/explain.h"
#include "rule/person.h"
#include "rule/problems.h"

namespace batuta::rule {
namespace {

class StatementSource : public expr::AttributeSource {
 public:
  StatementSource(const base::Field& trait, std::string_view source, base::Time time)
      : trait_(trait), source_(source), time_(time) {}

  expr::Value Read(const expr::Attribute& attribute, expr::Scratch& scratch) const override {
    if (attribute.fields.empty()) return Absent(/*is_last=*/true);
    const std::string& part = attribute.fields[0];
    expr::Value value = part == "value"    ? expr::Value::OfJson(trait_.value())
                        : part == "source" ? expr::Value::Text(source_)
                        : part == "time"   ? TimeValue(time_.micros)
                                           : expr::Value::Text(trait_.name());
    for (size_t i = 1; i < attribute.fields.size(); ++i) {
      value = expr::Select(value, attribute.fields[i], scratch);
    }
    return value;
  }

 private:
  const base::Field& trait_;
  std::string_view source_;
  base::Time time_;
};

}  // namespace

StatementRules StatementRules::Compile(const resource::ResourceSet& resources,
                                       const Vocabulary& vocabulary,
                                       std::vector<resource::Problem>& problems) {
  StatementRules statements;
  for (const resource::Resource* trait : resources.OfKind("trait")) {
    const resource::Reader spec(trait->spec);
    if (!spec.Has("where")) continue;
    const std::string text = spec.Text("where");
    Compiled compiled = rule::Compile(text, vocabulary, {.site = Site::kStatement, .purpose = {}},
                                      statements.attributes_);
    AddProblems(compiled.notes, text, trait->key, "/spec/where", problems);
    if (compiled.rule == nullptr) continue;
    statements.rules_[spec.Text("trait", trait->key.name)] = std::move(compiled.rule);
  }
  return statements;
}

std::optional<base::Fields> StatementRules::Heard(const base::Fields& traits,
                                                  std::string_view source,
                                                  base::Time event_time) const {
  if (rules_.empty()) return std::nullopt;
  base::Fields heard;
  for (const base::Field& trait : traits.fields()) {
    const auto found = rules_.find(trait.name());
    if (found != rules_.end()) {
      const StatementSource statement(trait, source, event_time);
      expr::Activation activation(attributes_, statement);
      expr::Evaluator evaluator(kRuleBudget);
      if (Judge(*found->second, activation, evaluator) != OUTCOME_TRUE) continue;
    }
    *heard.add_fields() = trait;
  }
  if (heard.fields_size() == traits.fields_size()) return std::nullopt;
  return heard;
}

}  // namespace batuta::rule
