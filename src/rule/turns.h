// When a rule may next answer otherwise though nothing happens: where it compares the time with
// something, or asks its calendar.
//
// A comparison turns once, at a time that follows from its two sides; a part of the calendar is
// looked for on the quarter hours, where all zones change it. Immutable; thread-safe.
#pragma once

#include <memory>
#include <vector>

#include "absl/functional/function_ref.h"
#include "base/time.h"
#include "expr/activation.h"
#include "expr/ast.h"
#include "expr/environment.h"
#include "expr/program.h"
#include "expr/value.h"

namespace batuta::rule {

class Turns {
 public:
  Turns() = default;
  // Requires: CheckNow found no error in the tree.
  static Turns Of(const expr::Expr& tree, const expr::Environment& environment,
                  expr::AttributeTable& table);

  bool empty() const { return comparisons_.empty() && calendars_.empty(); }

  // Evaluates a program with `now` being that time.
  using Evaluate = absl::FunctionRef<expr::Value(const expr::Program& program, base::Time at)>;

  // After `now`, and not after the first change; it may be earlier. kDistantFuture if there is
  // none, or all that is compared is absent.
  base::Time Next(base::Time now, Evaluate evaluate) const;

 private:
  struct Comparison {
    std::shared_ptr<const expr::Program> left;
    std::shared_ptr<const expr::Program> right;
    int left_growth = 0;  // of left less right as time passes: 1 or -1
  };
  void Collect(const expr::Expr& expr, const expr::Environment& environment,
               expr::AttributeTable& table);

  std::vector<Comparison> comparisons_;
  std::vector<std::shared_ptr<const expr::Program>> calendars_;
};

}  // namespace batuta::rule
