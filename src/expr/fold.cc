#include "expr/fold.h"

#include <algorithm>
#include <limits>

#include "expr/compile.h"
#include "expr/evaluate.h"
#include "expr/operators.h"

namespace batuta::expr {
namespace {

constexpr uint64_t kFoldBudget = 20'000;
constexpr int kOpen = -1;
constexpr int kClosed = std::numeric_limits<int>::max();

struct LiteralReader {
  Arena& arena;
  Value operator()(std::monostate) const { return Value(); }
  Value operator()(bool value) const { return Value::Bool(value); }
  Value operator()(int64_t value) const { return Value::Int(value); }
  Value operator()(uint64_t value) const { return Value::Uint(value); }
  Value operator()(double value) const { return Value::Double(value); }
  Value operator()(const std::string& text) const { return Value::Text(arena.Copy(text)); }
  Value operator()(const Bytes& bytes) const { return Value::OfBytes(arena.Copy(bytes.bytes)); }
};

// Has no attributes: what is computed early has none.
class NoSource : public AttributeSource {
 public:
  Value Read(const Attribute&, Scratch&) const override { return Value(); }
};

}  // namespace

Value LiteralValue(const Literal& literal, Arena& arena) {
  return std::visit(LiteralReader{arena}, literal);
}

Folder::Folder(const Expr& root, const Environment& environment, Arena& arena)
    : environment_(environment), arena_(arena) {
  Locals locals;
  Mark(root, locals);
}

int Folder::MarkName(const Expr& expr, const Locals& locals) const {
  const Reference reference = Resolve(expr, environment_, locals);
  if (reference.kind == Reference::Kind::kConstant) return kClosed;
  if (reference.kind != Reference::Kind::kLocal) return kOpen;
  const auto found = std::find(locals.rbegin(), locals.rend(), reference.variable);
  return static_cast<int>(locals.rend() - found) - 1;
}

int Folder::MarkMacro(const Expr& expr, Locals& locals) {
  int mark = Mark(*expr.children[0], locals);
  const size_t outer = locals.size();
  locals.insert(locals.end(), expr.variables.begin(), expr.variables.end());
  for (size_t i = 1; i < expr.children.size(); ++i) {
    const int inner = Mark(*expr.children[i], locals);
    // Locals of this macro are no matter of what is around it.
    mark = std::min(mark, inner >= static_cast<int>(outer) ? kClosed : inner);
  }
  locals.resize(outer);
  return mark;
}

int Folder::Mark(const Expr& expr, Locals& locals) {
  int mark = kClosed;
  if (expr.kind == ExprKind::kMacro) {
    mark = MarkMacro(expr, locals);
  } else if (expr.kind == ExprKind::kIdent ||
             (expr.kind == ExprKind::kSelect && !DottedName(expr).empty())) {
    mark = MarkName(expr, locals);
  } else if (expr.kind == ExprKind::kCall) {
    const Callee callee = ResolveCall(expr, environment_, locals);
    const bool folds =
        callee.function != nullptr && callee.function->folding == Folding::kAtCompile;
    if (!folds) mark = kOpen;
    for (size_t i = 0; i < expr.children.size(); ++i) {
      const bool is_part_of_name = i == 0 && expr.is_member && !callee.is_member;
      if (!is_part_of_name) mark = std::min(mark, Mark(*expr.children[i], locals));
    }
  } else {
    for (const ExprPtr& child : expr.children) mark = std::min(mark, Mark(*child, locals));
  }
  is_closed_[&expr] = mark == kClosed;
  return mark;
}

std::optional<Value> Folder::Compute(const Expr& expr) const {
  AttributeTable table;
  const NoSource source;
  Activation activation(table, source);
  Evaluator evaluator(kFoldBudget);
  const auto program = internal::GenerateUnfolded(expr, environment_, table);
  const Value value = evaluator.Evaluate(*program, activation);
  Scratch scratch;
  scratch.Start(kFoldBudget);
  if (value.is_error() || !ChargeWeight(value, scratch)) return std::nullopt;
  return DeepCopy(value, arena_);
}

std::optional<Value> Folder::Constant(const Expr& expr) {
  if (expr.kind == ExprKind::kLiteral) return LiteralValue(expr.literal, arena_);
  const auto closed = is_closed_.find(&expr);
  if (closed == is_closed_.end() || !closed->second) return std::nullopt;
  const auto [at, is_new] = values_.try_emplace(&expr);
  if (is_new) at->second = Compute(expr);
  return at->second;
}

}  // namespace batuta::expr
