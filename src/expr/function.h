// Functions: what they are called, what they take, and how they are computed.
//
// A function is a set of overloads under one name. Which one answers is decided at evaluation, by
// the kinds of the arguments; the checker uses the same signatures earlier. Names with dots
// ("math.greatest") are called as written. Functions are pure.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expr/diagnostic.h"
#include "expr/scratch.h"
#include "expr/type.h"
#include "expr/value.h"

namespace batuta::expr {

// Gets arguments of the kinds that the signature says, none of them an error. What it makes must be
// placed in the scratch and charged to it.
using Native = std::function<Value(Scratch&, std::span<const Value>)>;

struct Overload {
  bool is_member = false;    // called as target.name(rest); the target is the first parameter
  bool is_variadic = false;  // the last parameter may stand any number of times, at least once
  std::vector<Type> parameters;
  Type result;
  Native native;

  bool Takes(size_t count) const {
    return is_variadic ? count >= parameters.size() : count == parameters.size();
  }
  const Type& Parameter(size_t index) const {
    return parameters[index < parameters.size() ? index : parameters.size() - 1];
  }
};

// When calls with constant arguments are computed.
enum class Folding : uint8_t {
  kAtCompile,  // once, when the rule is compiled
  kNever,      // at each evaluation: what the function looks up may change
};

struct Expr;

// What a call gives where that depends on what stands in it, or what is wrong with it.
struct CallType {
  Type type = {};
  std::optional<Diagnostic> problem = std::nullopt;
};
// Gets calls that an overload takes.
using Typing = std::function<CallType(const Expr& call)>;

struct Function {
  std::string name;
  Folding folding = Folding::kAtCompile;
  Typing typing = nullptr;  // null: the overloads say it
  std::vector<Overload> overloads;
};

class FunctionTable {
 public:
  // "string.(int, int) -> string" is a member with a target of type string, "(list(A)) -> A" is
  // not,
  // "(double...) -> double" takes one or more. Signatures are separated by ";".
  // Requires: a signature that can be read. Adds to a function of that name if there is one.
  void Add(std::string_view name, std::string_view signatures, const Native& native,
           Folding folding = Folding::kAtCompile);

  // Requires: there is a function of that name.
  void SetTyping(std::string_view name, Typing typing);

  const Function* Find(std::string_view name) const;
  const std::map<std::string, Function, std::less<>>& all() const { return functions_; }

 private:
  std::map<std::string, Function, std::less<>> functions_;  // pointers to its values stay valid
};

// Computes a call: finds the overload of that style for these arguments.
Value Invoke(const Function& function, bool is_member, std::span<const Value> arguments,
             Scratch& scratch);

// "string.(int) -> string" as a type per place; see FunctionTable::Add.
Overload ParseSignature(std::string_view signature);

// The libraries; each adds its functions.
void AddStandardFunctions(FunctionTable& table);  // size, contains, matches, conversions, type
void AddTimeFunctions(FunctionTable& table);
void AddTextFunctions(FunctionTable& table);   // the strings extension
void AddFormatFunction(FunctionTable& table);  // format() of it
void AddMathFunctions(FunctionTable& table);
void AddOptionalFunctions(FunctionTable& table);
void AddEncoderFunctions(FunctionTable& table);

// All of the above.
std::shared_ptr<const FunctionTable> StandardLibrary();

}  // namespace batuta::expr
