#include "rule/form_variables.h"

#include <algorithm>

#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "expr/parse.h"
#include "feature/canonical.h"
#include "rule/form_behaviour.h"

namespace batuta::rule {
namespace {

using expr::Expr;
using expr::ExprKind;
using expr::ExprPtr;

const std::string* NewName(const Renaming& names, std::string_view old) {
  const auto found = std::find_if(names.begin(), names.end(),
                                  [old](const auto& pair) { return pair.first == old; });
  return found == names.end() ? nullptr : &found->second;
}

bool IsTarget(const Renaming& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(),
                     [name](const auto& pair) { return pair.second == name; });
}

// A variable of a macro that is called like an old or a new name might catch what is not its own.
bool RenameIn(Expr& expr, const Renaming& names) {
  for (const std::string& bound : expr.variables) {
    if (NewName(names, bound) != nullptr || IsTarget(names, bound)) return false;
  }
  if (expr.kind == ExprKind::kIdent && !expr.is_absolute) {
    if (const std::string* name = NewName(names, expr.name)) {
      expr.name = *name;
    } else if (IsTarget(names, expr.name)) {
      return false;
    }
  }
  return std::all_of(expr.children.begin(), expr.children.end(),
                     [&](const ExprPtr& child) { return RenameIn(*child, names); });
}

// `own.a.b == other.c`, either way round; the number of the other, or nothing.
struct Key {
  const Expr* own;
  const Expr* other;
  size_t number;  // of the earlier event, from 1
};
std::optional<Key> KeyOf(const Expr& conjunct, const std::string& own,
                         const std::vector<std::string>& earlier) {
  if (conjunct.kind != ExprKind::kBinary || conjunct.op != expr::Operator::kEqual) {
    return std::nullopt;
  }
  for (const size_t side : {size_t{0}, size_t{1}}) {
    const Expr& left = *conjunct.children[side];
    const Expr& right = *conjunct.children[1 - side];
    if (!IsFieldOf(left, own)) continue;
    for (size_t i = 0; i < earlier.size(); ++i) {
      if (IsFieldOf(right, earlier[i])) return Key{&left, &right, i + 1};
    }
  }
  return std::nullopt;
}

std::string EventField(const Expr& field, const std::string& variable) {
  const ExprPtr renamed = Renamed(field, {{variable, std::string(kEventName)}});
  BATUTA_CHECK(renamed != nullptr, "a field has one variable alone");
  return FieldText(*renamed);
}

}  // namespace

std::string StepName(size_t number) { return base::StrCat("s", number); }

ExprPtr Renamed(const Expr& expr, const Renaming& names) {
  ExprPtr copy = expr::Clone(expr);
  return RenameIn(*copy, names) ? std::move(copy) : nullptr;
}

bool Mentions(const Expr& expr, std::string_view variable) {
  for (const Expr* name : feature::FreeNames(expr)) {
    if (!name->is_absolute && name->name == variable) return true;
  }
  return false;
}

bool IsFieldOf(const Expr& expr, std::string_view variable) {
  const Expr* root = &expr;
  while (root->kind == ExprKind::kSelect || root->kind == ExprKind::kIndex) {
    root = root->children[0].get();
  }
  return IsField(expr) && root->name == variable;
}

ExprPtr AllOf(std::vector<ExprPtr> conjuncts) {
  if (conjuncts.empty()) return nullptr;
  if (conjuncts.size() == 1) return std::move(conjuncts[0]);
  auto all = std::make_unique<Expr>();
  all->kind = ExprKind::kLogical;
  all->op = expr::Operator::kAnd;
  all->children = std::move(conjuncts);
  return all;
}

std::optional<LaterCondition> LaterConditionOf(const Expr& condition, const std::string& own,
                                               const std::vector<std::string>& earlier,
                                               bool has_steps) {
  std::vector<ExprPtr> alone;
  base::Value keys;
  for (const Expr* conjunct : feature::Conjuncts(condition)) {
    if (const auto key = KeyOf(*conjunct, own, earlier)) {
      base::Value& item = *keys.mutable_list()->add_values();
      base::Fields& members = *item.mutable_object();
      base::SetField(members, "field", base::TextValue(EventField(*key->own, own)));
      base::SetField(members, "equals",
                     base::TextValue(EventField(*key->other, earlier[key->number - 1])));
      if (has_steps) {
        base::SetField(members, "step", base::NumberValue(static_cast<double>(key->number)));
      }
      continue;
    }
    for (const std::string& other : earlier) {
      if (Mentions(*conjunct, other)) return std::nullopt;
    }
    alone.push_back(Renamed(*conjunct, {{own, std::string(kEventName)}}));
    if (alone.back() == nullptr) return std::nullopt;
  }
  LaterCondition result;
  if (const ExprPtr where = AllOf(std::move(alone))) result.where = FormOf(*where);
  if (keys.has_list()) result.keys = std::move(keys);
  return result;
}

}  // namespace batuta::rule
