// Whether a rule may be true, or false, of anybody: a search through the ways in which its parts
// can make it so, with what each way demands of every attribute.
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "expr/print.h"
#include "rule/checks.h"
#include "rule/constant.h"
#include "rule/domain.h"

namespace batuta::rule {
namespace {

using expr::Expr;
using expr::ExprKind;
using expr::Operator;

// Beyond so many steps the search ends and everything is taken for possible.
constexpr int kStepsMax = 5000;
// Doubles tell all integers apart up to here.
constexpr double kExactMax = 9007199254740992.0;

// A part and the outcome that is demanded of it.
struct Demand {
  const Expr* expr;
  bool wanted;
};

// What one way demands.
struct Way {
  std::vector<Demand> demands;
  std::map<std::string, Domain> attributes;  // by path
  std::map<std::string, bool> opaque;        // parts that are not understood, by text
};

class Search {
 public:
  explicit Search(const expr::Environment& environment) : environment_(environment) {}

  // Whether the expression may have that outcome.
  bool May(const Expr& expr, bool wanted) {
    steps_ = 0;
    return IsOpen({.demands = {{&expr, wanted}}, .attributes = {}, .opaque = {}});
  }

 private:
  bool IsOpen(Way way) {
    while (!way.demands.empty()) {
      if (++steps_ > kStepsMax) return true;
      const auto [expr, wanted] = way.demands.back();
      way.demands.pop_back();
      if (expr->kind == ExprKind::kUnary && expr->op == Operator::kNot) {
        way.demands.push_back({expr->children[0].get(), !wanted});
      } else if (expr->kind == ExprKind::kLogical) {
        const bool needs_all = (expr->op == Operator::kAnd) == wanted;
        if (!needs_all) return AnyOf(*expr, wanted, way);
        for (const expr::ExprPtr& child : expr->children) {
          way.demands.push_back({child.get(), wanted});
        }
      } else if (expr->kind == ExprKind::kConditional) {
        return EitherOf(*expr, wanted, way);
      } else if (!Take(*expr, wanted, way)) {
        return false;
      }
    }
    return true;
  }

  bool AnyOf(const Expr& expr, bool wanted, const Way& way) {
    for (const expr::ExprPtr& child : expr.children) {
      Way branch = way;
      branch.demands.push_back({child.get(), wanted});
      if (IsOpen(std::move(branch))) return true;
    }
    return false;
  }

  bool EitherOf(const Expr& expr, bool wanted, const Way& way) {
    for (const size_t chosen : {1u, 2u}) {
      Way branch = way;
      branch.demands.push_back({expr.children[chosen].get(), wanted});
      branch.demands.push_back({expr.children[0].get(), chosen == 1});
      if (IsOpen(std::move(branch))) return true;
    }
    return false;
  }

  // False if the demand cannot be met.
  bool Take(const Expr& expr, bool wanted, Way& way) {
    if (expr.kind == ExprKind::kLiteral) {
      const bool* literal = std::get_if<bool>(&expr.literal);
      return literal != nullptr && *literal == wanted;
    }
    const auto [known, is_new] = way.opaque.try_emplace(expr::Print(expr), wanted);
    if (!is_new && known->second != wanted) return false;
    if (const Read read = ReadOf(expr, environment_); !read.variable.empty()) {
      return TakeRead(expr, read, wanted, way);
    }
    return expr.kind != ExprKind::kBinary || TakeComparison(expr, wanted, way);
  }

  static bool TakeRead(const Expr& expr, const Read& read, bool wanted, Way& way) {
    if (expr.optional) return true;
    Domain& domain = way.attributes[read.Path()];
    if (!read.is_presence) {
      base::Value constant;
      constant.set_boolean(wanted);
      domain.BeOneOf({&constant});
    } else if (wanted) {
      domain.BePresent();
    } else {
      domain.BeAbsent();
    }
    return !domain.IsEmpty();
  }

  bool TakeComparison(const Expr& expr, bool wanted, Way& way) {
    const Read read = ReadOf(*expr.children[0], environment_);
    if (read.variable.empty() || read.is_presence) return true;
    const std::optional<base::Value> constant = ConstantOf(*expr.children[1]);
    if (!constant.has_value()) return true;
    Domain& domain = way.attributes[read.Path()];
    domain.BePresent();
    switch (expr.op) {
      case Operator::kEqual:
      case Operator::kNotEqual:
        Equal(*constant, (expr.op == Operator::kEqual) == wanted, domain);
        break;
      case Operator::kIn:
        Among(*constant, wanted, domain);
        break;
      default:
        Order(expr.op, *constant, wanted, domain);
    }
    return !domain.IsEmpty();
  }

  static bool IsExact(const base::Value& value) {
    return value.has_text() || value.has_boolean() ||
           (value.has_number() && std::abs(value.number()) < kExactMax);
  }

  static void Equal(const base::Value& constant, bool wanted, Domain& domain) {
    if (!IsExact(constant)) return;
    if (wanted) {
      domain.BeOneOf({&constant});
    } else {
      domain.BeNoneOf({&constant});
    }
  }

  static void Among(const base::Value& list, bool wanted, Domain& domain) {
    if (!list.has_list()) return;
    std::vector<const base::Value*> constants;
    for (const base::Value& one : list.list().values()) {
      if (!IsExact(one)) return;
      constants.push_back(&one);
    }
    if (wanted) {
      domain.BeOneOf(constants);
    } else {
      domain.BeNoneOf(constants);
    }
  }

  static void Order(Operator op, const base::Value& constant, bool wanted, Domain& domain) {
    if (constant.has_text()) return domain.BeText();
    if (!constant.has_number() || !IsExact(constant)) return;
    const bool is_below = (op == Operator::kLess || op == Operator::kLessEqual) == wanted;
    const bool is_strict = op == Operator::kLess || op == Operator::kGreater;
    if (is_below) {
      domain.BeAtMost(constant.number(), is_strict == wanted);
    } else {
      domain.BeAtLeast(constant.number(), is_strict == wanted);
    }
  }

  const expr::Environment& environment_;
  int steps_ = 0;
};

}  // namespace

Possible PossibleOutcomes(const Expr& expr, const expr::Environment& environment) {
  Search search(environment);
  return {.is_true = search.May(expr, true), .is_false = search.May(expr, false)};
}

}  // namespace batuta::rule
