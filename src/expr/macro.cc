// Which calls are macros, and what shape they must have.
#include <algorithm>
#include <optional>

#include "base/text.h"
#include "expr/parse.h"

namespace batuta::expr::internal {
namespace {

struct Rule {
  std::string_view name;
  Macro macro;
  size_t variables;
  size_t bodies_min;  // expressions after the variables
  size_t bodies_max;
};

// Of calls with a target. Where a count of arguments fits none of the rules, it is no macro.
constexpr Rule kRules[] = {
    {"all", Macro::kAll, 1, 1, 1},
    {"all", Macro::kAll, 2, 1, 1},
    {"exists", Macro::kExists, 1, 1, 1},
    {"exists", Macro::kExists, 2, 1, 1},
    {"exists_one", Macro::kExistsOne, 1, 1, 1},
    {"exists_one", Macro::kExistsOne, 2, 1, 1},
    {"existsOne", Macro::kExistsOne, 1, 1, 1},
    {"existsOne", Macro::kExistsOne, 2, 1, 1},
    {"map", Macro::kMap, 1, 1, 2},
    {"filter", Macro::kFilter, 1, 1, 1},
    {"transformList", Macro::kMap, 2, 1, 2},
    {"transformMap", Macro::kTransformMap, 2, 1, 2},
    {"transformMapEntry", Macro::kTransformEntry, 2, 1, 2},
    {"optMap", Macro::kOptMap, 1, 1, 1},
    {"optFlatMap", Macro::kOptFlatMap, 1, 1, 1},
};

bool Fail(const Expr& at, std::string message, Diagnostics& diagnostics) {
  diagnostics.push_back({at.span, std::move(message), ""});
  return false;
}

// Takes the first `count` arguments of the call as names of variables.
bool TakeVariables(const Expr& call, size_t count, Expr& macro, Diagnostics& diagnostics) {
  for (size_t i = 1; i <= count; ++i) {
    const Expr& variable = *call.children[i];
    if (variable.kind != ExprKind::kIdent || variable.is_absolute) {
      return Fail(variable,
                  base::StrCat("argument ", i, " of ", call.name,
                               "() must be a simple name: it is the variable"),
                  diagnostics);
    }
    macro.variables.push_back(variable.name);
  }
  if (count == 2 && macro.variables[0] == macro.variables[1]) {
    return Fail(*call.children[2], "the two variables must have different names", diagnostics);
  }
  return true;
}

ExprPtr NewMacro(Expr& call, Macro kind) {
  auto macro = std::make_unique<Expr>();
  macro->kind = ExprKind::kMacro;
  macro->macro = kind;
  macro->span = call.span;
  macro->name_span = call.name_span;
  macro->name = call.name;
  return macro;
}

bool ExpandHas(ExprPtr& call, Diagnostics& diagnostics) {
  ExprPtr& field = call->children[0];
  const bool is_field = field->kind == ExprKind::kSelect && !field->optional && !field->test_only;
  if (!is_field) return Fail(*field, "has() wants a field: has(a.b)", diagnostics);
  field->test_only = true;
  field->span = call->span;
  call = std::move(field);
  return true;
}

// cel.bind(name, value, result).
bool ExpandBind(ExprPtr& call, Diagnostics& diagnostics) {
  ExprPtr macro = NewMacro(*call, Macro::kBind);
  if (!TakeVariables(*call, 1, *macro, diagnostics)) return false;
  macro->children.push_back(std::move(call->children[2]));
  macro->children.push_back(std::move(call->children[3]));
  call = std::move(macro);
  return SetHeight(*call) || Fail(*call, "nested too deeply", diagnostics);
}

bool Fits(const Rule& rule, const Expr& call) {
  const size_t arguments = call.children.size() - 1;
  return call.name == rule.name && arguments >= rule.variables + rule.bodies_min &&
         arguments <= rule.variables + rule.bodies_max;
}

}  // namespace

bool SetHeight(Expr& expr) {
  uint16_t height = 0;
  for (const ExprPtr& child : expr.children) height = std::max(height, child->height);
  expr.height = static_cast<uint16_t>(height + 1);
  return expr.height <= kHeightMax;
}

bool ExpandMacro(ExprPtr& call, Diagnostics& diagnostics) {
  if (!call->is_member) {
    const bool is_has = call->name == "has" && call->children.size() == 1 && !call->is_absolute;
    return !is_has || ExpandHas(call, diagnostics);
  }
  const Expr& target = *call->children[0];
  if (call->name == "bind" && call->children.size() == 4 && target.kind == ExprKind::kIdent &&
      target.name == "cel") {
    return ExpandBind(call, diagnostics);
  }
  for (const Rule& rule : kRules) {
    if (!Fits(rule, *call)) continue;
    ExprPtr macro = NewMacro(*call, rule.macro);
    if (!TakeVariables(*call, rule.variables, *macro, diagnostics)) return false;
    macro->children.push_back(std::move(call->children[0]));
    for (size_t i = rule.variables + 1; i < call->children.size(); ++i) {
      macro->children.push_back(std::move(call->children[i]));
    }
    call = std::move(macro);
    return SetHeight(*call) || Fail(*call, "nested too deeply", diagnostics);
  }
  return true;
}

}  // namespace batuta::expr::internal
