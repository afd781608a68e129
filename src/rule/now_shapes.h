// The shapes in which a rule that is kept live may use `now`; see check_now.cc and turns.cc.
#pragma once

#include "expr/ast.h"

namespace batuta::rule {

bool IsNow(const expr::Expr& expr);
bool MentionsNow(const expr::Expr& expr);

// now, now + d, now - d, now - t: grows with the time, by as much.
bool GrowsWithTime(const expr::Expr& expr);
// t - now: shrinks by as much.
bool ShrinksWithTime(const expr::Expr& expr);
// A comparison of such with what does not depend on the time.
bool TurnsOnce(const expr::Expr& expr);
// A part of the calendar that changes on the hour or more rarely.
bool IsCalendar(const expr::Expr& expr);

}  // namespace batuta::rule
