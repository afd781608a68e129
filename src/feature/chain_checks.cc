// Conditions within aggregates, and what must hold between the calls of a chain.
#include <algorithm>

#include "base/text.h"
#include "expr/check.h"
#include "expr/print.h"
#include "feature/chain_reader.h"
#include "feature/event_type.h"

namespace batuta::feature {

using expr::Expr;
using expr::ExprKind;

namespace {

// What other expressions may read, and these may not.
bool IsElsewhere(std::string_view name) {
  static constexpr std::string_view kNames[] = {"person",  "event",   "context", "segment",
                                                "feature", "journey", "now"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

bool IsOneOf(Aggregate aggregate, std::initializer_list<Aggregate> wanted) {
  return std::find(wanted.begin(), wanted.end(), aggregate) != wanted.end();
}

bool Mentions(const Expr& expr, std::string_view variable) {
  for (const Expr* name : FreeNames(expr)) {
    if (name->name == variable) return true;
  }
  return false;
}

}  // namespace

expr::Type ChainReader::TypeOfEvents(const std::vector<std::string>& names) const {
  if (names.size() != 1) return EventType();
  const auto known = options_.properties.find(names[0]);
  return EventType(known == options_.properties.end() ? expr::Type() : known->second);
}

std::optional<expr::Type> ChainReader::CheckProgram(const Expr& expr,
                                                    const std::vector<Scope>& scope,
                                                    std::string_view what) {
  for (const Expr* name : FreeNames(expr)) {
    const bool is_declared = std::any_of(scope.begin(), scope.end(), [&](const Scope& declared) {
      return declared.variable == name->name;
    });
    if (is_declared || !IsElsewhere(name->name)) continue;
    Fail(name->span,
         base::StrCat(what, " may read the event alone, not `", name->name,
                      "`: it is decided when the event comes"),
         base::StrCat(scope[0].variable, ".properties"));
    return std::nullopt;
  }
  expr::Environment environment;
  for (const Scope& declared : scope) environment.Declare(declared.variable, declared.type);
  expr::Checked checked = expr::Check(expr, environment);
  if (checked.diagnostics.empty()) return checked.type;
  diagnostics_.insert(diagnostics_.end(), checked.diagnostics.begin(), checked.diagnostics.end());
  return std::nullopt;
}

bool ChainReader::CheckCondition(const Expr& expr, const std::vector<Scope>& scope) {
  const auto type = CheckProgram(expr, scope, "a condition on events");
  if (!type) return false;
  if (type->Is(expr::Type::Tag::kBool) || type->Is(expr::Type::Tag::kDyn)) return true;
  return Fail(expr.span, base::StrCat("a condition is true or false, not a ", type->Name()));
}

bool ChainReader::SplitCondition(const Expr& condition, const std::string& own, Step& step) {
  if (!CheckCondition(condition, step_scope_)) return false;
  std::vector<const Expr*> alone;
  for (const Expr* conjunct : Conjuncts(condition)) {
    const bool is_alone =
        std::none_of(step_scope_.begin(), step_scope_.end(), [&](const Scope& other) {
          return other.variable != own && Mentions(*conjunct, other.variable);
        });
    if (is_alone) {
      alone.push_back(conjunct);
    } else if (!ReadKey(*conjunct, own, step)) {
      return false;
    }
  }
  step.where = Conjunction(alone, {{own, "e"}});
  std::sort(step.keys.begin(), step.keys.end());
  step.keys.erase(std::unique(step.keys.begin(), step.keys.end()), step.keys.end());
  return true;
}

bool ChainReader::ReadKey(const Expr& conjunct, const std::string& own, Step& step) {
  const std::string example = base::StrCat(own, ".properties.sku == a.properties.sku");
  const bool is_equality =
      conjunct.kind == ExprKind::kBinary && conjunct.op == expr::Operator::kEqual;
  if (!is_equality) {
    return Fail(conjunct.span, "events of two steps can only be compared by ==", example);
  }
  const bool is_own_left = Mentions(*conjunct.children[0], own);
  const Expr& own_side = *conjunct.children[is_own_left ? 0 : 1];
  const Expr& other_side = *conjunct.children[is_own_left ? 1 : 0];
  int link = -1;
  int mentioned = 0;
  for (size_t i = 0; i < step_scope_.size(); ++i) {
    if (step_scope_[i].variable == own) continue;
    if (Mentions(own_side, step_scope_[i].variable)) mentioned = 2;
    if (!Mentions(other_side, step_scope_[i].variable)) continue;
    link = static_cast<int>(i);
    ++mentioned;
  }
  if (!Mentions(own_side, own) || Mentions(other_side, own) || mentioned != 1) {
    return Fail(conjunct.span, "on each side of == stands a value of one step", example);
  }
  if (step.link >= 0 && step.link != link) {
    return Fail(conjunct.span,
                base::StrCat("`", own, "` is compared with two other steps; compare it with one"));
  }
  step.link = link;
  const std::string& other = step_scope_[static_cast<size_t>(link)].variable;
  step.keys.push_back({.own = expr::Print(*Canonical(own_side, {{own, "e"}})),
                       .other = expr::Print(*Canonical(other_side, {{other, "e"}}))});
  return true;
}

bool ChainReader::CheckWhole(const Expr& aggregate) {
  using A = Aggregate;
  const auto kind = spec_.window.kind;
  const A a = spec_.aggregate;
  const auto fail = [&](std::string message, std::string suggestion = "") {
    return Fail(aggregate.name_span, base::StrCat(aggregate.name, "() ", message),
                std::move(suggestion));
  };
  const bool is_within = kind == Window::Kind::kWithin;
  if (IsOneOf(a, {A::kTrend, A::kDrift, A::kHourDrift}) && !is_within) {
    return fail("wants a window of a fixed length", R"(.within("90d"))");
  }
  if (a == A::kRate && !is_within && kind != Window::Kind::kLastDays) {
    return fail("wants a window of a fixed length", R"(.within("90d"))");
  }
  if (a == A::kFirstEver && kind == Window::Kind::kEver) {
    return fail("asks if the first of all falls into a window", R"(.within("7d"))");
  }
  if (IsOneOf(a, {A::kApproxDistinct, A::kApproxDecay}) && kind != Window::Kind::kEver) {
    return fail("is over all events ever", a == A::kApproxDistinct ? "distinct" : "count");
  }
  if (IsOneOf(a, {A::kDrift, A::kHourDrift}) && spec_.argument >= spec_.window.length) {
    return fail("compares a recent part of the window, shorter than it, with the whole");
  }
  const bool is_once = spec_.once_per.micros > 0;
  if (is_once && !IsOneOf(a, {A::kCount, A::kRate, A::kTrend, A::kTop, A::kTopShare, A::kDrift,
                              A::kPreferredHour, A::kHourDrift})) {
    return fail("does not go with once_per()");
  }
  if (a == A::kSessions && !spec_.each.empty()) return fail("is of events, not of their lines");
  if (!spec_.is_pattern()) return true;
  return CheckPattern(aggregate);
}

bool ChainReader::CheckPattern(const Expr& aggregate) {
  using A = Aggregate;
  const bool is_possible = IsOneOf(spec_.aggregate, {A::kCount, A::kExists, A::kFirst, A::kLast,
                                                     A::kDaysSince, A::kRate, A::kTrend}) &&
                           spec_.value.empty() && spec_.each.empty() && spec_.once_per.micros == 0;
  if (!is_possible) {
    return Fail(aggregate.name_span,
                "of sequences and of what was not followed there are count, exists, first, last, "
                "days_since, rate and trend, without lines and values",
                "count()");
  }
  if (spec_.never && spec_.window.kind == Window::Kind::kWithin &&
      spec_.window.length <= spec_.never_within) {
    return Fail(aggregate.span,
                "the window is over before it is known that nothing followed: make it longer");
  }
  return CheckLinks(aggregate);
}

// A chain of steps is followed with the event of one earlier step in mind (pattern.h).
bool ChainReader::CheckLinks(const Expr& aggregate) {
  std::vector<int> links;
  for (const Step& step : spec_.steps) links.push_back(step.link);
  if (spec_.never) links.push_back(spec_.never->link);
  for (size_t boundary = 1; boundary < links.size(); ++boundary) {
    int open = -1;
    for (size_t later = boundary; later < links.size(); ++later) {
      const int link = links[later];
      if (link < 0 || link >= static_cast<int>(boundary)) continue;
      if (open >= 0 && open != link) {
        return Fail(aggregate.span,
                    "the keys of later steps come from two earlier steps at once; compare them all "
                    "with one of these");
      }
      open = link;
    }
  }
  return true;
}

}  // namespace batuta::feature
