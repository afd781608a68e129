#include "api/preview_question.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "rule/list.h"

namespace batuta::api {
namespace {

constexpr std::string_view kName = "preview";

void CollectParts(const rule::Rule& rule, const expr::Expr& expr,
                  std::vector<const rule::Rule::Part*>& parts) {
  const bool is_not = expr.kind == expr::ExprKind::kUnary && expr.op == expr::Operator::kNot;
  if (expr.kind != expr::ExprKind::kLogical && !is_not) {
    parts.push_back(&rule.PartOf(expr));
    return;
  }
  for (const expr::ExprPtr& child : expr.children) CollectParts(rule, *child, parts);
}

void AddProblems(const std::vector<resource::Problem>& problems, std::string_view name,
                 std::vector<http::ProblemError>& errors) {
  for (const resource::Problem& problem : problems) {
    const bool is_error = problem.severity == resource::Severity::kError;
    if (!is_error || problem.resource.name != name) continue;
    const std::string place = problem.inside.line == 0 ? ""
                                                       : base::StrCat(problem.inside.line, ":",
                                                                      problem.inside.column, ": ");
    errors.push_back({"/rule", problem.code, place + problem.message});
  }
}

// The segments with one more, under a name that is free.
bool AddSegment(const PreviewWish& wish, PreviewQuestion& question,
                std::vector<http::ProblemError>& errors) {
  const engine::Definitions& definitions = *question.definitions;
  std::string name(kName);
  while (definitions.resources.Find("segment", name) != nullptr) name += "-";
  resource::Document document;
  document.kind = "segment";
  document.name = name;
  base::SetField(document.spec, "rule", base::TextValue(wish.rule));
  if (!wish.purpose.empty()) {
    base::SetField(document.spec, "purpose", base::TextValue(wish.purpose));
  }
  resource::Change change;
  change.documents.push_back(std::move(document));
  const resource::ResourceSet with =
      definitions.resources.After(change, {.author = "", .time = {}});
  std::vector<resource::Problem> problems;
  question.segments = segment::Segments::Compile(with, definitions.vocabulary, problems);
  AddProblems(problems, name, errors);
  if (!errors.empty()) return false;
  question.segment = question.segments->Find(name);
  BATUTA_CHECK(question.segment != nullptr);
  return true;
}

// The features that are kept, and what the rule asks for beside them.
bool AddAggregates(PreviewQuestion& question, std::vector<http::ProblemError>& errors) {
  const std::shared_ptr<const feature::Catalogue>& kept = question.definitions->features;
  const std::vector<feature::FeatureSpec>& aggregates = question.segment->rule->aggregates();
  question.is_counted =
      std::all_of(aggregates.begin(), aggregates.end(), [&](const feature::FeatureSpec& spec) {
        return kept->set()->Find(feature::NumberOf(spec)) != nullptr;
      });
  question.features = kept;
  if (!question.is_counted) {
    std::vector<feature::FeatureSpec> all = aggregates;
    for (const feature::Feature& feature : kept->set()->features()) all.push_back(feature.spec);
    std::vector<resource::Problem> problems;
    question.features = kept->With(all, problems);
    for (const resource::Problem& problem : problems) {
      errors.push_back({"/rule", problem.code, problem.message});
    }
    if (!errors.empty()) return false;
  }
  for (const uint64_t number : question.segment->features) {
    const feature::Feature* feature = question.features->set()->Find(number);
    BATUTA_CHECK(feature != nullptr);
    if (!feature->spec.is_of_trait()) question.aggregates.push_back(number);
  }
  return true;
}

engine::RowParts PartsOf(const PreviewQuestion& question) {
  const segment::Segment& segment = *question.segment;
  engine::RowParts parts;
  parts.traits.insert(segment.traits.begin(), segment.traits.end());
  const std::vector<std::string>& tables = segment.rule->tables();
  parts.identity = std::any_of(tables.begin(), tables.end(), [](const std::string& table) {
    return rule::ListOf(table).has_value();
  });
  for (const uint32_t slot : segment.rule->program().slots) {
    const expr::Attribute& attribute = question.segments->table().at(slot);
    if (attribute.variable != "person" || attribute.fields.empty()) continue;
    const std::string& field = attribute.fields[0];
    parts.identity |= field == "identifiers";
    parts.consents |= field == "consents";
    parts.preferences |= field == "preferences";
    parts.groups |= field == "groups";
    parts.segments |= field == "segments";
  }
  parts.features = question.aggregates;
  return parts;
}

}  // namespace

std::shared_ptr<const PreviewQuestion> CompilePreview(
    const std::shared_ptr<const engine::Definitions>& definitions, const PreviewWish& wish,
    std::vector<http::ProblemError>& errors) {
  auto question = std::make_shared<PreviewQuestion>();
  question->definitions = definitions;
  question->is_estimate = wish.is_estimate;
  question->seed = base::Hash64(wish.rule);
  if (!AddSegment(wish, *question, errors)) return nullptr;
  if (!AddAggregates(*question, errors)) return nullptr;
  const rule::Rule& rule = *question->segment->rule;
  CollectParts(rule, rule.tree(), question->parts);
  question->parts_read = PartsOf(*question);
  return question;
}

}  // namespace batuta::api
