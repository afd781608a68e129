// Values as they are written: literals, names, lists, maps, parentheses.
#include <algorithm>
#include <charconv>
#include <limits>

#include "absl/strings/numbers.h"
#include "base/text.h"
#include "expr/parser.h"

namespace batuta::expr {
namespace {

constexpr std::string_view kReserved[] = {
    "as",        "break", "const",  "continue", "else", "false", "for",
    "function",  "if",    "import", "in",       "let",  "loop",  "package",
    "namespace", "null",  "return", "true",     "var",  "void",  "while"};

}  // namespace

ExprPtr Parser::Primary() {
  is_plain_name_ = false;
  const Token& token = Peek();
  switch (token.kind) {
    case TokenKind::kInt:
    case TokenKind::kUint:
    case TokenKind::kDouble:
      return Number();
    case TokenKind::kString:
    case TokenKind::kBytes: {
      ExprPtr expr = New(ExprKind::kLiteral, token.span);
      if (token.kind == TokenKind::kString) {
        expr->literal = token.text;
      } else {
        expr->literal = Bytes{token.text};
      }
      Take();
      return expr;
    }
    case TokenKind::kIdent:
      return IsLiteralWord(token.text) ? Word() : Name(false);
    case TokenKind::kSymbol:
      return Bracketed();
    case TokenKind::kQuotedIdent:
    case TokenKind::kEnd:
      break;
  }
  return Unexpected("a value");
}

ExprPtr Parser::Bracketed() {
  const Token& token = Peek();
  if (token.Is("(")) {
    Take();
    ExprPtr expr = Expression();
    if (expr == nullptr || !Expect(")")) return nullptr;
    is_plain_name_ = false;
    return expr;
  }
  if (token.Is("[")) return List();
  if (token.Is("{")) return Map();
  if (token.Is(".") && Peek(1).kind == TokenKind::kIdent) {
    Take();
    return Name(true);
  }
  return Unexpected("a value");
}

ExprPtr Parser::Word() {
  const Token& token = Take();
  ExprPtr expr = New(ExprKind::kLiteral, token.span);
  if (token.text != "null") expr->literal = token.text == "true";
  return expr;
}

ExprPtr Parser::Name(bool is_absolute) {
  const Token& token = Peek();
  if (std::find(std::begin(kReserved), std::end(kReserved), std::string_view(token.text)) !=
      std::end(kReserved)) {
    return Fail(token.span, base::StrCat("`", token.text, "` is reserved and cannot be a name"));
  }
  ExprPtr expr = New(ExprKind::kIdent, token.span);
  expr->name = token.text;
  expr->is_absolute = is_absolute;
  const std::string meant = token.text == "not" || token.text == "NOT" ? "!" : "";
  Take();
  if (Peek().Is("(")) {
    Take();
    expr->kind = ExprKind::kCall;
    return Arguments(std::move(expr));
  }
  const bool runs_on = Peek().kind == TokenKind::kIdent && Peek().text != "in";
  if (!meant.empty() && runs_on) return Fail(token.span, "`not` is written `!`", meant);
  is_plain_name_ = true;
  return expr;
}

ExprPtr Parser::Number() {
  const Token token = Take();
  const bool is_negative = std::exchange(is_negative_, false);
  ExprPtr expr = New(ExprKind::kLiteral, token.span);
  if (is_negative) expr->span.begin = negative_begin_;
  if (token.kind == TokenKind::kDouble) {
    double number = 0;
    if (!absl::SimpleAtod(token.text, &number) || number > std::numeric_limits<double>::max()) {
      return Fail(token.span, "this number is beyond a double");
    }
    expr->literal = is_negative ? -number : number;
    return expr;
  }
  const bool is_hex = token.text.size() > 2 && token.text[1] == 'x';
  const std::string_view digits = std::string_view(token.text).substr(is_hex ? 2 : 0);
  uint64_t number = 0;
  const auto result =
      std::from_chars(digits.data(), digits.data() + digits.size(), number, is_hex ? 16 : 10);
  const uint64_t limit = uint64_t{std::numeric_limits<int64_t>::max()} + (is_negative ? 1 : 0);
  const bool is_unsigned = token.kind == TokenKind::kUint;
  if (result.ec != std::errc() || (!is_unsigned && number > limit)) {
    return Fail(token.span, is_unsigned ? "this number is beyond 64 bits without a sign"
                                        : "this number is beyond 64 bits");
  }
  if (is_unsigned) {
    expr->literal = number;
  } else {
    expr->literal = static_cast<int64_t>(is_negative ? 0 - number : number);
  }
  return expr;
}

ExprPtr Parser::List() {
  ExprPtr expr = New(ExprKind::kList, Take().span);
  while (!Peek().Is("]")) {
    expr->optional_entries.push_back(TakeIf("?"));
    ExprPtr element = Expression();
    if (element == nullptr) return nullptr;
    expr->children.push_back(std::move(element));
    if (!TakeIf(",")) break;
  }
  return Close(std::move(expr), "]");
}

ExprPtr Parser::Map() {
  ExprPtr expr = New(ExprKind::kMap, Take().span);
  while (!Peek().Is("}")) {
    expr->optional_entries.push_back(TakeIf("?"));
    ExprPtr key = Expression();
    if (key == nullptr || !Expect(":")) return nullptr;
    ExprPtr value = Expression();
    if (value == nullptr) return nullptr;
    expr->children.push_back(std::move(key));
    expr->children.push_back(std::move(value));
    if (!TakeIf(",")) break;
  }
  return Close(std::move(expr), "}");
}

}  // namespace batuta::expr
