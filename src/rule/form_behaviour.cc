#include "rule/form_behaviour.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_join.h"
#include "base/text.h"
#include "base/value.h"
#include "expr/parse.h"
#include "feature/spec.h"

namespace batuta::rule {
namespace {

using expr::Expr;
using expr::ExprKind;

constexpr std::string_view kEvent = "e";
constexpr std::string_view kCalendar[] = {"today", "thisWeek", "thisMonth"};

bool IsCalendar(std::string_view name) {
  return std::find(std::begin(kCalendar), std::end(kCalendar), name) != std::end(kCalendar);
}

const std::string* TextOf(const Expr& expr) {
  return expr.kind == ExprKind::kLiteral ? std::get_if<std::string>(&expr.literal) : nullptr;
}

bool IsName(const Expr& expr) { return expr.kind == ExprKind::kIdent && !expr.is_absolute; }

// Renames a variable; false if that might change what another name means.
bool Rename(Expr& expr, const std::string& from) {
  if (expr.kind == ExprKind::kMacro) {
    for (const std::string& bound : expr.variables) {
      if (bound == from || bound == kEvent) return false;
    }
  }
  if (IsName(expr)) {
    if (expr.name == kEvent && from != kEvent) return false;
    if (expr.name == from) expr.name = kEvent;
  }
  return std::all_of(expr.children.begin(), expr.children.end(),
                     [&](const expr::ExprPtr& child) { return Rename(*child, from); });
}

// The second of two arguments, the first of which names the event; over `e`. Null otherwise.
expr::ExprPtr OverEvent(const Expr& call) {
  if (call.children.size() != 3 || !IsName(*call.children[1])) return nullptr;
  expr::ExprPtr body = expr::Clone(*call.children[2]);
  return Rename(*body, call.children[1]->name) ? std::move(body) : nullptr;
}

bool IsEventField(const Expr& expr) {
  const Expr* root = &expr;
  while (root->kind == ExprKind::kSelect || root->kind == ExprKind::kIndex) {
    root = root->children[0].get();
  }
  return IsField(expr) && root->name == kEvent;
}

// The aggregate that the form can measure by that name.
std::optional<feature::AggregateForm> MeasureOf(std::string_view name) {
  const auto aggregate = feature::FindAggregate(name);
  if (!aggregate.has_value()) return std::nullopt;
  const feature::AggregateForm form = feature::FormOf(*aggregate);
  if (form.argument == feature::AggregateForm::Argument::kNeeded) return std::nullopt;
  return form;
}

// ---- Text to form

class Reader {
 public:
  std::optional<base::Value> Read(const Expr& expr) {
    const bool is_call = expr.kind == ExprKind::kCall && expr.is_member;
    if (!is_call || !MeasureOf(expr.name).has_value() || !Chain(*expr.children[0])) {
      return std::nullopt;
    }
    Set("measure", base::TextValue(expr.name));
    if (expr.children.size() > 1) {
      const expr::ExprPtr of = OverEvent(expr);
      if (of == nullptr || !IsEventField(*of)) return std::nullopt;
      Set("of", base::TextValue(FieldText(*of)));
    }
    base::Value condition;
    for (const std::string_view name : BehaviourMembers()) {
      const base::Value* member = base::Find(members_, name);
      if (member != nullptr) base::SetField(*condition.mutable_object(), name, *member);
    }
    return condition;
  }

 private:
  // False if it is there already.
  bool Set(std::string_view name, base::Value value) {
    if (base::Find(members_, name) != nullptr) return false;
    base::SetField(members_, name, std::move(value));
    return true;
  }

  bool Chain(const Expr& expr) {
    if (expr.kind != ExprKind::kCall) return false;
    if (!expr.is_member) return expr.name == "events" && Names(expr);
    return Modifier(expr) && Chain(*expr.children[0]);
  }

  bool Names(const Expr& root) {
    base::Value names;
    names.mutable_list();
    for (const expr::ExprPtr& argument : root.children) {
      const std::string* name = TextOf(*argument);
      if (name == nullptr) return false;
      *names.mutable_list()->add_values() = base::TextValue(*name);
    }
    const bool is_one = names.list().values_size() == 1;
    return Set("event", is_one ? base::Value(names.list().values(0)) : names);
  }

  bool Modifier(const Expr& call) {
    const size_t arguments = call.children.size() - 1;
    if (call.name == "where") {
      const expr::ExprPtr condition = OverEvent(call);
      return condition != nullptr && Set("where", FormOf(*condition));
    }
    if (call.name == "not_followed_by" && arguments == 2) {
      const std::string* name = TextOf(*call.children[1]);
      const std::string* within = TextOf(*call.children[2]);
      return name != nullptr && within != nullptr && Set("notFollowedBy", base::TextValue(*name)) &&
             Set("notFollowedWithin", base::TextValue(*within));
    }
    if (HasWindow()) return false;
    if (call.name == "within" && arguments == 1) {
      const std::string* within = TextOf(*call.children[1]);
      return within != nullptr && !IsCalendar(*within) && Set("within", base::TextValue(*within));
    }
    if (IsCalendar(call.name) && arguments == 0) return Set("within", base::TextValue(call.name));
    if (call.name != "lastDays" || arguments != 1) return false;
    const Expr& days = *call.children[1];
    const auto* number =
        days.kind == ExprKind::kLiteral ? std::get_if<int64_t>(&days.literal) : nullptr;
    return number != nullptr && Set("lastDays", base::NumberValue(static_cast<double>(*number)));
  }

  bool HasWindow() const {
    return base::Find(members_, "within") != nullptr || base::Find(members_, "lastDays") != nullptr;
  }

  base::Fields members_;
};

// ---- Form to text

class BehaviourWriter {
 public:
  BehaviourWriter(const base::Fields& condition, const std::string& pointer, const WriteForm& write,
                  std::vector<FormProblem>& problems)
      : condition_(condition), pointer_(pointer), write_(write), problems_(problems) {}

  std::string Write() { return base::StrCat(Events(), Window(), Where(), Never(), Measure()); }

 private:
  std::string Fail(std::string_view member, std::string message) {
    problems_.push_back({base::StrCat(pointer_, "/", member), std::move(message)});
    return "";
  }

  std::string Events() {
    const base::Value& event = *base::Find(condition_, "event");
    if (event.has_text()) return base::StrCat("events(", LiteralText(event), ")");
    const bool is_list =
        event.has_list() && std::all_of(event.list().values().begin(), event.list().values().end(),
                                        [](const base::Value& one) { return one.has_text(); });
    if (!is_list) return Fail("event", "an event is a name, or a list of names");
    return base::StrCat("events(",
                        absl::StrJoin(event.list().values(), ", ",
                                      [](std::string* out, const base::Value& one) {
                                        base::StrAppend(out, LiteralText(one));
                                      }),
                        ")");
  }

  std::string Window() {
    const base::Value* within = base::Find(condition_, "within");
    const base::Value* days = base::Find(condition_, "lastDays");
    if (within != nullptr && days != nullptr) {
      return Fail("lastDays", "there is a window already: \"within\"");
    }
    if (within != nullptr) {
      if (!within->has_text()) {
        return Fail("within", "a window is a duration such as 90d, today, thisWeek or thisMonth");
      }
      if (IsCalendar(within->text())) return base::StrCat(".", within->text(), "()");
      return base::StrCat(".within(", LiteralText(*within), ")");
    }
    if (days == nullptr) return "";
    const bool is_whole = days->has_number() && days->number() >= 1 &&
                          days->number() <= feature::kLastDaysMax &&
                          days->number() == static_cast<double>(static_cast<int>(days->number()));
    if (!is_whole) {
      return Fail("lastDays",
                  base::StrCat("a whole number of days from 1 to ", feature::kLastDaysMax));
    }
    return base::StrCat(".lastDays(", LiteralText(*days), ")");
  }

  std::string Where() {
    const base::Value* where = base::Find(condition_, "where");
    if (where == nullptr) return "";
    return base::StrCat(".where(e, ", write_(*where, pointer_ + "/where"), ")");
  }

  std::string Never() {
    const base::Value* name = base::Find(condition_, "notFollowedBy");
    const base::Value* within = base::Find(condition_, "notFollowedWithin");
    if (name == nullptr && within == nullptr) return "";
    if (name == nullptr || !name->has_text()) return Fail("notFollowedBy", "the name of an event");
    if (within == nullptr || !within->has_text()) {
      return Fail("notFollowedWithin", "a duration such as 1h");
    }
    return base::StrCat(".not_followed_by(", LiteralText(*name), ", ", LiteralText(*within), ")");
  }

  std::string Measure() {
    using Value = feature::AggregateForm::Value;
    const base::Value* measure = base::Find(condition_, "measure");
    const auto form = MeasureOf(measure == nullptr ? "" : measure->text());
    if (!form.has_value()) {
      std::vector<std::string> names;
      for (std::string& name : feature::AggregateNames()) {
        if (MeasureOf(name).has_value()) names.push_back(std::move(name));
      }
      return Fail("measure", base::StrCat("the measure is one of ", absl::StrJoin(names, ", ")));
    }
    const base::Value* of = base::Find(condition_, "of");
    if (of == nullptr && form->value == Value::kNeeded) {
      return Fail(
          "of", base::StrCat("\"", form->name, "\" is of a field such as ", "e.properties.total"));
    }
    if (of == nullptr) return base::StrCat(".", form->name, "()");
    if (form->value == Value::kNone) {
      return Fail("of", base::StrCat("\"", form->name, "\" is of the events themselves"));
    }
    const expr::Parsed parsed = expr::Parse(of->text());
    if (parsed.expr == nullptr || !IsEventField(*parsed.expr)) {
      return Fail("of", "a field of the event is a path such as e.properties.total");
    }
    return base::StrCat(".", form->name, "(e, ", FieldText(*parsed.expr), ")");
  }

  const base::Fields& condition_;
  const std::string& pointer_;
  const WriteForm& write_;
  std::vector<FormProblem>& problems_;
};

}  // namespace

const std::vector<std::string_view>& BehaviourMembers() {
  static const auto& members = *new std::vector<std::string_view>{
      "event",   "within", "lastDays", "where", "notFollowedBy", "notFollowedWithin",
      "measure", "of"};
  return members;
}

std::optional<base::Value> BehaviourOf(const Expr& expr) { return Reader().Read(expr); }

std::string TextOfBehaviour(const base::Fields& condition, const std::string& pointer,
                            const WriteForm& write, std::vector<FormProblem>& problems) {
  return BehaviourWriter(condition, pointer, write, problems).Write();
}

}  // namespace batuta::rule
