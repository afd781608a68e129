#include <algorithm>

#include "rule/checks.h"

namespace batuta::rule {
namespace {

// Far beyond every budget, and far from overflow.
constexpr uint64_t kCostMax = 1'000'000'000'000;

uint64_t LengthOf(const expr::Expr& range) {
  const bool is_written = range.kind == expr::ExprKind::kList || range.kind == expr::ExprKind::kMap;
  return is_written ? std::max<uint64_t>(range.optional_entries.size(), 1) : kListLength;
}

}  // namespace

uint64_t CostOf(const expr::Expr& expr) {
  // Searching a text for a pattern looks at each of its characters.
  uint64_t cost = expr.kind == expr::ExprKind::kCall ? 10 : 1;
  const bool walks = expr.kind == expr::ExprKind::kMacro && expr.macro != expr::Macro::kBind &&
                     expr.macro != expr::Macro::kOptMap && expr.macro != expr::Macro::kOptFlatMap;
  const uint64_t times = walks ? LengthOf(*expr.children[0]) : 1;
  for (size_t i = 0; i < expr.children.size(); ++i) {
    const uint64_t child = CostOf(*expr.children[i]);
    cost = std::min(kCostMax, cost + (i == 0 ? child : child * times));
  }
  return cost;
}

}  // namespace batuta::rule
