#include "rule/turns.h"

#include <algorithm>
#include <optional>

#include "expr/compile.h"
#include "rule/now_shapes.h"

namespace batuta::rule {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kQuarterHour = 900 * kMicrosPerSecond;
// Beyond the longest day there is, that of a change of summer time.
constexpr int kQuartersAhead = 27 * 4;

// Of a time or a duration, rounded down; nothing for anything else, an error among it.
std::optional<int64_t> MicrosOf(const expr::Value& value) {
  if (value.Is(expr::Kind::kTimestamp)) {
    return value.seconds() * kMicrosPerSecond + value.nanos() / 1000;
  }
  if (!value.Is(expr::Kind::kDuration)) return std::nullopt;
  const int64_t nanos = value.duration_nanos();
  return nanos / 1000 - (nanos % 1000 < 0 ? 1 : 0);
}

bool AreSame(const expr::Value& a, const expr::Value& b) {
  if (a.kind() != b.kind()) return false;
  return a.Is(expr::Kind::kInt) ? a.AsInt() == b.AsInt() : a.is_error();
}

// The first quarter hour at which the part of the calendar is another; if it stays the same for a
// day, the end of that day.
base::Time NextCalendar(const expr::Program& program, base::Time now, Turns::Evaluate evaluate) {
  const expr::Value today = evaluate(program, now);
  int64_t quarter = now.micros / kQuarterHour - (now.micros % kQuarterHour < 0 ? 1 : 0);
  base::Time at = now;
  for (int i = 0; i < kQuartersAhead; ++i) {
    at = {++quarter * kQuarterHour};
    if (!AreSame(evaluate(program, at), today)) return at;
  }
  return at;
}

}  // namespace

Turns Turns::Of(const expr::Expr& tree, const expr::Environment& environment,
                expr::AttributeTable& table) {
  Turns turns;
  turns.Collect(tree, environment, table);
  return turns;
}

void Turns::Collect(const expr::Expr& expr, const expr::Environment& environment,
                    expr::AttributeTable& table) {
  if (TurnsOnce(expr)) {
    const expr::Expr& left = *expr.children[0];
    const expr::Expr& right = *expr.children[1];
    const bool grows = MentionsNow(left) ? GrowsWithTime(left) : ShrinksWithTime(right);
    comparisons_.push_back({.left = expr::Generate(left, environment, table),
                            .right = expr::Generate(right, environment, table),
                            .left_growth = grows ? 1 : -1});
  } else if (IsCalendar(expr)) {
    calendars_.push_back(expr::Generate(expr, environment, table));
  } else {
    for (const expr::ExprPtr& child : expr.children) Collect(*child, environment, table);
  }
}

base::Time Turns::Next(base::Time now, Evaluate evaluate) const {
  base::Time next = base::kDistantFuture;
  for (const Comparison& comparison : comparisons_) {
    const auto left = MicrosOf(evaluate(*comparison.left, now));
    const auto right = MicrosOf(evaluate(*comparison.right, now));
    if (!left.has_value() || !right.has_value()) continue;
    // Where both are equal some comparisons turn, others a microsecond later.
    const int64_t until_equal = (*right - *left) * comparison.left_growth;
    if (until_equal < 0) continue;
    next = std::min(next, base::Time{now.micros + std::max<int64_t>(until_equal, 1)});
  }
  for (const auto& calendar : calendars_) {
    next = std::min(next, NextCalendar(*calendar, now, evaluate));
  }
  return next;
}

}  // namespace batuta::rule
