// Functions and macros.
#include <map>
#include <optional>

#include "base/text.h"
#include "expr/checker.h"
#include "expr/pattern.h"

namespace batuta::expr {
namespace {

using Tag = Type::Tag;
using Bindings = std::map<char, Type>;

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

}  // namespace

Type Checker::Call(const Expr& expr) {
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
  if (!result) return NoOverloadOf(expr, *callee.function, arguments);
  if (callee.function->typing == nullptr) return *result;
  CallType typed = callee.function->typing(expr);
  if (!typed.problem.has_value()) return typed.type;
  Diagnostic& problem = *typed.problem;
  return Fail(problem.span, std::move(problem.message), std::move(problem.suggestion));
}

Type Checker::NoFunction(const Expr& expr) {
  std::vector<std::string> known;
  for (const auto& [name, function] : environment_.functions().all()) known.push_back(name);
  for (const char* macro : {"has", "all", "exists", "exists_one", "map", "filter"}) {
    known.emplace_back(macro);
  }
  return Fail(expr.name_span, base::StrCat("there is no function `", expr.name, "`"),
              base::Suggest(expr.name, known));
}

Type Checker::NoOverloadOf(const Expr& expr, const Function& function,
                           const std::vector<Type>& arguments) {
  std::string text;
  for (const Type& argument : arguments) {
    if (!text.empty()) text += ", ";
    text += argument.Name();
  }
  return Fail(expr.name_span, base::StrCat("`", function.name, "` does not take (", text, ")"));
}

void Checker::CheckPattern(const Expr& expr, const Function& function) {
  if (function.name != "matches" || expr.children.size() != 2) return;
  const Expr& pattern = *expr.children[1];
  const auto* text = std::get_if<std::string>(&pattern.literal);
  if (pattern.kind != ExprKind::kLiteral || text == nullptr) return;
  const auto compiled = CompilePattern(*text);
  if (!compiled.ok()) {
    Fail(pattern.span, base::StrCat("not a regular expression: ", compiled.status().message()));
  }
}

Type Checker::MacroCall(const Expr& expr) {
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

void Checker::Condition(const Expr& expr) {
  const Type type = Visit(expr);
  if (!IsAssignable(type, Tag::kBool)) {
    Fail(expr.span, base::StrCat("a condition should stand here; this is of type ", type.Name()));
  }
}

void Checker::Declare(const Expr& expr, const Type& range) {
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

}  // namespace batuta::expr
