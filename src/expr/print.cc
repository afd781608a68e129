#include "expr/print.h"

#include <cmath>

#include "base/text.h"
#include "expr/number_text.h"

namespace batuta::expr {
namespace {

// How tightly a node holds together: a child that is looser than its place is put in parentheses.
enum Tightness { kLoosest, kOr, kAnd, kRelation, kSum, kProduct, kPrefix, kMember };

Tightness TightnessOf(Operator op) {
  switch (op) {
    case Operator::kOr:
      return kOr;
    case Operator::kAnd:
      return kAnd;
    case Operator::kAdd:
    case Operator::kSubtract:
      return kSum;
    case Operator::kMultiply:
    case Operator::kDivide:
    case Operator::kRemainder:
      return kProduct;
    case Operator::kNot:
    case Operator::kNegate:
      return kPrefix;
    default:
      return kRelation;
  }
}

bool IsNegativeNumber(const Expr& expr) {
  if (expr.kind != ExprKind::kLiteral) return false;
  if (const auto* integer = std::get_if<int64_t>(&expr.literal)) return *integer < 0;
  const auto* real = std::get_if<double>(&expr.literal);
  return real != nullptr && std::signbit(*real);
}

Tightness TightnessOf(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kConditional:
      return kLoosest;
    case ExprKind::kUnary:
    case ExprKind::kBinary:
    case ExprKind::kLogical:
      return TightnessOf(expr.op);
    default:
      return IsNegativeNumber(expr) ? kPrefix : kMember;
  }
}

std::string Quoted(std::string_view text, bool is_bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string quoted = is_bytes ? "b\"" : "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (byte < 0x20 || byte == 0x7F || (is_bytes && byte >= 0x80)) {
      quoted += "\\x";
      quoted += kHex[byte >> 4];
      quoted += kHex[byte & 15];
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

// A double that reads as one: with a point or an exponent.
std::string RealText(double number) {
  std::string text = DoubleText(number);
  if (text.find_first_of(".eE") == text.npos) text += ".0";
  return text;
}

struct LiteralPrinter {
  std::string operator()(std::monostate) const { return "null"; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(int64_t value) const { return std::to_string(value); }
  std::string operator()(uint64_t value) const { return std::to_string(value) + "u"; }
  std::string operator()(double value) const { return RealText(value); }
  std::string operator()(const std::string& text) const { return Quoted(text, false); }
  std::string operator()(const Bytes& bytes) const { return Quoted(bytes.bytes, true); }
};

bool IsPlainName(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  for (const std::string_view word : {"in", "true", "false", "null"}) {
    if (name == word) return false;
  }
  return name.find_first_of("./- ") == name.npos;
}

std::string FieldName(const std::string& name) {
  return IsPlainName(name) ? name : "`" + name + "`";
}

std::string At(const Expr& expr, Tightness place) {
  const std::string text = Print(expr);
  return TightnessOf(expr) < place ? "(" + text + ")" : text;
}

std::string Arguments(const Expr& expr, size_t first, std::vector<std::string> parts = {}) {
  for (size_t i = first; i < expr.children.size(); ++i) parts.push_back(Print(*expr.children[i]));
  std::string text = "(";
  for (size_t i = 0; i < parts.size(); ++i) text += (i > 0 ? ", " : "") + parts[i];
  return text + ")";
}

std::string Binary(const Expr& expr) {
  const Tightness place = TightnessOf(expr.op);
  const std::string left = At(*expr.children[0], place);
  // All are read from the left: on the right stands what is tighter.
  const std::string right = At(*expr.children[1], static_cast<Tightness>(place + 1));
  return base::StrCat(left, " ", Spelling(expr.op), " ", right);
}

std::string Logical(const Expr& expr) {
  std::string text;
  for (const ExprPtr& child : expr.children) {
    if (!text.empty()) text += base::StrCat(" ", Spelling(expr.op), " ");
    text += At(*child, static_cast<Tightness>(TightnessOf(expr.op) + 1));
  }
  return text;
}

std::string Prefix(const Expr& expr) {
  const Expr& operand = *expr.children[0];
  const bool is_same = operand.kind == ExprKind::kUnary && operand.op == expr.op;
  std::string text = is_same ? Print(operand) : At(operand, kMember);
  // -(1) is not the number -1, nor is -(1.f) the field of one.
  const bool is_number = text[0] >= '0' && text[0] <= '9';
  if (expr.op == Operator::kNegate && is_number) text = "(" + text + ")";
  return Spelling(expr.op) + text;
}

std::string Entries(const Expr& expr) {
  std::string text;
  for (size_t i = 0; i < expr.optional_entries.size(); ++i) {
    if (i > 0) text += ", ";
    if (expr.optional_entries[i]) text += "?";
    if (expr.kind == ExprKind::kList) {
      text += Print(*expr.children[i]);
    } else if (expr.kind == ExprKind::kMap) {
      text += Print(*expr.children[2 * i]) + ": " + Print(*expr.children[2 * i + 1]);
    } else {
      text += FieldName(expr.fields[i]) + ": " + Print(*expr.children[i]);
    }
  }
  return text;
}

std::string Selection(const Expr& expr) {
  const std::string text =
      At(*expr.children[0], kMember) + (expr.optional ? ".?" : ".") + FieldName(expr.name);
  return expr.test_only ? "has(" + text + ")" : text;
}

std::string Call(const Expr& expr) {
  const std::string dot = expr.is_absolute ? "." : "";
  if (!expr.is_member) return dot + expr.name + Arguments(expr, 0);
  return At(*expr.children[0], kMember) + "." + expr.name + Arguments(expr, 1);
}

std::string MacroCall(const Expr& expr) {
  if (expr.macro == Macro::kBind) return "cel.bind" + Arguments(expr, 0, {expr.variables[0]});
  return At(*expr.children[0], kMember) + "." + expr.name + Arguments(expr, 1, expr.variables);
}

}  // namespace

std::string Print(const Expr& expr) {
  const std::string dot = expr.is_absolute ? "." : "";
  switch (expr.kind) {
    case ExprKind::kLiteral:
      return std::visit(LiteralPrinter(), expr.literal);
    case ExprKind::kIdent:
      return dot + expr.name;
    case ExprKind::kSelect:
      return Selection(expr);
    case ExprKind::kIndex:
      return At(*expr.children[0], kMember) + (expr.optional ? "[?" : "[") +
             Print(*expr.children[1]) + "]";
    case ExprKind::kCall:
      return Call(expr);
    case ExprKind::kUnary:
      return Prefix(expr);
    case ExprKind::kBinary:
      return Binary(expr);
    case ExprKind::kLogical:
      return Logical(expr);
    case ExprKind::kConditional:
      return At(*expr.children[0], kOr) + " ? " + At(*expr.children[1], kOr) + " : " +
             Print(*expr.children[2]);
    case ExprKind::kList:
      return "[" + Entries(expr) + "]";
    case ExprKind::kMap:
      return "{" + Entries(expr) + "}";
    case ExprKind::kMessage:
      return dot + expr.name + "{" + Entries(expr) + "}";
    case ExprKind::kMacro:
      return MacroCall(expr);
  }
  return "";
}

}  // namespace batuta::expr
