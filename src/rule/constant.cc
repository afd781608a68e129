#include "rule/constant.h"

#include <cmath>

#include "expr/compile.h"
#include "expr/evaluate.h"
#include "expr/value_json.h"
#include "rule/compile.h"

namespace batuta::rule {
namespace {

constexpr int64_t kExactMax = int64_t{1} << 53;

// Literals and lists of such are by far the most.
bool IsPlain(const expr::Expr& expr) {
  if (expr.kind == expr::ExprKind::kIdent) return false;
  for (const expr::ExprPtr& child : expr.children) {
    if (!IsPlain(*child)) return false;
  }
  return true;
}

bool IsJson(const expr::Value& value) {
  switch (value.kind()) {
    case expr::Kind::kNull:
    case expr::Kind::kBool:
    case expr::Kind::kString:
      return true;
    case expr::Kind::kInt:  // beyond this JSON has no place for integers
      return value.AsInt() < kExactMax && value.AsInt() > -kExactMax;
    case expr::Kind::kUint:
      return value.AsUint() < static_cast<uint64_t>(kExactMax);
    case expr::Kind::kDouble:
      return std::isfinite(value.AsDouble());
    case expr::Kind::kList:
      for (uint32_t i = 0; i < value.size(); ++i) {
        if (!IsJson(value.Element(i))) return false;
      }
      return true;
    default:
      return false;
  }
}

}  // namespace

const std::shared_ptr<const expr::FunctionTable>& Functions() {
  static const auto& functions =
      *new std::shared_ptr<const expr::FunctionTable>(expr::StandardLibrary());
  return functions;
}

std::optional<base::Value> ConstantOf(const expr::Expr& expr) {
  if (!IsPlain(expr)) return std::nullopt;
  const expr::Environment nothing(Functions());
  expr::AttributeTable table;
  const auto program = expr::Generate(expr, nothing, table);
  const expr::VariableSource source;
  expr::Activation activation(table, source);
  expr::Evaluator evaluator(kRuleBudget);
  const expr::Value value = evaluator.Evaluate(*program, activation);
  if (!IsJson(value)) return std::nullopt;
  expr::Scratch scratch;
  scratch.Start(kRuleBudget);
  return expr::ToJson(value, scratch);
}

}  // namespace batuta::rule
