// A second evaluator, for tests: walks the tree, with values of its own, as plainly as it can be
// said. Shares nothing with the compiled one but the tree.
//
// Knows the language itself, has(), the macros, optionals, and the functions size, contains,
// startsWith, endsWith, int, double, string (of ints), optional.*, orValue, hasValue.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "expr/ast.h"

namespace batuta::expr {

struct NaiveEntry;

struct Naive {
  enum class Is {
    kNull,
    kBool,
    kInt,
    kUint,
    kDouble,
    kText,
    kList,
    kMap,
    kOptional,
    kAbsent,
    kError
  };
  Is is = Is::kNull;
  bool boolean = false;
  bool is_last = false;  // of kAbsent: only the last step was missing
  __int128 integer = 0;  // of kInt and kUint
  double real = 0;
  std::string text;
  std::vector<Naive> parts;         // of a list; the value of an optional
  std::vector<NaiveEntry> entries;  // of a map

  bool failed() const { return is == Is::kAbsent || is == Is::kError; }
  bool IsBool(bool value) const { return is == Is::kBool && boolean == value; }
};

struct NaiveEntry {
  Naive key;
  Naive value;
};

using NaiveScope = std::map<std::string, Naive>;

Naive NaiveEvaluate(const Expr& expr, const NaiveScope& scope);

bool NaiveEqual(const Naive& a, const Naive& b);

}  // namespace batuta::expr
