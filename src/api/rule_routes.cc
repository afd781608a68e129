// Rules that nothing uses yet: asking one of a person, with the reason; and what is wrong with one,
// or what it is.
#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "api/answer.h"
#include "api/ask.h"
#include "api/object_reader.h"
#include "api/read_person.h"
#include "api/routes.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "expr/operators.h"
#include "expr/print.h"
#include "rule/compile.h"
#include "rule/explain.h"
#include "rule/form.h"
#include "rule/person.h"
#include "table/content.h"

namespace batuta::api {
namespace {

// A rule as the body of a request states it.
struct RuleWish {
  std::string text;
  rule::CompileOptions options;
  base::Fields context;
  PersonName person;  // of an evaluation
};

rule::Site SiteOf(std::string_view name) {
  if (name == "segment") return rule::Site::kSegment;
  if (name == "outcome") return rule::Site::kOutcome;
  return name == "statement" ? rule::Site::kStatement : rule::Site::kDecision;
}

// The rule's text, or that of its structured form.
std::string ReadRule(ObjectReader& body, std::vector<http::ProblemError>& errors) {
  const base::Value* form = body.Object("form");
  const std::string text = body.Text("rule", form == nullptr ? Need::kRequired : Need::kOptional);
  if (form == nullptr) return text;
  if (!text.empty()) body.Error("form", "conflict", "state the rule or its form, not both");
  std::vector<rule::FormProblem> problems;
  std::string written = rule::TextOfForm(*form, problems);
  for (const rule::FormProblem& problem : problems) {
    errors.push_back({base::StrCat("/form", problem.pointer), "bad_form", problem.message});
  }
  return written;
}

std::optional<RuleWish> ReadWish(const ExchangePtr& exchange, bool evaluates) {
  const auto root = base::ParseJson(exchange->request().body);
  if (!root.ok()) {
    exchange->FailNotJson(root.status());
    return std::nullopt;
  }
  std::vector<http::ProblemError> errors;
  ObjectReader body(*root, "", errors);
  RuleWish wish;
  wish.text = ReadRule(body, errors);
  wish.options.purpose = body.Text("purpose");
  if (evaluates) {
    auto person = ReadPersonMember(exchange->core(), body, errors);
    if (person.has_value()) wish.person = *std::move(person);
    if (const base::Value* context = body.Object("context")) wish.context = context->object();
  } else {
    wish.options.site = SiteOf(body.Choice("site", {"action", "segment", "outcome", "statement"}));
  }
  body.Finish();
  if (errors.empty()) return wish;
  exchange->Fail(std::move(errors));
  return std::nullopt;
}

base::Value NoteValue(const rule::Note& note, std::string_view text) {
  const expr::Position begin = expr::Locate(text, note.span.begin);
  const expr::Position end = expr::Locate(text, note.span.end);
  ObjectBuilder out;
  out.Add("severity", note.severity == rule::Severity::kError ? "error" : "warning");
  out.Add("code", note.code);
  out.Add("detail", note.message);
  if (!note.suggestion.empty()) out.Add("suggestion", note.suggestion);
  out.AddCount("line", begin.line).AddCount("column", begin.column);
  out.AddCount("endLine", end.line).AddCount("endColumn", end.column);
  return out.Take();
}

base::Value NotesValue(const std::vector<rule::Note>& notes, std::string_view text) {
  ListBuilder list;
  for (const rule::Note& note : notes) list.Add(NoteValue(note, text));
  return list.Take();
}

// ---- Validation

void Validate(const ExchangePtr& exchange) {
  const auto wish = ReadWish(exchange, /*evaluates=*/false);
  if (!wish.has_value()) return;
  InBackground(exchange, [exchange, wish = *wish] {
    const auto view = exchange->core().definitions.Now();
    expr::AttributeTable table;
    const rule::Compiled compiled =
        rule::Compile(wish.text, view->definitions->vocabulary, wish.options, table);
    ObjectBuilder out;
    out.Add("valid", compiled.rule != nullptr);
    out.Add("notes", NotesValue(compiled.notes, wish.text));
    if (compiled.rule != nullptr) {
      const rule::Rule& rule = *compiled.rule;
      out.Add("rule", expr::Print(rule.written()));
      out.Add("form", rule::FormOf(rule.written()));
      out.Add("type", compiled.type.Name());
      out.AddCount("cost", rule.cost());
      ListBuilder reads;
      for (const std::string& path : rule.reads()) reads.Add(base::TextValue(path));
      out.Add("reads", reads.Take());
    }
    exchange->Json(base::ToJson(out.Take()));
  });
}

// ---- Evaluation

// A person, the context that the request states, and a time.
class AskedSource : public expr::AttributeSource {
 public:
  AskedSource(const rule::PersonSource& person, const base::Fields& context,
              const table::Tables& tables, base::Time now)
      : person_(person), context_(context), tables_(tables), now_(now) {}

  expr::Value Read(const expr::Attribute& attribute, expr::Scratch& scratch) const override {
    if (attribute.variable == "now") return rule::TimeValue(now_.micros);
    if (attribute.variable != "context") return person_.Read(attribute, scratch);
    expr::Value value = expr::Value::OfJson(context_);
    for (const std::string& field : attribute.fields) value = expr::Select(value, field, scratch);
    return value;
  }
  expr::Value Lookup(std::string_view table, std::string_view key,
                     expr::Scratch& scratch) const override {
    return table::Lookup(tables_, table, key, scratch);
  }

 private:
  const rule::PersonSource& person_;
  const base::Fields& context_;
  const table::Tables& tables_;
  base::Time now_;
};

struct Asked {
  RuleWish wish;
  base::PersonId id;
  engine::PersonRow row;
  std::vector<std::string> segments;  // that the person is in
  std::vector<uint64_t> untold;       // features that are not found yet
  std::shared_ptr<const engine::Definitions> definitions;
  std::shared_ptr<const table::Tables> tables;
  base::Time now;
};

void FailRule(const ExchangePtr& exchange, const rule::Compiled& compiled, std::string_view text) {
  std::vector<http::ProblemError> errors;
  for (const rule::Note& note : compiled.notes) {
    if (note.severity != rule::Severity::kError) continue;
    const expr::Position at = expr::Locate(text, note.span.begin);
    errors.push_back(
        {"/rule", note.code, base::StrCat(at.line, ":", at.column, ": ", rule::MessageOf(note))});
  }
  exchange->Fail(std::move(errors));
}

void Answer(const ExchangePtr& exchange, const Asked& asked) {
  const engine::Definitions& definitions = *asked.definitions;
  expr::AttributeTable table;
  const rule::Compiled compiled =
      rule::Compile(asked.wish.text, definitions.vocabulary, asked.wish.options, table);
  if (compiled.rule == nullptr) return FailRule(exchange, compiled, asked.wish.text);
  const std::vector<std::string_view> segments(asked.segments.begin(), asked.segments.end());
  const rule::PersonSource person(definitions.meaning(), {.profile = asked.row.profile(),
                                                          .identity = &asked.row.identity(),
                                                          .features = &asked.row.features(),
                                                          .missing = asked.untold,
                                                          .segments = segments,
                                                          .now = asked.now});
  const AskedSource source(person, asked.wish.context, *asked.tables, asked.now);
  expr::Activation activation(table, source);
  expr::Evaluator evaluator(rule::kRuleBudget);
  const rule::Outcome outcome = rule::Judge(*compiled.rule, activation, evaluator);
  const auto leaves = rule::Explain(*compiled.rule, table, activation, evaluator);
  const rule::Language language = LanguageOf(exchange->request());
  ObjectBuilder out;
  out.Add("outcome", rule::OutcomeName(outcome));
  out.Add("matches", outcome == rule::OUTCOME_TRUE);
  out.Add("why", rule::LeavesText(leaves, language));
  ListBuilder list;
  for (const rule::Leaf& leaf : leaves) list.Add(rule::ToValue(leaf, language));
  out.Add("leaves", list.Take());
  out.Add("notes", NotesValue(compiled.notes, asked.wish.text));
  out.Add("rule", expr::Print(compiled.rule->written()));
  out.Add("personId", asked.id.ToString());
  out.AddTime("time", asked.now.micros);
  exchange->Json(base::ToJson(out.Take()));
}

void Evaluate(const ExchangePtr& exchange) {
  const auto wish = ReadWish(exchange, /*evaluates=*/true);
  if (!wish.has_value()) return;
  AfterSettling(exchange, [exchange, wish = *wish] {
    VisitPerson(exchange->core(), wish.person,
                [exchange, wish](engine::Fold& fold, const base::PersonId& id,
                                 const engine::PersonRow* row) {
                  if (row == nullptr) return FailNobody(exchange);
                  auto asked = std::make_shared<Asked>();
                  // A record that asked now would have this time.
                  const base::Time now =
                      std::max(fold.log_time(), exchange->core().hub.clock().Wall());
                  const std::vector<std::string_view> segments = fold.SegmentsOf(*row);
                  const std::span<const uint64_t> untold = fold.UntoldFeatures(*row);
                  *asked = {wish,
                            id,
                            *row,
                            {segments.begin(), segments.end()},
                            {untold.begin(), untold.end()},
                            fold.shared_definitions(),
                            fold.tables(),
                            now};
                  InBackground(exchange, [exchange, asked] { Answer(exchange, *asked); });
                });
  });
}

}  // namespace

void AddRuleRoutes(Core& core) {
  AddRoute(core, http::Method::kPost, "/v1/rules:validate", {.scope = "resources:read"}, Validate);
  AddRoute(core, http::Method::kPost, "/v1/rules:evaluate", {.scope = "people:read"}, Evaluate);
}

}  // namespace batuta::api
