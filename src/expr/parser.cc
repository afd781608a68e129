// Operators, and what all parts of the parser use.
#include "expr/parser.h"

#include <algorithm>

#include "base/text.h"

namespace batuta::expr {
namespace {

constexpr int kNestingMax = 200;

constexpr BinaryOperator kBinaryOperators[] = {
    {"||", Operator::kOr, 1},      {"&&", Operator::kAnd, 2},
    {"<", Operator::kLess, 3},     {"<=", Operator::kLessEqual, 3},
    {">", Operator::kGreater, 3},  {">=", Operator::kGreaterEqual, 3},
    {"==", Operator::kEqual, 3},   {"!=", Operator::kNotEqual, 3},
    {"in", Operator::kIn, 3},      {"+", Operator::kAdd, 4},
    {"-", Operator::kSubtract, 4}, {"*", Operator::kMultiply, 5},
    {"/", Operator::kDivide, 5},   {"%", Operator::kRemainder, 5}};

// What people write who come from another language.
std::string MeantOperator(std::string_view word) {
  const std::string lower = base::LowerAscii(word);
  if (lower == "and") return "&&";
  if (lower == "or") return "||";
  if (lower == "is" || lower == "eq") return "==";
  if (lower == "like") return ".contains(…)";
  return "";
}

}  // namespace

ExprPtr Parser::Run() {
  ExprPtr expr = Expression();
  if (expr == nullptr) return nullptr;
  if (Peek().kind != TokenKind::kEnd) return Unexpected("the end or an operator");
  return expr;
}

const Token& Parser::Peek(size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

const Token& Parser::Take() {
  const Token& token = Peek();
  if (at_ + 1 < tokens_.size()) ++at_;
  return token;
}

bool Parser::TakeIf(std::string_view symbol) {
  if (!Peek().Is(symbol)) return false;
  Take();
  return true;
}

ExprPtr Parser::Fail(Span span, std::string message, std::string suggestion) {
  if (diagnostics_.empty()) {
    diagnostics_.push_back({span, std::move(message), std::move(suggestion)});
  }
  return nullptr;
}

ExprPtr Parser::Unexpected(std::string_view wanted) {
  const Token& token = Peek();
  if (token.kind == TokenKind::kEnd) {
    return Fail(token.span, base::StrCat("the expression ends where ", wanted, " should stand"));
  }
  const std::string meant =
      token.kind == TokenKind::kIdent ? MeantOperator(token.text) : std::string();
  return Fail(token.span, base::StrCat("`", token.text, "` where ", wanted, " should stand"),
              meant);
}

bool Parser::Expect(std::string_view symbol) {
  if (TakeIf(symbol)) return true;
  Unexpected(base::StrCat("`", symbol, "`"));
  return false;
}

ExprPtr Parser::New(ExprKind kind, Span span) {
  auto expr = std::make_unique<Expr>();
  expr->kind = kind;
  expr->span = span;
  expr->name_span = span;
  return expr;
}

ExprPtr Parser::Finish(ExprPtr expr) {
  if (!internal::SetHeight(*expr)) return Fail(expr->span, "nested too deeply");
  return expr;
}

ExprPtr Parser::Expression() {
  if (++nesting_ > kNestingMax) return Fail(Peek().span, "nested too deeply");
  ExprPtr expr = Conditional();
  --nesting_;
  return expr;
}

ExprPtr Parser::Conditional() {
  ExprPtr condition = Binary(1);
  if (condition == nullptr || !Peek().Is("?")) return condition;
  ExprPtr expr = New(ExprKind::kConditional, condition->span);
  expr->name_span = Take().span;
  ExprPtr yes = Binary(1);
  if (yes == nullptr || !Expect(":")) return nullptr;
  ExprPtr no = Expression();
  if (no == nullptr) return nullptr;
  expr->span.end = no->span.end;
  expr->children.push_back(std::move(condition));
  expr->children.push_back(std::move(yes));
  expr->children.push_back(std::move(no));
  return Finish(std::move(expr));
}

const BinaryOperator* Parser::PeekBinary() const {
  const Token& token = Peek();
  const bool is_word = token.kind == TokenKind::kIdent && token.text == "in";
  if (token.kind != TokenKind::kSymbol && !is_word) return nullptr;
  for (const BinaryOperator& binary : kBinaryOperators) {
    if (binary.symbol == std::string_view(token.text)) return &binary;
  }
  return nullptr;
}

ExprPtr Parser::Binary(int precedence) {
  ExprPtr left = Unary();
  const Expr* chain = nullptr;  // the && or || that was joined here last
  while (left != nullptr) {
    const BinaryOperator* binary = PeekBinary();
    if (binary == nullptr || binary->precedence < precedence) return left;
    const Span at = Take().span;
    ExprPtr right = Binary(binary->precedence + 1);
    if (right == nullptr) return nullptr;
    left = Join(std::move(left), *binary, at, std::move(right), chain);
  }
  return left;
}

ExprPtr Parser::Join(ExprPtr left, const BinaryOperator& binary, Span at, ExprPtr right,
                     const Expr*& chain) {
  const bool is_logical = binary.op == Operator::kAnd || binary.op == Operator::kOr;
  const uint32_t end = right->span.end;
  if (is_logical && left.get() == chain && left->op == binary.op) {
    left->children.push_back(std::move(right));
    left->span.end = end;
    return Finish(std::move(left));
  }
  ExprPtr expr = New(is_logical ? ExprKind::kLogical : ExprKind::kBinary, {left->span.begin, end});
  expr->op = binary.op;
  expr->name_span = at;
  expr->children.push_back(std::move(left));
  expr->children.push_back(std::move(right));
  chain = is_logical ? expr.get() : nullptr;
  return Finish(std::move(expr));
}

ExprPtr Parser::Unary() {
  const Token& first = Peek();
  if (!first.Is("!") && !first.Is("-")) return Member();
  const std::string symbol = first.text;
  std::vector<Span> operators;
  while (Peek().Is(symbol)) operators.push_back(Take().span);
  const bool is_number = Peek().kind == TokenKind::kInt || Peek().kind == TokenKind::kDouble;
  if (symbol == "-" && is_number) {
    is_negative_ = true;
    negative_begin_ = operators.back().begin;
    operators.pop_back();
  }
  ExprPtr expr = Member();
  while (expr != nullptr && !operators.empty()) {
    ExprPtr unary = New(ExprKind::kUnary, {operators.back().begin, expr->span.end});
    unary->op = symbol == "!" ? Operator::kNot : Operator::kNegate;
    unary->name_span = operators.back();
    unary->children.push_back(std::move(expr));
    operators.pop_back();
    expr = Finish(std::move(unary));
  }
  return expr;
}

Parsed Parse(std::string_view source, const ParseOptions& options) {
  Parsed parsed;
  if (source.size() > kSourceBytesMax) {
    parsed.diagnostics.push_back({{}, base::StrCat("longer than ", kSourceBytesMax, " bytes"), ""});
    return parsed;
  }
  if (const size_t valid = base::ValidUtf8Prefix(source); valid < source.size()) {
    const auto at = static_cast<uint32_t>(valid);
    parsed.diagnostics.push_back({{at, at + 1}, "not valid UTF-8", ""});
    return parsed;
  }
  std::vector<Token> tokens = Tokenize(source, parsed.diagnostics);
  if (!parsed.diagnostics.empty()) return parsed;
  parsed.expr = Parser(std::move(tokens), options, parsed.diagnostics).Run();
  if (!parsed.diagnostics.empty()) parsed.expr = nullptr;
  return parsed;
}

}  // namespace batuta::expr
