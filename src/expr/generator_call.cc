// The layout of calls and of what is built of parts.
#include <algorithm>

#include "expr/generator.h"

namespace batuta::expr {

bool Generator::MatchesConstant(const Expr& expr, const Callee& callee) {
  if (callee.function->name != "matches" || expr.children.size() != 2 || !folder_) return false;
  const auto constant = folder_->Constant(*expr.children[1]);
  if (!constant || !constant->Is(Kind::kString)) return false;
  auto pattern = CompilePattern(constant->AsText());
  if (!pattern.ok()) return false;
  Expression(*expr.children[0]);
  program_->patterns.push_back(*std::move(pattern));
  Emit(Opcode::kMatches, 0, expr, static_cast<uint32_t>(program_->patterns.size() - 1));
  return true;
}

void Generator::Call(const Expr& expr) {
  const Callee callee = ResolveCall(expr, environment_, locals_);
  if (callee.function == nullptr) {
    return Fail(ErrorCode::kUndeclared, "there is no such function", expr);
  }
  if (MatchesConstant(expr, callee)) return;
  const size_t first = expr.is_member && !callee.is_member ? 1 : 0;
  for (size_t i = first; i < expr.children.size(); ++i) Expression(*expr.children[i]);
  const auto count = static_cast<uint32_t>(expr.children.size() - first);
  program_->functions.push_back(callee.function);
  Emit(Opcode::kCall, 1 - static_cast<int>(count), expr,
       static_cast<uint32_t>(program_->functions.size() - 1), count, callee.is_member ? 1 : 0);
}

void Generator::List(const Expr& expr) {
  const auto& optional = expr.optional_entries;
  if (std::find(optional.begin(), optional.end(), true) == optional.end()) {
    for (const ExprPtr& child : expr.children) Expression(*child);
    const auto count = static_cast<uint32_t>(expr.children.size());
    Emit(Opcode::kMakeList, 1 - static_cast<int>(count), expr, count);
    return;
  }
  Label end;
  Emit(Opcode::kBuild, 0, expr);
  for (size_t i = 0; i < expr.children.size(); ++i) {
    Expression(*expr.children[i]);
    EmitJump(Opcode::kAppend, -1, *expr.children[i], end, optional[i] ? 1 : 0);
  }
  Bind(end);
  Emit(Opcode::kListEnd, 1, expr);
}

void Generator::Map(const Expr& expr) {
  const auto& optional = expr.optional_entries;
  if (std::find(optional.begin(), optional.end(), true) == optional.end()) {
    for (const ExprPtr& child : expr.children) Expression(*child);
    const auto count = static_cast<uint32_t>(expr.children.size() / 2);
    Emit(Opcode::kMakeMap, 1 - 2 * static_cast<int>(count), expr, count);
    return;
  }
  Label end;
  Emit(Opcode::kBuild, 0, expr);
  for (size_t i = 0; i < optional.size(); ++i) {
    Expression(*expr.children[2 * i]);
    Expression(*expr.children[2 * i + 1]);
    EmitJump(Opcode::kPut, -2, *expr.children[2 * i], end, optional[i] ? 1 : 0);
  }
  Bind(end);
  Emit(Opcode::kMapEnd, 1, expr);
}

void Generator::Message(const Expr& expr) {
  for (const std::string& candidate : environment_.Candidates(expr.name, expr.is_absolute)) {
    if (!IsMessageType(candidate)) continue;
    for (const std::string& field : expr.fields) {
      if (!HasMessageField(candidate, field)) {
        return Fail(ErrorCode::kUndeclared, "the message has no such field", expr);
      }
    }
    for (const ExprPtr& child : expr.children) Expression(*child);
    program_->messages.push_back({candidate, expr.fields, expr.optional_entries});
    Emit(Opcode::kMessage, 1 - static_cast<int>(expr.children.size()), expr,
         static_cast<uint32_t>(program_->messages.size() - 1));
    return;
  }
  Fail(ErrorCode::kUndeclared, "there is no such message", expr);
}

}  // namespace batuta::expr
