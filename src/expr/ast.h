// The tree of an expression, as it was written.
//
// Macros stand as nodes of their own kind rather than as what they expand to, so that a tree can be
// printed back (print.h), explained and rewritten. A parent owns its children. Knows no types and
// resolves no names: see check.h.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "expr/diagnostic.h"

namespace batuta::expr {

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

enum class ExprKind : uint8_t {
  kLiteral,
  kIdent,        // name
  kSelect,       // children[0] . name; `optional` for .?; `test_only` for has()
  kIndex,        // children[0] [ children[1] ]; `optional` for [?]
  kCall,         // name(children); if `is_member`, children[0] is the target
  kUnary,        // op children[0]
  kBinary,       // children[0] op children[1]
  kLogical,      // all children joined by && or ||; at least two
  kConditional,  // children[0] ? children[1] : children[2]
  kList,         // [children]
  kMap,          // {children[0]: children[1], ...}
  kMessage,      // name{fields[i]: children[i], ...}
  kMacro,        // macro over children[0] with variables; see Macro
};

enum class Operator : uint8_t {
  kNot,
  kNegate,
  kMultiply,
  kDivide,
  kRemainder,
  kAdd,
  kSubtract,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kEqual,
  kNotEqual,
  kIn,
  kAnd,
  kOr,
};
const char* Spelling(Operator op);

// The children after children[0], which is the range, the target of optMap, or the value to bind:
enum class Macro : uint8_t {
  kAll,             // predicate
  kExists,          // predicate
  kExistsOne,       // predicate
  kMap,             // [filter,] result; with two variables it is transformList
  kFilter,          // predicate
  kTransformMap,    // [filter,] value of the same key
  kTransformEntry,  // [filter,] map of the entries to put in
  kBind,            // result
  kOptMap,          // result
  kOptFlatMap,      // result, an optional
};

struct Bytes {
  std::string bytes;
  friend bool operator==(const Bytes&, const Bytes&) = default;
};
using Literal = std::variant<std::monostate, bool, int64_t, uint64_t, double, std::string, Bytes>;

struct Expr {
  ExprKind kind = ExprKind::kLiteral;
  Operator op = Operator::kNot;
  Macro macro = Macro::kAll;
  bool optional = false;     // of kSelect and kIndex
  bool test_only = false;    // of kSelect: has()
  bool is_member = false;    // of kCall
  bool is_absolute = false;  // of kIdent, kCall and kMessage: written with a leading dot
  uint16_t height = 1;       // 1 + the greatest of the children's; at most kHeightMax
  Span span;                 // of the whole
  Span name_span;            // of the name or the operator
  std::string name;
  Literal literal;
  std::vector<ExprPtr> children;
  std::vector<std::string> fields;     // of kMessage
  std::vector<bool> optional_entries;  // of kList, kMap and kMessage: one an entry, written with ?
  std::vector<std::string> variables;  // of kMacro: one or two
};

// Bounds the recursion of everything that walks a tree.
inline constexpr int kHeightMax = 250;

ExprPtr Clone(const Expr& expr);

// "a.b.c" if the tree is a chain of plain selections from a name, else "".
std::string DottedName(const Expr& expr);

}  // namespace batuta::expr
