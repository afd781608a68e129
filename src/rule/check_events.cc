// Names of events in aggregates, held against the tracking plan.
#include <set>
#include <string>

#include "base/text.h"
#include "rule/checks.h"

namespace batuta::rule {
namespace {

bool IsWithin(expr::Span inner, expr::Span outer) {
  return inner.begin >= outer.begin && inner.end <= outer.end;
}

// The literal in that part of the source; null if there is none.
const expr::Expr* FindText(const expr::Expr& expr, const std::string& text, expr::Span part) {
  if (expr.kind == expr::ExprKind::kLiteral) {
    const auto* literal = std::get_if<std::string>(&expr.literal);
    const bool is_it = literal != nullptr && *literal == text && IsWithin(expr.span, part);
    return is_it ? &expr : nullptr;
  }
  for (const expr::ExprPtr& child : expr.children) {
    if (const expr::Expr* found = FindText(*child, text, part)) return found;
  }
  return nullptr;
}

}  // namespace

void CheckEvents(const std::vector<feature::Found>& found, const expr::Expr& written,
                 const Vocabulary& vocabulary, std::vector<Note>& notes) {
  std::vector<std::string> known;
  for (const auto& [name, type] : vocabulary.plan().properties) known.push_back(name);
  if (known.empty()) return;
  for (const feature::Found& one : found) {
    std::set<std::string> names;
    for (const feature::Step& step : one.spec.steps) {
      names.insert(step.events.begin(), step.events.end());
    }
    if (one.spec.never) {
      names.insert(one.spec.never->events.begin(), one.spec.never->events.end());
    }
    for (const std::string& name : names) {
      if (vocabulary.plan().properties.contains(name)) continue;
      std::string near = base::Suggest(name, known);
      if (near.empty()) continue;
      const expr::Expr* place = FindText(written, name, one.span);
      notes.push_back({Severity::kWarning, "unknown_event",
                       place == nullptr ? one.span : place->span,
                       base::StrCat("no event \"", name, "\" is declared"), std::move(near)});
    }
  }
}

}  // namespace batuta::rule
