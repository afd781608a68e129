// Recursive descent over tokens, with precedence climbing for the binary operators; an
// implementation detail of parse.h.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expr/lexer.h"
#include "expr/parse.h"

namespace batuta::expr {

struct BinaryOperator {
  std::string_view symbol;
  Operator op;
  int precedence;
};

class Parser {
 public:
  Parser(std::vector<Token> tokens, const ParseOptions& options, Diagnostics& diagnostics)
      : tokens_(std::move(tokens)), options_(options), diagnostics_(diagnostics) {}

  ExprPtr Run();

 private:
  const Token& Peek(size_t ahead = 0) const;
  const Token& Take();
  bool TakeIf(std::string_view symbol);
  // Null, so that callers can return it.
  ExprPtr Fail(Span span, std::string message, std::string suggestion = "");
  ExprPtr Unexpected(std::string_view wanted);
  bool Expect(std::string_view symbol);
  static ExprPtr New(ExprKind kind, Span span);
  // The node, its height set; null if it is too high.
  ExprPtr Finish(ExprPtr expr);
  ExprPtr Expression();
  ExprPtr Conditional();
  const BinaryOperator* PeekBinary() const;
  // Operators of at least this precedence, all of them left to right.
  ExprPtr Binary(int precedence);
  // `a && b && c` is one node of three; parentheses around a part keep it apart.
  ExprPtr Join(ExprPtr left, const BinaryOperator& binary, Span at, ExprPtr right,
               const Expr*& chain);
  ExprPtr Unary();
  ExprPtr Member();
  ExprPtr SelectOrCall(ExprPtr operand);
  // After the opening parenthesis.
  ExprPtr Arguments(ExprPtr call);
  ExprPtr Index(ExprPtr operand);
  ExprPtr Message(ExprPtr name);
  ExprPtr Close(ExprPtr expr, std::string_view symbol);
  static bool IsAbsolute(const Expr& name);
  static bool IsLiteralWord(std::string_view word);
  ExprPtr Primary();
  ExprPtr Bracketed();
  ExprPtr Word();
  ExprPtr Name(bool is_absolute);
  ExprPtr Number();
  ExprPtr List();
  ExprPtr Map();

  std::vector<Token> tokens_;
  const ParseOptions& options_;
  Diagnostics& diagnostics_;
  size_t at_ = 0;
  int nesting_ = 0;
  bool is_negative_ = false;  // the next number follows its minus
  uint32_t negative_begin_ = 0;
  bool is_plain_name_ = false;  // what was just read is a name, or names joined by dots
};

}  // namespace batuta::expr
