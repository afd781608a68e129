#include "expr/naive_evaluator.h"

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>

namespace batuta::expr {
namespace {

using Is = Naive::Is;

Naive Wrong() {
  Naive wrong;
  wrong.is = Is::kError;
  return wrong;
}

Naive Absent(bool is_last) {
  Naive absent;
  absent.is = Is::kAbsent;
  absent.is_last = is_last;
  return absent;
}

Naive Boolean(bool value) {
  Naive result;
  result.is = Is::kBool;
  result.boolean = value;
  return result;
}

Naive Whole(Is is, __int128 value) {
  const bool is_int = is == Is::kInt;
  const __int128 low = is_int ? std::numeric_limits<int64_t>::min() : 0;
  const __int128 high = is_int ? static_cast<__int128>(std::numeric_limits<int64_t>::max())
                               : static_cast<__int128>(std::numeric_limits<uint64_t>::max());
  if (value < low || value > high) return Wrong();
  Naive result;
  result.is = is;
  result.integer = value;
  return result;
}

Naive Real(double value) {
  Naive result;
  result.is = Is::kDouble;
  result.real = value;
  return result;
}

Naive Text(std::string value) {
  Naive result;
  result.is = Is::kText;
  result.text = std::move(value);
  return result;
}

Naive Some(const Naive& value) {
  Naive result;
  result.is = Is::kOptional;
  result.parts = {value};
  return result;
}

Naive None() {
  Naive result;
  result.is = Is::kOptional;
  return result;
}

bool IsInteger(const Naive& value) { return value.is == Is::kInt || value.is == Is::kUint; }
bool IsNumber(const Naive& value) { return IsInteger(value) || value.is == Is::kDouble; }
double AsReal(const Naive& value) {
  if (value.is == Is::kInt) return static_cast<double>(static_cast<int64_t>(value.integer));
  if (value.is == Is::kUint) return static_cast<double>(static_cast<uint64_t>(value.integer));
  return value.real;
}

// -1, 0 or 1; 2 if one is NaN, 3 if there is no order.
int Compare(const Naive& a, const Naive& b) {
  if (IsNumber(a) && IsNumber(b)) {
    if (IsInteger(a) && IsInteger(b)) {
      return a.integer < b.integer ? -1 : a.integer > b.integer ? 1 : 0;
    }
    const double x = AsReal(a);
    const double y = AsReal(b);
    return x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;
  }
  if (a.is != b.is) return 3;
  if (a.is == Is::kText) return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
  if (a.is == Is::kBool) return int{a.boolean} - int{b.boolean};
  return 3;
}

const Naive* Lookup(const Naive& map, const Naive& key) {
  for (const auto& [own, value] : map.entries) {
    if (NaiveEqual(own, key)) return &value;
  }
  return nullptr;
}

bool IsKey(const Naive& value) {
  return value.is == Is::kBool || IsInteger(value) || value.is == Is::kText;
}

Naive Arithmetic(Operator op, const Naive& a, const Naive& b) {
  if (a.is != b.is) return Wrong();
  if (a.is == Is::kDouble) {
    switch (op) {
      case Operator::kAdd:
        return Real(a.real + b.real);
      case Operator::kSubtract:
        return Real(a.real - b.real);
      case Operator::kMultiply:
        return Real(a.real * b.real);
      case Operator::kDivide:
        return Real(a.real / b.real);
      default:
        return Wrong();
    }
  }
  if (IsInteger(a)) {
    const bool divides = op == Operator::kDivide || op == Operator::kRemainder;
    if (divides && b.integer == 0) return Wrong();
    // The remainder of the least int by -1 has no quotient either.
    if (divides && Whole(a.is, a.integer / b.integer).failed()) return Wrong();
    switch (op) {
      case Operator::kAdd:
        return Whole(a.is, a.integer + b.integer);
      case Operator::kSubtract:
        return Whole(a.is, a.integer - b.integer);
      case Operator::kMultiply: {
        __int128 product = 0;
        const bool is_over = __builtin_mul_overflow(a.integer, b.integer, &product);
        return is_over ? Wrong() : Whole(a.is, product);
      }
      case Operator::kDivide:
        return Whole(a.is, a.integer / b.integer);
      default:
        return Whole(a.is, a.integer % b.integer);
    }
  }
  if (op != Operator::kAdd) return Wrong();
  if (a.is == Is::kText) return Text(a.text + b.text);
  if (a.is != Is::kList) return Wrong();
  Naive list = a;
  list.parts.insert(list.parts.end(), b.parts.begin(), b.parts.end());
  return list;
}

Naive In(const Naive& a, const Naive& b) {
  if (b.is == Is::kMap) return Boolean(Lookup(b, a) != nullptr);
  if (b.is != Is::kList) return Wrong();
  for (const Naive& part : b.parts) {
    if (NaiveEqual(a, part)) return Boolean(true);
  }
  return Boolean(false);
}

Naive Binary(Operator op, const Naive& a, const Naive& b) {
  if (a.failed()) return a;
  if (b.failed()) return b;
  const int order = Compare(a, b);
  switch (op) {
    case Operator::kEqual:
      return Boolean(NaiveEqual(a, b));
    case Operator::kNotEqual:
      return Boolean(!NaiveEqual(a, b));
    case Operator::kLess:
      return order == 3 ? Wrong() : Boolean(order == -1);
    case Operator::kLessEqual:
      return order == 3 ? Wrong() : Boolean(order == -1 || order == 0);
    case Operator::kGreater:
      return order == 3 ? Wrong() : Boolean(order == 1);
    case Operator::kGreaterEqual:
      return order == 3 ? Wrong() : Boolean(order == 1 || order == 0);
    case Operator::kIn:
      return In(a, b);
    default:
      return Arithmetic(op, a, b);
  }
}

Naive Index(const Naive& a, const Naive& index) {
  if (a.is == Is::kMap) {
    if (!IsKey(index) && index.is != Is::kDouble) return Wrong();
    const Naive* found = Lookup(a, index);
    return found == nullptr ? Absent(true) : *found;
  }
  if (a.is != Is::kList || !IsNumber(index)) return Wrong();
  for (size_t i = 0; i < a.parts.size(); ++i) {
    if (NaiveEqual(Whole(Is::kInt, static_cast<__int128>(i)), index)) return a.parts[i];
  }
  Naive wrong = Wrong();
  // Beyond the list, an optional index gives none; a place that is not whole stays wrong.
  wrong.is_last = IsInteger(index) || index.real == std::trunc(index.real);
  return wrong;
}

Naive Optional(const Naive& value) {
  if (!value.failed()) return Some(value);
  return value.is_last ? None() : value;
}

// Selection of a field or an element, through optionals.
Naive Access(const Naive& a, const Naive& index, bool optional,
             const std::function<Naive(const Naive&, const Naive&)>& plain) {
  if (a.is == Is::kAbsent) return Absent(false);
  if (a.failed()) return Wrong();
  if (index.failed()) return index;
  if (a.is == Is::kNull) return Absent(false);
  if (a.is == Is::kOptional) return a.parts.empty() ? a : Access(a.parts[0], index, true, plain);
  const Naive value = plain(a, index);
  return optional ? Optional(value) : value;
}

Naive Field(const Naive& a, const Naive& name) {
  return a.is == Is::kMap ? Index(a, name) : Wrong();
}

Naive Has(const Naive& a, const Naive& name) {
  if (a.failed()) return a;
  if (a.is == Is::kOptional) return a.parts.empty() ? Boolean(false) : Has(a.parts[0], name);
  if (a.is == Is::kNull) return Absent(false);
  if (a.is != Is::kMap) return Wrong();
  return Boolean(Lookup(a, name) != nullptr);
}

// Of && and ||: `decisive` decides; otherwise an absent field counts more than another error.
class Junction {
 public:
  explicit Junction(bool decisive) : decisive_(decisive), result_(Boolean(!decisive)) {}

  // True once it is decided.
  bool Add(const Naive& term) {
    if (term.IsBool(decisive_)) {
      result_ = term;
      return true;
    }
    if (term.is == Is::kBool) return false;
    const Naive error = term.failed() ? term : Wrong();
    if (!result_.failed() || (error.is == Is::kAbsent && result_.is != Is::kAbsent))
      result_ = error;
    return false;
  }

  const Naive& result() const { return result_; }

 private:
  bool decisive_;
  Naive result_;
};

Naive OfLiteral(const Literal& literal) {
  if (const auto* boolean = std::get_if<bool>(&literal)) return Boolean(*boolean);
  if (const auto* integer = std::get_if<int64_t>(&literal)) return Whole(Is::kInt, *integer);
  if (const auto* natural = std::get_if<uint64_t>(&literal)) return Whole(Is::kUint, *natural);
  if (const auto* real = std::get_if<double>(&literal)) return Real(*real);
  if (const auto* text = std::get_if<std::string>(&literal)) return Text(*text);
  return Naive();
}

Naive Put(Naive map, const Naive& key, const Naive& value) {
  if (!IsKey(key) || Lookup(map, key) != nullptr) return Wrong();
  map.entries.push_back({key, value});
  return map;
}

Naive Entries(const Expr& expr, const NaiveScope& scope, bool is_map) {
  std::vector<NaiveEntry> found;
  for (size_t i = 0; i < expr.optional_entries.size(); ++i) {
    const Naive key = is_map ? NaiveEvaluate(*expr.children[2 * i], scope) : Naive();
    Naive value = NaiveEvaluate(*expr.children[is_map ? 2 * i + 1 : i], scope);
    if (key.failed()) return key;
    if (value.failed()) return value;
    if (expr.optional_entries[i]) {
      if (value.is != Is::kOptional) return Wrong();
      if (value.parts.empty()) continue;
      value = Naive(value.parts[0]);
    }
    found.push_back({key, value});
  }
  Naive result;
  result.is = is_map ? Is::kMap : Is::kList;
  for (const auto& [key, value] : found) {
    if (is_map) {
      result = Put(result, key, value);
      if (result.failed()) return result;
    } else {
      result.parts.push_back(value);
    }
  }
  return result;
}

// What a macro walks through: pairs of its first and second variable.
std::vector<NaiveEntry> Steps(const Naive& range, bool two) {
  std::vector<NaiveEntry> steps = range.entries;
  for (size_t i = 0; i < range.parts.size(); ++i) {
    const Naive index = Whole(Is::kInt, static_cast<__int128>(i));
    steps.push_back({two ? index : range.parts[i], range.parts[i]});
  }
  return steps;
}

NaiveScope Bound(const Expr& expr, const NaiveScope& scope, const NaiveEntry& step) {
  NaiveScope inner = scope;
  inner[expr.variables[0]] = step.key;
  if (expr.variables.size() > 1) inner[expr.variables[1]] = step.value;
  return inner;
}

Naive Quantifier(const Expr& expr, const NaiveScope& scope, const Naive& range) {
  Junction junction(expr.macro == Macro::kExists);
  for (const auto& step : Steps(range, expr.variables.size() > 1)) {
    if (junction.Add(NaiveEvaluate(*expr.children[1], Bound(expr, scope, step)))) break;
  }
  return junction.result();
}

Naive ExistsOne(const Expr& expr, const NaiveScope& scope, const Naive& range) {
  int count = 0;
  for (const auto& step : Steps(range, expr.variables.size() > 1)) {
    const Naive term = NaiveEvaluate(*expr.children[1], Bound(expr, scope, step));
    if (term.failed()) return term;
    if (term.is != Is::kBool) return Wrong();
    if (term.boolean) ++count;
  }
  return Boolean(count == 1);
}

Naive Collect(const Expr& expr, const NaiveScope& scope, const Naive& range) {
  Naive result;
  result.is = expr.macro == Macro::kTransformMap ? Is::kMap : Is::kList;
  const bool is_filter = expr.macro == Macro::kFilter;
  for (const auto& step : Steps(range, expr.variables.size() > 1)) {
    const NaiveScope inner = Bound(expr, scope, step);
    if (is_filter || expr.children.size() == 3) {
      const Naive term = NaiveEvaluate(*expr.children[1], inner);
      if (term.failed()) return term;
      if (term.is != Is::kBool) return Wrong();
      if (!term.boolean) continue;
    }
    const Naive value = is_filter ? step.key : NaiveEvaluate(*expr.children.back(), inner);
    if (value.failed()) return value;
    if (result.is == Is::kList) {
      result.parts.push_back(value);
    } else {
      result.entries.push_back({step.key, value});
    }
  }
  Naive checked;
  checked.is = result.is;
  checked.parts = result.parts;
  for (const auto& [key, value] : result.entries) {
    checked = Put(checked, key, value);
    if (checked.failed()) return checked;
  }
  return checked;
}

Naive MacroCall(const Expr& expr, const NaiveScope& scope) {
  const Naive range = NaiveEvaluate(*expr.children[0], scope);
  if (expr.macro == Macro::kBind) {
    return NaiveEvaluate(*expr.children[1], Bound(expr, scope, {range, range}));
  }
  if (range.failed()) return range;
  if (expr.macro == Macro::kOptMap || expr.macro == Macro::kOptFlatMap) {
    if (range.is != Is::kOptional) return Wrong();
    if (range.parts.empty()) return range;
    const Naive value =
        NaiveEvaluate(*expr.children[1], Bound(expr, scope, {range.parts[0], Naive()}));
    if (value.failed()) return value;
    if (expr.macro == Macro::kOptMap) return Some(value);
    return value.is == Is::kOptional ? value : Wrong();
  }
  if (range.is != Is::kList && range.is != Is::kMap) return Wrong();
  if (expr.macro == Macro::kExistsOne) return ExistsOne(expr, scope, range);
  if (expr.macro == Macro::kAll || expr.macro == Macro::kExists)
    return Quantifier(expr, scope, range);
  return Collect(expr, scope, range);
}

Naive Size(const Naive& value) {
  if (value.is == Is::kList) return Whole(Is::kInt, static_cast<__int128>(value.parts.size()));
  if (value.is == Is::kMap) return Whole(Is::kInt, static_cast<__int128>(value.entries.size()));
  if (value.is != Is::kText) return Wrong();
  __int128 count = 0;
  for (const char c : value.text) count += (c & 0xC0) != 0x80;
  return Whole(Is::kInt, count);
}

Naive Convert(const std::string& name, const Naive& value) {
  const bool is_decimal =
      value.text.find_first_not_of("0123456789", value.text[0] == '-') == std::string::npos;
  if (value.is == Is::kText && name != "string" && is_decimal &&
      value.text.size() > (value.text[0] == '-')) {
    if (name == "double") return Real(std::stod(value.text));
    __int128 number = 0;
    for (const char c : value.text) {
      if (c != '-') number = number * 10 + (c - '0');
      if (number > static_cast<__int128>(UINT64_MAX)) return Wrong();
    }
    return Whole(Is::kInt, value.text[0] == '-' ? -number : number);
  }
  if (name == "string") {
    if (value.is == Is::kText) return value;
    return value.is == Is::kInt ? Text(std::to_string(static_cast<int64_t>(value.integer)))
                                : Wrong();
  }
  if (!IsNumber(value)) return Wrong();
  if (name == "double") return Real(AsReal(value));
  if (IsInteger(value)) return Whole(Is::kInt, value.integer);
  const bool fits = value.real > -9223372036854775808.0 && value.real < 9223372036854775808.0;
  return fits ? Whole(Is::kInt, static_cast<__int128>(value.real)) : Wrong();
}

Naive OfTexts(const std::string& name, const Naive& a, const Naive& b) {
  if (a.is != Is::kText || b.is != Is::kText) return Wrong();
  if (name == "contains") return Boolean(a.text.find(b.text) != std::string::npos);
  if (a.text.size() < b.text.size()) return Boolean(false);
  const size_t from = name == "startsWith" ? 0 : a.text.size() - b.text.size();
  return Boolean(a.text.substr(from, b.text.size()) == b.text);
}

Naive Call(const Expr& expr, const NaiveScope& scope) {
  const bool is_optional = expr.is_member && DottedName(*expr.children[0]) == "optional";
  std::vector<Naive> arguments;
  for (size_t i = is_optional ? 1 : 0; i < expr.children.size(); ++i) {
    arguments.push_back(NaiveEvaluate(*expr.children[i], scope));
  }
  for (const Naive& argument : arguments) {
    if (argument.failed()) return argument;
  }
  const std::string& name = expr.name;
  if (is_optional) return name == "none" ? None() : Some(arguments[0]);
  if (name == "size") return Size(arguments[0]);
  if (name == "contains" || name == "startsWith" || name == "endsWith") {
    return OfTexts(name, arguments[0], arguments[1]);
  }
  if (name == "hasValue" || name == "orValue") {
    const Naive& optional = arguments[0];
    if (optional.is != Is::kOptional) return Wrong();
    if (name == "hasValue") return Boolean(!optional.parts.empty());
    return optional.parts.empty() ? arguments[1] : optional.parts[0];
  }
  return Convert(name, arguments[0]);
}

Naive Unary(const Expr& expr, const NaiveScope& scope) {
  const Naive operand = NaiveEvaluate(*expr.children[0], scope);
  if (operand.failed()) return operand;
  if (expr.op == Operator::kNot) {
    return operand.is == Is::kBool ? Boolean(!operand.boolean) : Wrong();
  }
  if (operand.is == Is::kDouble) return Real(-operand.real);
  return operand.is == Is::kInt ? Whole(Is::kInt, -operand.integer) : Wrong();
}

Naive Conditional(const Expr& expr, const NaiveScope& scope) {
  const Naive condition = NaiveEvaluate(*expr.children[0], scope);
  if (condition.failed()) return condition;
  if (condition.is != Is::kBool) return Wrong();
  return NaiveEvaluate(*expr.children[condition.boolean ? 1 : 2], scope);
}

Naive Logical(const Expr& expr, const NaiveScope& scope) {
  Junction junction(expr.op == Operator::kOr);
  for (const ExprPtr& child : expr.children) {
    if (junction.Add(NaiveEvaluate(*child, scope))) break;
  }
  return junction.result();
}

}  // namespace

bool NaiveEqual(const Naive& a, const Naive& b) {
  if (IsNumber(a) && IsNumber(b)) return Compare(a, b) == 0;
  if (a.is != b.is) return false;
  if (a.is == Is::kBool || a.is == Is::kText) return Compare(a, b) == 0;
  if (a.is == Is::kNull) return true;
  if (a.parts.size() != b.parts.size() || a.entries.size() != b.entries.size()) return false;
  for (size_t i = 0; i < a.parts.size(); ++i) {
    if (!NaiveEqual(a.parts[i], b.parts[i])) return false;
  }
  for (const auto& [key, value] : a.entries) {
    const Naive* other = Lookup(b, key);
    if (other == nullptr || !NaiveEqual(value, *other)) return false;
  }
  return true;
}

Naive NaiveEvaluate(const Expr& expr, const NaiveScope& scope) {
  switch (expr.kind) {
    case ExprKind::kLiteral:
      return OfLiteral(expr.literal);
    case ExprKind::kIdent: {
      const auto found = scope.find(expr.name);
      return found == scope.end() ? Absent(false) : found->second;
    }
    case ExprKind::kSelect: {
      const Naive operand = NaiveEvaluate(*expr.children[0], scope);
      if (expr.test_only) return Has(operand, Text(expr.name));
      return Access(operand, Text(expr.name), expr.optional, Field);
    }
    case ExprKind::kIndex: {
      const Naive operand = NaiveEvaluate(*expr.children[0], scope);
      return Access(operand, NaiveEvaluate(*expr.children[1], scope), expr.optional, Index);
    }
    case ExprKind::kCall:
      return Call(expr, scope);
    case ExprKind::kUnary:
      return Unary(expr, scope);
    case ExprKind::kBinary:
      return Binary(expr.op, NaiveEvaluate(*expr.children[0], scope),
                    NaiveEvaluate(*expr.children[1], scope));
    case ExprKind::kLogical:
      return Logical(expr, scope);
    case ExprKind::kConditional:
      return Conditional(expr, scope);
    case ExprKind::kList:
      return Entries(expr, scope, false);
    case ExprKind::kMap:
      return Entries(expr, scope, true);
    case ExprKind::kMacro:
      return MacroCall(expr, scope);
    case ExprKind::kMessage:
      break;
  }
  return Wrong();
}

}  // namespace batuta::expr
