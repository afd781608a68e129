// What follows a value: fields, calls, places, the fields of messages.
#include "expr/parser.h"

namespace batuta::expr {

ExprPtr Parser::Member() {
  ExprPtr expr = Primary();
  while (expr != nullptr) {
    if (Peek().Is(".")) {
      expr = SelectOrCall(std::move(expr));
    } else if (Peek().Is("[")) {
      expr = Index(std::move(expr));
    } else if (Peek().Is("{") && !DottedName(*expr).empty() && is_plain_name_) {
      expr = Message(std::move(expr));
    } else {
      return expr;
    }
  }
  return nullptr;
}

ExprPtr Parser::SelectOrCall(ExprPtr operand) {
  Take();
  const bool optional = TakeIf("?");
  const Token& name = Peek();
  const bool is_quoted = name.kind == TokenKind::kQuotedIdent;
  if (!is_quoted && name.kind != TokenKind::kIdent) return Unexpected("the name of a field");
  if (!is_quoted && (name.text == "in" || IsLiteralWord(name.text))) {
    return Unexpected("the name of a field");
  }
  ExprPtr expr = New(ExprKind::kSelect, {operand->span.begin, name.span.end});
  expr->name = name.text;
  expr->name_span = name.span;
  expr->optional = optional;
  is_plain_name_ = is_plain_name_ && !is_quoted && !optional;
  expr->children.push_back(std::move(operand));
  Take();
  if (optional || is_quoted || !Peek().Is("(")) return Finish(std::move(expr));
  Take();
  expr->kind = ExprKind::kCall;
  expr->is_member = true;
  return Arguments(std::move(expr));
}

ExprPtr Parser::Arguments(ExprPtr call) {
  is_plain_name_ = false;
  if (!Peek().Is(")")) {
    do {
      ExprPtr argument = Expression();
      if (argument == nullptr) return nullptr;
      call->children.push_back(std::move(argument));
    } while (TakeIf(","));
  }
  call->span.end = Peek().span.end;
  if (!Expect(")")) return nullptr;
  is_plain_name_ = false;
  call = Finish(std::move(call));
  if (call == nullptr || !options_.macros) return call;
  if (!internal::ExpandMacro(call, diagnostics_)) return nullptr;
  return call;
}

ExprPtr Parser::Index(ExprPtr operand) {
  ExprPtr expr = New(ExprKind::kIndex, operand->span);
  expr->name_span = Take().span;
  expr->optional = TakeIf("?");
  ExprPtr index = Expression();
  if (index == nullptr) return nullptr;
  expr->span.end = Peek().span.end;
  if (!Expect("]")) return nullptr;
  is_plain_name_ = false;
  expr->children.push_back(std::move(operand));
  expr->children.push_back(std::move(index));
  return Finish(std::move(expr));
}

ExprPtr Parser::Message(ExprPtr name) {
  ExprPtr expr = New(ExprKind::kMessage, name->span);
  expr->name = DottedName(*name);
  expr->is_absolute = IsAbsolute(*name);
  Take();
  while (!Peek().Is("}")) {
    expr->optional_entries.push_back(TakeIf("?"));
    const Token& field = Peek();
    if (field.kind != TokenKind::kIdent && field.kind != TokenKind::kQuotedIdent) {
      return Unexpected("the name of a field");
    }
    expr->fields.push_back(field.text);
    Take();
    if (!Expect(":")) return nullptr;
    ExprPtr value = Expression();
    if (value == nullptr) return nullptr;
    expr->children.push_back(std::move(value));
    if (!TakeIf(",")) break;
  }
  return Close(std::move(expr), "}");
}

ExprPtr Parser::Close(ExprPtr expr, std::string_view symbol) {
  expr->span.end = Peek().span.end;
  is_plain_name_ = false;
  if (!Expect(symbol)) return nullptr;
  is_plain_name_ = false;
  return Finish(std::move(expr));
}

bool Parser::IsAbsolute(const Expr& name) {
  return name.kind == ExprKind::kIdent ? name.is_absolute : IsAbsolute(*name.children[0]);
}

bool Parser::IsLiteralWord(std::string_view word) {
  return word == "true" || word == "false" || word == "null";
}

}  // namespace batuta::expr
