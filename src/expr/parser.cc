// Recursive descent, with precedence climbing for the binary operators.
#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include "absl/strings/numbers.h"
#include "base/text.h"
#include "expr/lexer.h"
#include "expr/parse.h"

namespace batuta::expr {
namespace {

constexpr int kNestingMax = 200;

constexpr std::string_view kReserved[] = {
    "as",        "break", "const",  "continue", "else", "false", "for",
    "function",  "if",    "import", "in",       "let",  "loop",  "package",
    "namespace", "null",  "return", "true",     "var",  "void",  "while"};

struct BinaryOperator {
  std::string_view symbol;
  Operator op;
  int precedence;
};
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

class Parser {
 public:
  Parser(std::vector<Token> tokens, const ParseOptions& options, Diagnostics& diagnostics)
      : tokens_(std::move(tokens)), options_(options), diagnostics_(diagnostics) {}

  ExprPtr Run() {
    ExprPtr expr = Expression();
    if (expr == nullptr) return nullptr;
    if (Peek().kind != TokenKind::kEnd) return Unexpected("the end or an operator");
    return expr;
  }

 private:
  const Token& Peek(size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }

  const Token& Take() {
    const Token& token = Peek();
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
  }

  bool TakeIf(std::string_view symbol) {
    if (!Peek().Is(symbol)) return false;
    Take();
    return true;
  }

  // Null, so that callers can return it.
  ExprPtr Fail(Span span, std::string message, std::string suggestion = "") {
    if (diagnostics_.empty()) {
      diagnostics_.push_back({span, std::move(message), std::move(suggestion)});
    }
    return nullptr;
  }

  ExprPtr Unexpected(std::string_view wanted) {
    const Token& token = Peek();
    if (token.kind == TokenKind::kEnd) {
      return Fail(token.span, base::StrCat("the expression ends where ", wanted, " should stand"));
    }
    const std::string meant =
        token.kind == TokenKind::kIdent ? MeantOperator(token.text) : std::string();
    return Fail(token.span, base::StrCat("`", token.text, "` where ", wanted, " should stand"),
                meant);
  }

  bool Expect(std::string_view symbol) {
    if (TakeIf(symbol)) return true;
    Unexpected(base::StrCat("`", symbol, "`"));
    return false;
  }

  static ExprPtr New(ExprKind kind, Span span) {
    auto expr = std::make_unique<Expr>();
    expr->kind = kind;
    expr->span = span;
    expr->name_span = span;
    return expr;
  }

  // The node, its height set; null if it is too high.
  ExprPtr Finish(ExprPtr expr) {
    if (!internal::SetHeight(*expr)) return Fail(expr->span, "nested too deeply");
    return expr;
  }

  ExprPtr Expression() {
    if (++nesting_ > kNestingMax) return Fail(Peek().span, "nested too deeply");
    ExprPtr expr = Conditional();
    --nesting_;
    return expr;
  }

  ExprPtr Conditional() {
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

  const BinaryOperator* PeekBinary() const {
    const Token& token = Peek();
    const bool is_word = token.kind == TokenKind::kIdent && token.text == "in";
    if (token.kind != TokenKind::kSymbol && !is_word) return nullptr;
    for (const BinaryOperator& binary : kBinaryOperators) {
      if (binary.symbol == std::string_view(token.text)) return &binary;
    }
    return nullptr;
  }

  // Operators of at least this precedence, all of them left to right.
  ExprPtr Binary(int precedence) {
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

  // `a && b && c` is one node of three; parentheses around a part keep it apart.
  ExprPtr Join(ExprPtr left, const BinaryOperator& binary, Span at, ExprPtr right,
               const Expr*& chain) {
    const bool is_logical = binary.op == Operator::kAnd || binary.op == Operator::kOr;
    const uint32_t end = right->span.end;
    if (is_logical && left.get() == chain && left->op == binary.op) {
      left->children.push_back(std::move(right));
      left->span.end = end;
      return Finish(std::move(left));
    }
    ExprPtr expr =
        New(is_logical ? ExprKind::kLogical : ExprKind::kBinary, {left->span.begin, end});
    expr->op = binary.op;
    expr->name_span = at;
    expr->children.push_back(std::move(left));
    expr->children.push_back(std::move(right));
    chain = is_logical ? expr.get() : nullptr;
    return Finish(std::move(expr));
  }

  ExprPtr Unary() {
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

  ExprPtr Member() {
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

  ExprPtr SelectOrCall(ExprPtr operand) {
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

  // After the opening parenthesis.
  ExprPtr Arguments(ExprPtr call) {
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

  ExprPtr Index(ExprPtr operand) {
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

  ExprPtr Message(ExprPtr name) {
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

  ExprPtr Close(ExprPtr expr, std::string_view symbol) {
    expr->span.end = Peek().span.end;
    is_plain_name_ = false;
    if (!Expect(symbol)) return nullptr;
    is_plain_name_ = false;
    return Finish(std::move(expr));
  }

  static bool IsAbsolute(const Expr& name) {
    return name.kind == ExprKind::kIdent ? name.is_absolute : IsAbsolute(*name.children[0]);
  }

  static bool IsLiteralWord(std::string_view word) {
    return word == "true" || word == "false" || word == "null";
  }

  ExprPtr Primary() {
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

  ExprPtr Bracketed() {
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

  ExprPtr Word() {
    const Token& token = Take();
    ExprPtr expr = New(ExprKind::kLiteral, token.span);
    if (token.text != "null") expr->literal = token.text == "true";
    return expr;
  }

  ExprPtr Name(bool is_absolute) {
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

  ExprPtr Number() {
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

  ExprPtr List() {
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

  ExprPtr Map() {
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

  std::vector<Token> tokens_;
  const ParseOptions& options_;
  Diagnostics& diagnostics_;
  size_t at_ = 0;
  int nesting_ = 0;
  bool is_negative_ = false;  // the next number follows its minus
  uint32_t negative_begin_ = 0;
  bool is_plain_name_ = false;  // what was just read is a name, or names joined by dots
};

}  // namespace

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
