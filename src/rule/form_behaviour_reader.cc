// Behavioural conditions: from text to form.
#include <algorithm>
#include <utility>

#include "base/value.h"
#include "rule/form_behaviour.h"
#include "rule/form_variables.h"

namespace batuta::rule {
namespace {

using expr::Expr;
using expr::ExprKind;
using expr::ExprPtr;

const std::string* TextOf(const Expr& expr) {
  return expr.kind == ExprKind::kLiteral ? std::get_if<std::string>(&expr.literal) : nullptr;
}

bool IsName(const Expr& expr) { return expr.kind == ExprKind::kIdent && !expr.is_absolute; }

// From the root to the aggregate. Empty if the expression is no chain of calls.
std::vector<const Expr*> CallsOf(const Expr& expr) {
  std::vector<const Expr*> calls;
  for (const Expr* at = &expr;; at = at->children[0].get()) {
    if (at->kind != ExprKind::kCall) return {};
    calls.push_back(at);
    if (!at->is_member) break;
  }
  std::reverse(calls.begin(), calls.end());
  return calls;
}

// One name as a text; several, or none, as a list.
std::optional<base::Value> NamesOf(const std::vector<ExprPtr>& arguments) {
  base::Value names;
  names.mutable_list();
  for (const ExprPtr& argument : arguments) {
    const std::string* name = TextOf(*argument);
    if (name == nullptr) return std::nullopt;
    *names.mutable_list()->add_values() = base::TextValue(*name);
  }
  if (names.list().values_size() != 1) return names;
  return base::Value(names.list().values(0));
}

// A name, or a list of names.
std::optional<base::Value> NamesOf(const Expr& argument) {
  if (argument.kind == ExprKind::kList) return NamesOf(argument.children);
  const std::string* name = TextOf(argument);
  if (name == nullptr) return std::nullopt;
  return base::TextValue(*name);
}

class Reader {
 public:
  std::optional<base::Value> Read(const Expr& expr) {
    const std::vector<const Expr*> calls = CallsOf(expr);
    if (calls.size() < 2 || !MeasureOf(expr.name).has_value() || !Root(*calls[0])) {
      return std::nullopt;
    }
    for (size_t i = 1; i + 1 < calls.size(); ++i) {
      if (!Modifier(*calls[i])) return std::nullopt;
    }
    if (!Measure(expr)) return std::nullopt;
    base::Value condition;
    for (const std::string_view name : BehaviourMembers()) {
      const base::Value* member = base::Find(members_, name);
      if (member != nullptr) base::SetField(*condition.mutable_object(), name, *member);
    }
    return condition;
  }

 private:
  bool Has(std::string_view name) const { return base::Find(members_, name) != nullptr; }

  // False if it is there already.
  bool Set(std::string_view name, base::Value value) {
    if (Has(name)) return false;
    base::SetField(members_, name, std::move(value));
    return true;
  }

  bool SetText(std::string_view name, const Expr& literal) {
    const std::string* text = TextOf(literal);
    return text != nullptr && Set(name, base::TextValue(*text));
  }

  bool Root(const Expr& call) {
    if (call.name == "events") {
      auto names = NamesOf(call.children);
      return names.has_value() && Set("event", *std::move(names));
    }
    if (call.name != "sequence" || call.children.size() < 3) return false;
    if (!SetText("span", *call.children[0])) return false;
    base::Value steps;
    for (size_t i = 1; i < call.children.size(); ++i) {
      auto step = Step(*call.children[i]);
      if (!step.has_value()) return false;
      *steps.mutable_list()->add_values() = *std::move(step);
    }
    return Set("sequence", std::move(steps));
  }

  // step(name, "Event", condition)
  std::optional<base::Value> Step(const Expr& call) {
    const size_t count = call.children.size();
    const bool is_step = call.kind == ExprKind::kCall && !call.is_member && call.name == "step" &&
                         (count == 2 || count == 3) && IsName(*call.children[0]);
    if (!is_step) return std::nullopt;
    const std::string& own = call.children[0]->name;
    if (std::find(steps_.begin(), steps_.end(), own) != steps_.end()) return std::nullopt;
    auto names = NamesOf(*call.children[1]);
    if (!names.has_value()) return std::nullopt;
    base::Value step;
    base::SetField(*step.mutable_object(), "event", *std::move(names));
    if (count == 3) {
      auto condition = LaterConditionOf(*call.children[2], own, steps_, /*has_steps=*/true);
      if (!condition.has_value()) return std::nullopt;
      if (condition->where) base::SetField(*step.mutable_object(), "where", *condition->where);
      if (condition->keys) base::SetField(*step.mutable_object(), "keys", *condition->keys);
    }
    steps_.push_back(own);
    return step;
  }

  bool Modifier(const Expr& call) {
    const size_t arguments = call.children.size() - 1;
    if (call.name == "where") return steps_.empty() && Where(call);
    if (call.name == "each" && arguments == 1) return steps_.empty() && Each(*call.children[1]);
    if (call.name == "once_per" && arguments == 1) return SetText("oncePer", *call.children[1]);
    if (call.name == "not_followed_by") return Never(call);
    if (Has("within") || Has("lastDays")) return false;
    if (call.name == "within" && arguments == 1) {
      const std::string* within = TextOf(*call.children[1]);
      return within != nullptr && !IsCalendarWindow(*within) &&
             Set("within", base::TextValue(*within));
    }
    if (IsCalendarWindow(call.name) && arguments == 0) {
      return Set("within", base::TextValue(call.name));
    }
    if (call.name != "lastDays" || arguments != 1) return false;
    const Expr& days = *call.children[1];
    const auto* number =
        days.kind == ExprKind::kLiteral ? std::get_if<int64_t>(&days.literal) : nullptr;
    return number != nullptr && Set("lastDays", base::NumberValue(static_cast<double>(*number)));
  }

  // The last argument, over `e` and `p`, with the variables before it; `first` is theirs. Null if
  // it has no form.
  ExprPtr OverVariables(const Expr& call, size_t first) const {
    if (call.children.size() < first + 2) return nullptr;
    const size_t variables = call.children.size() - first - 1;
    const bool has_lines = Has("each");
    if (variables > (has_lines ? 2u : 1u)) return nullptr;
    Renaming names;
    for (size_t i = 0; i < variables; ++i) {
      const Expr& variable = *call.children[first + i];
      if (!IsName(variable)) return nullptr;
      const bool is_event = !has_lines || (variables == 2 && i == 0);
      names.emplace_back(variable.name, is_event ? kEventName : kLineName);
    }
    if (variables == 2 && names[0].first == names[1].first) return nullptr;
    return Renamed(*call.children.back(), names);
  }

  bool Where(const Expr& call) {
    const ExprPtr condition = OverVariables(call, 1);
    return condition != nullptr && Set(Has("each") ? "lineWhere" : "where", FormOf(*condition));
  }

  bool Each(const Expr& place) {
    const Expr* root = &place;
    while (root->kind == ExprKind::kSelect) root = root->children[0].get();
    if (!IsName(*root) || !IsFieldOf(place, root->name)) return false;
    const ExprPtr renamed = Renamed(place, {{root->name, std::string(kEventName)}});
    return Set("each", base::TextValue(FieldText(*renamed)));
  }

  bool Never(const Expr& call) {
    const size_t with_condition = steps_.empty() ? 5 : 4;
    const size_t arguments = call.children.size() - 1;
    if ((arguments != 2 && arguments != with_condition) || Has("each")) return false;
    auto names = NamesOf(*call.children[1]);
    if (!names.has_value() || !Set("notFollowedBy", *std::move(names)) ||
        !SetText("notFollowedWithin", *call.children[2])) {
      return false;
    }
    if (arguments == 2) return true;
    std::vector<std::string> earlier = steps_;
    for (size_t i = 3; i + 1 < call.children.size(); ++i) {
      if (!IsName(*call.children[i])) return false;
      earlier.push_back(call.children[i]->name);
    }
    const std::string own = earlier.back();
    earlier.pop_back();
    if (std::find(earlier.begin(), earlier.end(), own) != earlier.end()) return false;
    auto condition = LaterConditionOf(*call.children.back(), own, earlier, !steps_.empty());
    if (!condition.has_value()) return false;
    if (condition->where) Set("notFollowedWhere", *std::move(condition->where));
    if (condition->keys) Set("notFollowedKeys", *std::move(condition->keys));
    return true;
  }

  bool Measure(const Expr& call) {
    Set("measure", base::TextValue(call.name));
    size_t next = 1;
    const bool has_argument = call.children.size() > 1 && TextOf(*call.children[1]) != nullptr;
    if (has_argument) SetText("argument", *call.children[next++]);
    if (next == call.children.size()) return true;
    const ExprPtr of = OverVariables(call, next);
    if (of == nullptr) return false;
    const bool is_line = Has("each");
    const bool is_whole_line = is_line && IsName(*of) && of->name == kLineName;
    if (!is_whole_line && !IsFieldOf(*of, kEventName) && !(is_line && IsFieldOf(*of, kLineName))) {
      return false;
    }
    return Set("of", base::TextValue(is_whole_line ? std::string(kLineName) : FieldText(*of)));
  }

  base::Fields members_;
  std::vector<std::string> steps_;  // their variables
};

}  // namespace

std::optional<base::Value> BehaviourOf(const Expr& expr) { return Reader().Read(expr); }

}  // namespace batuta::rule
