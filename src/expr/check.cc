#include "expr/check.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "base/text.h"
#include "expr/message.h"
#include "expr/pattern.h"

namespace batuta::expr {
namespace {

using Tag = Type::Tag;
using Bindings = std::map<char, Type>;

bool IsComparable(const Type& a, const Type& b) {
  return IsAssignable(a, b) || (a.is_number() && b.is_number());
}

// Lists and maps whose elements are numbers may meet ones of other numbers.
bool IsEquatable(const Type& a, const Type& b) {
  if (IsComparable(a, b)) return true;
  if (a.kind() != b.kind()) return false;
  if (a.Is(Tag::kList) || a.Is(Tag::kOptional)) return IsEquatable(a.parameter(0), b.parameter(0));
  return a.Is(Tag::kMap) && IsEquatable(a.parameter(0), b.parameter(0)) &&
         IsEquatable(a.parameter(1), b.parameter(1));
}

bool IsOrdered(const Type& type) {
  switch (type.tag()) {
    case Tag::kNull:
    case Tag::kList:
    case Tag::kMap:
    case Tag::kType:
    case Tag::kOptional:
    case Tag::kObject:
      return false;
    default:
      return true;
  }
}

// If an argument goes with a parameter; letters are bound to what they meet first.
bool Fits(const Type& argument, const Type& parameter, Bindings& bindings) {
  if (parameter.Is(Tag::kParameter)) {
    const auto [at, is_new] = bindings.try_emplace(parameter.letter(), argument);
    if (is_new) return true;
    if (!IsAssignable(argument, at->second)) return false;
    at->second = Join(at->second, argument);
    return true;
  }
  if (!IsAssignable(argument, parameter)) return false;
  const bool is_composite =
      parameter.Is(Tag::kList) || parameter.Is(Tag::kOptional) || parameter.Is(Tag::kMap);
  if (!is_composite) return true;
  const size_t count = parameter.Is(Tag::kMap) ? 2 : 1;
  for (size_t i = 0; i < count; ++i) {
    if (!Fits(argument.parameter(i), parameter.parameter(i), bindings)) return false;
  }
  return true;
}

Type Substitute(const Type& type, const Bindings& bindings) {
  if (type.Is(Tag::kParameter)) {
    const auto found = bindings.find(type.letter());
    return found == bindings.end() ? Type() : found->second;
  }
  if (type.Is(Tag::kList)) return Type::List(Substitute(type.parameter(0), bindings));
  if (type.Is(Tag::kOptional)) return Type::Optional(Substitute(type.parameter(0), bindings));
  if (type.Is(Tag::kMap)) {
    return Type::Map(Substitute(type.parameter(0), bindings),
                     Substitute(type.parameter(1), bindings));
  }
  return type;
}

class Checker {
 public:
  Checker(const Environment& environment, Diagnostics& diagnostics)
      : environment_(environment), diagnostics_(diagnostics) {}

  Type Visit(const Expr& expr) {
    switch (expr.kind) {
      case ExprKind::kLiteral:
        return OfLiteral(expr.literal);
      case ExprKind::kIdent:
        return Name(expr);
      case ExprKind::kSelect:
        return Select(expr);
      case ExprKind::kIndex:
        return Index(expr);
      case ExprKind::kCall:
        return Call(expr);
      case ExprKind::kUnary:
        return Unary(expr);
      case ExprKind::kBinary:
        return Binary(expr);
      case ExprKind::kLogical:
        return Logical(expr);
      case ExprKind::kConditional:
        return Conditional(expr);
      case ExprKind::kList:
        return List(expr);
      case ExprKind::kMap:
        return Map(expr);
      case ExprKind::kMessage:
        return Message(expr);
      case ExprKind::kMacro:
        return MacroCall(expr);
    }
    return Type();
  }

 private:
  // dyn, so that one mistake is told once.
  Type Fail(Span span, std::string message, std::string suggestion = "") {
    diagnostics_.push_back({span, std::move(message), std::move(suggestion)});
    return Type();
  }

  static Type OfLiteral(const Literal& literal) {
    static constexpr Tag kTags[] = {Tag::kNull,   Tag::kBool,   Tag::kInt,  Tag::kUint,
                                    Tag::kDouble, Tag::kString, Tag::kBytes};
    return kTags[literal.index()];
  }

  Type OfReference(const Reference& reference) {
    if (reference.kind == Reference::Kind::kVariable) return reference.type;
    if (reference.kind == Reference::Kind::kConstant) {
      return reference.constant.Is(Kind::kType) ? Tag::kType : Tag::kNull;
    }
    const auto found = std::find(names_.rbegin(), names_.rend(), reference.variable);
    return types_[static_cast<size_t>(names_.rend() - found) - 1];
  }

  Type Name(const Expr& expr) {
    const Reference reference = Resolve(expr, environment_, names_);
    if (reference.kind != Reference::Kind::kUnknown) return OfReference(reference);
    std::vector<std::string> known = environment_.VariableNames();
    known.insert(known.end(), names_.begin(), names_.end());
    return Fail(expr.span, base::StrCat("there is no variable `", expr.name, "`"),
                base::Suggest(expr.name, known));
  }

  Type Select(const Expr& expr) {
    if (!expr.optional && !expr.test_only) {
      const Reference reference = Resolve(expr, environment_, names_);
      if (reference.kind != Reference::Kind::kUnknown && reference.node == &expr) {
        return OfReference(reference);
      }
    }
    const Type operand = Visit(*expr.children[0]);
    const Type field = Field(operand, expr);
    if (expr.test_only) return Tag::kBool;
    const bool is_optional = operand.Is(Tag::kOptional) || expr.optional;
    return is_optional ? Type::Optional(field) : field;
  }

  Type Field(const Type& operand, const Expr& expr) {
    switch (operand.tag()) {
      case Tag::kDyn:
      case Tag::kNull:
      case Tag::kParameter:
        return Type();
      case Tag::kOptional:
        return Field(operand.parameter(0), expr);
      case Tag::kMap:
        if (!IsAssignable(Tag::kString, operand.parameter(0))) break;
        return operand.parameter(1);
      case Tag::kObject:
        return Declared(*operand.schema(), expr.name, expr.name_span);
      default:
        break;
    }
    return Fail(expr.name_span, base::StrCat("a value of type ", operand.Name(), " has no field `",
                                             expr.name, "`"));
  }

  Type Declared(const ObjectSchema& schema, const std::string& name, Span span) {
    if (const ObjectField* field = schema.Find(name)) {
      if (!field->refusal.empty()) return Fail(span, field->refusal);
      return field->type;
    }
    if (schema.is_open) return Type();
    std::vector<std::string> known;
    for (const ObjectField& field : schema.fields) known.push_back(field.name);
    const std::string place =
        schema.name.empty() ? "the object" : base::StrCat("`", schema.name, "`");
    return Fail(span, base::StrCat(place, " has no field `", name, "`"),
                base::Suggest(name, known));
  }

  Type Index(const Expr& expr) {
    Type operand = Visit(*expr.children[0]);
    const Type index = Visit(*expr.children[1]);
    const bool through = operand.Is(Tag::kOptional);
    if (through) operand = operand.parameter(0);
    const Type element = Element(operand, index, expr);
    return through || expr.optional ? Type::Optional(element) : element;
  }

  Type Element(const Type& operand, const Type& index, const Expr& expr) {
    const Span span = expr.children[1]->span;
    switch (operand.tag()) {
      case Tag::kDyn:
      case Tag::kNull:
      case Tag::kParameter:
        return Type();
      case Tag::kList:
        if (!index.is_number() && !IsAssignable(index, Tag::kInt)) {
          return Fail(span, base::StrCat("a place in a list is an int, not a ", index.Name()));
        }
        return operand.parameter(0);
      case Tag::kMap:
        if (!IsComparable(index, operand.parameter(0))) {
          return Fail(span, base::StrCat("the keys of this map are of type ",
                                         operand.parameter(0).Name(), ", not ", index.Name()));
        }
        return operand.parameter(1);
      case Tag::kObject: {
        const Expr& key = *expr.children[1];
        const auto* name = std::get_if<std::string>(&key.literal);
        if (key.kind == ExprKind::kLiteral && name != nullptr) {
          return Declared(*operand.schema(), *name, span);
        }
        if (IsAssignable(index, Tag::kString)) return RefuseAnyField(*operand.schema(), span);
        return Fail(span, base::StrCat("the keys of an object are strings, not ", index.Name()));
      }
      default:
        break;
    }
    return Fail(expr.name_span,
                base::StrCat("a value of type ", operand.Name(), " has no elements"));
  }

  // A field whose name is computed might be one that must not be read.
  Type RefuseAnyField(const ObjectSchema& schema, Span span) {
    for (const ObjectField& field : schema.fields) {
      if (!field.refusal.empty()) {
        return Fail(span, "the name of the field must be written out, as some must not be read");
      }
    }
    return Type();
  }

  Type Unary(const Expr& expr) {
    const Type operand = Visit(*expr.children[0]);
    if (expr.op == Operator::kNot) {
      if (!IsAssignable(operand, Tag::kBool)) return NoOperator(expr, operand);
      return Tag::kBool;
    }
    const bool is_signed = IsAssignable(operand, Tag::kInt) || operand.Is(Tag::kDouble);
    return is_signed ? operand : NoOperator(expr, operand);
  }

  Type NoOperator(const Expr& expr, const Type& operand) {
    return Fail(expr.name_span, base::StrCat("`", Spelling(expr.op),
                                             "` is not for a value of type ", operand.Name()));
  }

  Type NoOperator(const Expr& expr, const Type& a, const Type& b) {
    const bool is_mixed = a.is_number() && b.is_number();
    return Fail(expr.name_span,
                base::StrCat("`", Spelling(expr.op), "` is not for ", a.Name(), " and ", b.Name()),
                is_mixed ? base::StrCat(a.Name(), "(…)") : std::string());
  }

  Type Binary(const Expr& expr) {
    const Type a = Visit(*expr.children[0]);
    const Type b = Visit(*expr.children[1]);
    switch (expr.op) {
      case Operator::kEqual:
      case Operator::kNotEqual:
        return IsEquatable(a, b) ? Type(Tag::kBool) : NoOperator(expr, a, b);
      case Operator::kIn:
        return In(expr, a, b);
      case Operator::kAdd:
      case Operator::kSubtract:
      case Operator::kMultiply:
      case Operator::kDivide:
      case Operator::kRemainder: {
        const auto result = Arithmetic(expr.op, a, b);
        return result ? *result : NoOperator(expr, a, b);
      }
      default: {
        const bool is_fit = IsComparable(a, b) && IsOrdered(a) && IsOrdered(b);
        return is_fit ? Type(Tag::kBool) : NoOperator(expr, a, b);
      }
    }
  }

  Type In(const Expr& expr, const Type& a, const Type& b) {
    switch (b.tag()) {
      case Tag::kDyn:
      case Tag::kParameter:
        return Tag::kBool;
      case Tag::kList:
      case Tag::kMap:
        return IsEquatable(a, b.parameter(0)) ? Type(Tag::kBool) : NoOperator(expr, a, b);
      case Tag::kObject:
        return IsAssignable(a, Tag::kString) ? Type(Tag::kBool) : NoOperator(expr, a, b);
      default:
        return NoOperator(expr, a, b);
    }
  }

  // The type of the result; nothing if there is no such operation.
  static std::optional<Type> Arithmetic(Operator op, const Type& a, const Type& b) {
    const bool is_sum = op == Operator::kAdd || op == Operator::kSubtract;
    const auto either = [](const Type& type) {
      return type.Is(Tag::kDyn) || type.Is(Tag::kParameter);
    };
    if (a.Is(Tag::kNull) || b.Is(Tag::kNull)) return std::nullopt;
    if (either(a) && either(b)) return Type();
    const Type& known = either(a) ? b : a;
    if (either(a) || either(b)) {
      const bool is_time = known.Is(Tag::kTimestamp) || known.Is(Tag::kDuration);
      if (is_time) return is_sum ? std::optional<Type>(Type()) : std::nullopt;
      return Arithmetic(op, known, known);
    }
    if (a.is_number() && a == b) {
      if (op == Operator::kRemainder && a.Is(Tag::kDouble)) return std::nullopt;
      return a;
    }
    if (!is_sum) return std::nullopt;
    const bool is_add = op == Operator::kAdd;
    if (a.Is(Tag::kTimestamp) && b.Is(Tag::kDuration)) return a;
    if (a.Is(Tag::kDuration) && b.Is(Tag::kDuration)) return a;
    if (a.Is(Tag::kTimestamp) && b.Is(Tag::kTimestamp) && !is_add) return Type(Tag::kDuration);
    if (a.Is(Tag::kDuration) && b.Is(Tag::kTimestamp) && is_add) return b;
    if (is_add && a.tag() == b.tag() && (a.Is(Tag::kString) || a.Is(Tag::kBytes))) return a;
    if (is_add && a.Is(Tag::kList) && b.Is(Tag::kList)) return Join(a, b);
    return std::nullopt;
  }

  Type Logical(const Expr& expr) {
    for (const ExprPtr& child : expr.children) {
      const Type term = Visit(*child);
      if (!IsAssignable(term, Tag::kBool)) {
        Fail(child->span, base::StrCat("`", Spelling(expr.op),
                                       "` joins conditions; this is of type ", term.Name()));
      }
    }
    return Tag::kBool;
  }

  Type Conditional(const Expr& expr) {
    const Type condition = Visit(*expr.children[0]);
    if (!IsAssignable(condition, Tag::kBool)) {
      Fail(expr.children[0]->span,
           base::StrCat("before ? stands a condition; this is of type ", condition.Name()));
    }
    const Type yes = Visit(*expr.children[1]);
    return Join(yes, Visit(*expr.children[2]));
  }

  Type List(const Expr& expr) {
    std::optional<Type> element;
    for (size_t i = 0; i < expr.children.size(); ++i) {
      const Type type = Entry(expr, i, *expr.children[i]);
      element = element ? Join(*element, type) : type;
    }
    return Type::List(element.value_or(Type()));
  }

  // The type of what an entry puts in; `?` takes it out of an optional.
  Type Entry(const Expr& expr, size_t entry, const Expr& value) {
    const Type type = Visit(value);
    if (!expr.optional_entries[entry]) return type;
    if (IsAssignable(type, Type::Optional(Type()))) return type.parameter(0);
    return Fail(value.span,
                base::StrCat("after ? stands an optional; this is of type ", type.Name()));
  }

  Type Map(const Expr& expr) {
    std::optional<Type> key;
    std::optional<Type> value;
    for (size_t i = 0; i < expr.optional_entries.size(); ++i) {
      const Expr& written = *expr.children[2 * i];
      const Type type = Visit(written);
      const bool is_key = type.Is(Tag::kDyn) || type.Is(Tag::kInt) || type.Is(Tag::kUint) ||
                          type.Is(Tag::kBool) || type.Is(Tag::kString);
      if (!is_key) Fail(written.span, base::StrCat("values of type ", type.Name(), " are no keys"));
      key = key ? Join(*key, type) : type;
      const Type held = Entry(expr, i, *expr.children[2 * i + 1]);
      value = value ? Join(*value, held) : held;
    }
    return Type::Map(key.value_or(Type()), value.value_or(Type()));
  }

  Type Message(const Expr& expr) {
    for (const ExprPtr& child : expr.children) Visit(*child);
    for (const std::string& candidate : environment_.Candidates(expr.name, expr.is_absolute)) {
      if (!IsMessageType(candidate)) continue;
      for (const std::string& field : expr.fields) {
        if (!HasMessageField(candidate, field)) {
          Fail(expr.span, base::StrCat("`", candidate, "` has no field `", field, "`"));
        }
      }
      return Type();
    }
    return Fail(expr.span, base::StrCat("there is no message `", expr.name, "`"));
  }

  Type Call(const Expr& expr) {
    const Callee callee = ResolveCall(expr, environment_, names_);
    std::vector<Type> arguments;
    for (size_t i = expr.is_member && !callee.is_member ? 1 : 0; i < expr.children.size(); ++i) {
      arguments.push_back(Visit(*expr.children[i]));
    }
    if (callee.function == nullptr) return NoFunction(expr);
    CheckPattern(expr, *callee.function);
    std::optional<Type> result;
    for (const Overload& overload : callee.function->overloads) {
      if (overload.is_member != callee.is_member || !overload.Takes(arguments.size())) continue;
      Bindings bindings;
      bool fits = true;
      for (size_t i = 0; i < arguments.size() && fits; ++i) {
        fits = Fits(arguments[i], overload.Parameter(i), bindings);
      }
      if (!fits) continue;
      const Type type = Substitute(overload.result, bindings);
      result = result ? Join(*result, type) : type;
    }
    return result ? *result : NoOverloadOf(expr, *callee.function, arguments);
  }

  Type NoFunction(const Expr& expr) {
    std::vector<std::string> known;
    for (const auto& [name, function] : environment_.functions().all()) known.push_back(name);
    for (const char* macro : {"has", "all", "exists", "exists_one", "map", "filter"}) {
      known.emplace_back(macro);
    }
    return Fail(expr.name_span, base::StrCat("there is no function `", expr.name, "`"),
                base::Suggest(expr.name, known));
  }

  Type NoOverloadOf(const Expr& expr, const Function& function,
                    const std::vector<Type>& arguments) {
    std::string text;
    for (const Type& argument : arguments) {
      if (!text.empty()) text += ", ";
      text += argument.Name();
    }
    return Fail(expr.name_span, base::StrCat("`", function.name, "` does not take (", text, ")"));
  }

  void CheckPattern(const Expr& expr, const Function& function) {
    if (function.name != "matches" || expr.children.size() != 2) return;
    const Expr& pattern = *expr.children[1];
    const auto* text = std::get_if<std::string>(&pattern.literal);
    if (pattern.kind != ExprKind::kLiteral || text == nullptr) return;
    const auto compiled = CompilePattern(*text);
    if (!compiled.ok()) {
      Fail(pattern.span, base::StrCat("not a regular expression: ", compiled.status().message()));
    }
  }

  Type MacroCall(const Expr& expr) {
    const Type range = Visit(*expr.children[0]);
    const size_t outer = names_.size();
    Declare(expr, range);
    const bool has_filter = expr.children.size() == 3;
    const bool is_condition = expr.macro <= Macro::kExistsOne || expr.macro == Macro::kFilter;
    if (has_filter || is_condition) Condition(*expr.children[1]);
    const Type body = is_condition ? Type() : Visit(*expr.children.back());
    names_.resize(outer);
    types_.resize(outer);
    switch (expr.macro) {
      case Macro::kAll:
      case Macro::kExists:
      case Macro::kExistsOne:
        return Tag::kBool;
      case Macro::kMap:
        return Type::List(body);
      case Macro::kFilter:
        if (range.Is(Tag::kMap)) return Type::List(range.parameter(0));
        return range.Is(Tag::kList) ? range : Type::List(Type());
      case Macro::kTransformMap:
        return Type::Map(range.Is(Tag::kMap) ? range.parameter(0) : Type(), body);
      case Macro::kTransformEntry:
        return body.Is(Tag::kMap) ? body : Type::Map(Type(), Type());
      case Macro::kBind:
      case Macro::kOptFlatMap:
        return body;
      case Macro::kOptMap:
        return Type::Optional(body);
    }
    return Type();
  }

  void Condition(const Expr& expr) {
    const Type type = Visit(expr);
    if (!IsAssignable(type, Tag::kBool)) {
      Fail(expr.span, base::StrCat("a condition should stand here; this is of type ", type.Name()));
    }
  }

  // The variables of a macro over `range`.
  void Declare(const Expr& expr, const Type& range) {
    std::vector<Type> types(expr.variables.size());
    if (expr.macro == Macro::kBind) {
      types[0] = range;
    } else if (expr.macro >= Macro::kOptMap) {
      if (!IsAssignable(range, Type::Optional(Type()))) {
        Fail(expr.name_span,
             base::StrCat("`", expr.name, "` is not for a value of type ", range.Name()));
      }
      types[0] = range.parameter(0);
    } else {
      const bool is_map = range.Is(Tag::kMap) || range.Is(Tag::kObject);
      const bool is_range = is_map || range.Is(Tag::kList) || range.Is(Tag::kDyn);
      if (!is_range) {
        Fail(expr.name_span,
             base::StrCat("`", expr.name, "` is not for a value of type ", range.Name()));
      }
      const Type key = range.Is(Tag::kObject) ? Type(Tag::kString) : range.parameter(0);
      types[0] = types.size() == 2 && range.Is(Tag::kList) ? Type(Tag::kInt) : key;
      if (types.size() == 2 && !range.Is(Tag::kObject)) types[1] = range.parameter(is_map ? 1 : 0);
    }
    names_.insert(names_.end(), expr.variables.begin(), expr.variables.end());
    types_.insert(types_.end(), types.begin(), types.end());
  }

  const Environment& environment_;
  Diagnostics& diagnostics_;
  Locals names_;             // the variables of macros,
  std::vector<Type> types_;  // and the type of each
};

}  // namespace

Checked Check(const Expr& expr, const Environment& environment) {
  Checked checked;
  checked.type = Checker(environment, checked.diagnostics).Visit(expr);
  std::sort(checked.diagnostics.begin(), checked.diagnostics.end(),
            [](const Diagnostic& a, const Diagnostic& b) {
              return std::tie(a.span.begin, a.span.end, a.message) <
                     std::tie(b.span.begin, b.span.end, b.message);
            });
  return checked;
}

}  // namespace batuta::expr
