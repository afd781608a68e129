#include "rule/reads.h"

#include <algorithm>

namespace batuta::rule {
namespace {

using expr::Expr;
using expr::ExprKind;

// The field that a step of a chain asks for; null if it is computed.
const std::string* FieldOf(const Expr& step) {
  if (step.kind == ExprKind::kSelect) return &step.name;
  const Expr& index = *step.children[1];
  return index.kind == ExprKind::kLiteral ? std::get_if<std::string>(&index.literal) : nullptr;
}

bool IsStep(const Expr& expr) {
  return (expr.kind == ExprKind::kSelect || expr.kind == ExprKind::kIndex) &&
         FieldOf(expr) != nullptr;
}

class Walk {
 public:
  explicit Walk(const expr::Environment& environment) : environment_(environment) {}

  void Visit(const Expr& expr) {
    if (Read read = ReadOf(expr, environment_, locals_); !read.variable.empty()) {
      reads_.push_back(std::move(read));
      return;
    }
    const bool binds = expr.kind == ExprKind::kMacro;
    for (size_t i = 0; i < expr.children.size(); ++i) {
      if (binds && i == 1) {
        locals_.insert(locals_.end(), expr.variables.begin(), expr.variables.end());
      }
      Visit(*expr.children[i]);
    }
    if (binds && expr.children.size() > 1) locals_.resize(locals_.size() - expr.variables.size());
  }

  std::vector<Read> Take() { return std::move(reads_); }

 private:
  const expr::Environment& environment_;
  expr::Locals locals_;
  std::vector<Read> reads_;
};

}  // namespace

std::string Read::Path() const {
  std::string path = variable;
  for (const std::string& field : fields) path += "." + field;
  return path;
}

Read ReadOf(const Expr& expr, const expr::Environment& environment, const expr::Locals& locals) {
  Read read;
  const Expr* node = &expr;
  while (IsStep(*node)) {
    // What stands above a question for presence is a part of its answer, not of the chain.
    if (node != &expr && (node->optional || node->test_only)) return {};
    read.fields.push_back(*FieldOf(*node));
    read.is_presence = read.is_presence || node->test_only || node->optional;
    node = node->children[0].get();
  }
  if (node->kind != ExprKind::kIdent) return {};
  const expr::Reference reference = expr::Resolve(*node, environment, locals);
  if (reference.kind != expr::Reference::Kind::kVariable) return {};
  std::reverse(read.fields.begin(), read.fields.end());
  read.variable = reference.variable;
  read.span = expr.span;
  read.last = expr.name_span.end > expr.name_span.begin ? expr.name_span : expr.span;
  if (expr.kind == ExprKind::kIndex) read.last = expr.children[1]->span;
  return read;
}

std::vector<Read> ReadsOf(const Expr& expr, const expr::Environment& environment) {
  Walk walk(environment);
  walk.Visit(expr);
  return walk.Take();
}

}  // namespace batuta::rule
