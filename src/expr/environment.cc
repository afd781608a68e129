#include "expr/environment.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"

namespace batuta::expr {
namespace {

// Types that can be named. `dyn` cannot: no value has it.
constexpr std::array<std::string_view, 13> kTypeNames = {"bool",
                                                         "bytes",
                                                         "double",
                                                         "int",
                                                         "list",
                                                         "map",
                                                         "null_type",
                                                         "string",
                                                         "type",
                                                         "uint",
                                                         "optional_type",
                                                         "google.protobuf.Timestamp",
                                                         "google.protobuf.Duration"};

std::optional<Value> FindConstant(std::string_view name) {
  for (const std::string_view type : kTypeNames) {
    if (type == name) return Value::Type(type);
  }
  // The one value of the enumeration that JSON needs.
  if (name == "google.protobuf.NullValue.NULL_VALUE") return Value();
  return std::nullopt;
}

bool IsLocal(std::string_view name, const Locals& locals) {
  return std::find(locals.begin(), locals.end(), name) != locals.end();
}

const Expr& RootOf(const Expr& chain) {
  return chain.kind == ExprKind::kSelect ? RootOf(*chain.children[0]) : chain;
}

}  // namespace

Environment::Environment() : Environment(StandardLibrary()) {}

Environment::Environment(std::shared_ptr<const FunctionTable> functions)
    : functions_(std::move(functions)) {}

void Environment::Declare(std::string name, Type type) {
  variables_[std::move(name)] = std::move(type);
}

const Type* Environment::FindVariable(std::string_view name) const {
  const auto found = variables_.find(name);
  return found == variables_.end() ? nullptr : &found->second;
}

std::vector<std::string> Environment::VariableNames() const {
  std::vector<std::string> names;
  for (const auto& [name, type] : variables_) names.push_back(name);
  return names;
}

std::vector<std::string> Environment::Candidates(std::string_view name, bool is_absolute) const {
  std::vector<std::string> candidates;
  std::string_view scope = is_absolute ? std::string_view() : std::string_view(container_);
  while (!scope.empty()) {
    candidates.push_back(base::StrCat(scope, ".", name));
    const size_t dot = scope.rfind('.');
    scope = dot == scope.npos ? std::string_view() : scope.substr(0, dot);
  }
  candidates.emplace_back(name);
  return candidates;
}

const Function* Environment::FindFunction(std::string_view name, bool is_absolute) const {
  for (const std::string& candidate : Candidates(name, is_absolute)) {
    if (const Function* function = functions_->Find(candidate)) return function;
  }
  return nullptr;
}

Reference Resolve(const Expr& chain, const Environment& environment, const Locals& locals) {
  const Expr& root = RootOf(chain);
  Reference reference;
  if (root.kind != ExprKind::kIdent) return reference;
  reference.node = &root;
  if (!root.is_absolute && IsLocal(root.name, locals)) {
    reference.kind = Reference::Kind::kLocal;
    reference.variable = root.name;
    return reference;
  }
  // The longest beginning first: the whole name, then without its last part, and so on.
  const Expr* node = &chain;
  while (node != &root && DottedName(*node).empty()) node = node->children[0].get();
  const std::string whole = DottedName(*node);
  size_t size = whole.size();
  for (;; node = node->children[0].get()) {
    const std::string_view name = std::string_view(whole).substr(0, size);
    for (std::string& candidate : environment.Candidates(name, root.is_absolute)) {
      if (const Type* type = environment.FindVariable(candidate)) {
        return {Reference::Kind::kVariable, std::move(candidate), *type, Value(), node};
      }
      if (const auto constant = FindConstant(candidate)) {
        return {Reference::Kind::kConstant, "", Type(), *constant, node};
      }
    }
    if (node == &root) return reference;
    size -= node->name.size() + 1;
  }
}

Callee ResolveCall(const Expr& call, const Environment& environment, const Locals& locals) {
  if (!call.is_member) return {environment.FindFunction(call.name, call.is_absolute), false};
  const Expr& target = *call.children[0];
  const std::string prefix = DottedName(target);
  if (!prefix.empty()) {
    const Expr& root = RootOf(target);
    if (root.is_absolute || !IsLocal(root.name, locals)) {
      const std::string name = base::StrCat(prefix, ".", call.name);
      const Function* function = environment.FindFunction(name, root.is_absolute);
      if (function != nullptr) return {function, false};
    }
  }
  return {environment.functions().Find(call.name), true};
}

}  // namespace batuta::expr
