#include "feature/recognise.h"

#include <algorithm>
#include <memory>

#include "base/status.h"
#include "base/text.h"
#include "expr/parse.h"
#include "feature/chain_reader.h"

namespace batuta::feature {
namespace {

using expr::Expr;
using expr::ExprKind;
using expr::ExprPtr;

bool IsPlainWord(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.';
  });
}

std::optional<Aggregate> DateAggregate(const Expr& expr) {
  if (expr.kind != ExprKind::kCall || expr.is_member) return std::nullopt;
  for (const Aggregate aggregate :
       {Aggregate::kDaysUntilDate, Aggregate::kDaysSinceDate, Aggregate::kAnniversary,
        Aggregate::kAge, Aggregate::kAgeBand}) {
    if (FormOf(aggregate).name == expr.name) return aggregate;
  }
  return std::nullopt;
}

bool IsAggregateCall(const Expr& expr) {
  return expr.kind == ExprKind::kCall && expr.is_member && FindAggregate(expr.name).has_value();
}

// From the root to `expr`.
std::vector<const Expr*> CallsOf(const Expr& expr) {
  std::vector<const Expr*> calls;
  const Expr* root = RootOf(expr);
  for (const Expr* at = &expr; at != root; at = at->children[0].get()) calls.push_back(at);
  calls.push_back(root);
  std::reverse(calls.begin(), calls.end());
  return calls;
}

class Recogniser {
 public:
  explicit Recogniser(const RecogniseOptions& options) : options_(options) {}

  void Visit(ExprPtr& expr) {
    if (const auto date = DateAggregate(*expr)) {
      ReadDate(expr, *date);
    } else if (RootOf(*expr) != nullptr) {
      VisitChain(expr);
    } else {
      for (ExprPtr& child : expr->children) Visit(child);
    }
    if (recognition_.diagnostics.empty()) BATUTA_CHECK(expr::internal::SetHeight(*expr));
  }

  Recognition Finish() && {
    const auto by_place = [](const auto& a, const auto& b) { return a.span.begin < b.span.begin; };
    std::stable_sort(recognition_.found.begin(), recognition_.found.end(), by_place);
    std::stable_sort(recognition_.diagnostics.begin(), recognition_.diagnostics.end(), by_place);
    return std::move(recognition_);
  }

 private:
  void Fail(expr::Span span, std::string message, std::string suggestion = "") {
    recognition_.diagnostics.push_back({span, std::move(message), std::move(suggestion)});
  }

  // A chain that begins with events: up to its first aggregate it is a feature.
  void VisitChain(ExprPtr& expr) {
    const std::vector<const Expr*> calls = CallsOf(*expr);
    size_t end = 1;
    while (end < calls.size() && !IsAggregateCall(*calls[end])) ++end;
    if (end == calls.size()) return NoAggregate(calls);
    if (end + 1 < calls.size()) {  // something is done with the value
      for (ExprPtr& child : expr->children) Visit(child);
      return;
    }
    const expr::Span span = expr->span;
    ChainReader reader(options_, recognition_.diagnostics);
    if (auto spec = reader.Read(calls)) Replace(expr, std::move(*spec), span);
  }

  void NoAggregate(const std::vector<const Expr*>& calls) {
    static const std::vector<std::string> kModifiers = {"within",    "today",    "thisWeek",
                                                        "thisMonth", "lastDays", "where",
                                                        "each",      "once_per", "not_followed_by"};
    for (const Expr* call : calls) {
      if (call == calls[0]) continue;
      if (call->kind == ExprKind::kMacro && call->macro == expr::Macro::kExists) {
        return Fail(call->name_span, "exists() of events takes no condition",
                    ".where(e, …).exists()");
      }
      if (std::find(kModifiers.begin(), kModifiers.end(), call->name) != kModifiers.end() &&
          call->kind == ExprKind::kCall) {
        continue;
      }
      if (call->kind == ExprKind::kSelect && FindAggregate(call->name)) {
        return Fail(call->name_span, base::StrCat("`", call->name, "` of events is called"),
                    base::StrCat(call->name, "()"));
      }
      std::vector<std::string> known = AggregateNames();
      known.insert(known.end(), kModifiers.begin(), kModifiers.end());
      return Fail(call->name_span, base::StrCat("events have no `", call->name, "`"),
                  base::Suggest(call->name, known));
    }
    Fail(calls.back()->span, "it is not said what of these events is wanted", ".count()");
  }

  void ReadDate(ExprPtr& expr, Aggregate aggregate) {
    constexpr std::string_view kRoot = "person.traits.";
    const std::string path = expr->children.size() == 1 ? expr::DottedName(*expr->children[0]) : "";
    if (path.substr(0, kRoot.size()) != kRoot || !IsPlainWord(path)) {
      const bool is_age = aggregate == Aggregate::kAge || aggregate == Aggregate::kAgeBand;
      return Fail(expr->span, base::StrCat(expr->name, "() takes one trait"),
                  base::StrCat(expr->name,
                               is_age ? "(person.traits.birth_year)" : "(person.traits.birthday)"));
    }
    FeatureSpec spec;
    spec.aggregate = aggregate;
    spec.trait = path.substr(kRoot.size());
    const expr::Span span = expr->span;
    Replace(expr, std::move(spec), span);
  }

  void Replace(ExprPtr& expr, FeatureSpec spec, expr::Span span) {
    auto variable = std::make_unique<Expr>();
    variable->kind = ExprKind::kIdent;
    variable->name = "feature";
    variable->span = span;
    variable->name_span = span;
    auto field = std::make_unique<Expr>();
    field->kind = ExprKind::kSelect;
    field->name = IdOf(spec);
    field->span = span;
    field->name_span = span;
    field->children.push_back(std::move(variable));
    BATUTA_CHECK(expr::internal::SetHeight(*field));
    expr = std::move(field);
    recognition_.found.push_back({std::move(spec), span});
  }

  const RecogniseOptions& options_;
  Recognition recognition_;
};

}  // namespace

const Expr* RootOf(const Expr& expr) {
  const Expr* at = &expr;
  while (true) {
    if (at->kind == ExprKind::kCall && !at->is_member) {
      return at->name == "events" || at->name == "sequence" ? at : nullptr;
    }
    const bool is_chained = (at->kind == ExprKind::kCall && at->is_member) ||
                            at->kind == ExprKind::kMacro || at->kind == ExprKind::kSelect;
    if (!is_chained) return nullptr;
    at = at->children[0].get();
  }
}

Recognition Recognise(ExprPtr& expr, const RecogniseOptions& options) {
  Recogniser recogniser(options);
  recogniser.Visit(expr);
  return std::move(recogniser).Finish();
}

ParsedSpec ParseSpec(std::string_view text) {
  expr::Parsed parsed = expr::Parse(text);
  if (parsed.expr == nullptr) return {std::nullopt, std::move(parsed.diagnostics)};
  const expr::Span whole = parsed.expr->span;
  Recognition recognition = Recognise(parsed.expr);
  if (!recognition.diagnostics.empty()) return {std::nullopt, std::move(recognition.diagnostics)};
  const bool is_one = recognition.found.size() == 1 && recognition.found[0].span == whole;
  if (!is_one) return {std::nullopt, {{whole, "this is not one aggregate alone", ""}}};
  return {std::move(recognition.found[0].spec), {}};
}

expr::Type FeatureVariable(std::vector<NamedType> features) {
  auto schema = std::make_shared<expr::ObjectSchema>();
  schema->name = "feature";
  schema->is_open = false;
  for (NamedType& feature : features) {
    schema->fields.push_back({std::move(feature.name), std::move(feature.type), ""});
  }
  return expr::Type::Object(std::move(schema));
}

}  // namespace batuta::feature
