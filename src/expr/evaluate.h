// Runs a compiled rule over the values of an activation.
//
// Takes a bounded time: every loop and every function that looks at much is charged to a budget. On
// the common path (comparisons of what was read) nothing is allocated. Deterministic: reads no
// clock, and the same values give the same result on every machine. An Evaluator is not
// thread-safe; have one a thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "expr/activation.h"
#include "expr/program.h"
#include "expr/scratch.h"
#include "expr/value.h"

namespace batuta::expr {

inline constexpr uint64_t kBudgetDefault = 1'000'000;  // some milliseconds, and 16 MB

class Evaluator {
 public:
  explicit Evaluator(uint64_t budget = kBudgetDefault) : budget_(budget) {}

  // A value or an error. What it points to lives until the next call, and as long as the program
  // and what the activation reads.
  Value Evaluate(const Program& program, Activation& activation);

  // What the last evaluation has looked up; valid until the activation is cleared.
  std::span<const LookedUp* const> lookups() const { return scratch_.lookups; }

  // What the last evaluation cost.
  uint64_t cost() const { return budget_ - scratch_.budget(); }

 private:
  friend class Machine;
  struct Walk {
    Value range;
    uint32_t next = 0;
  };
  struct Build {
    size_t begin = 0;  // in building_
    Value error;       // null until there is one
  };

  uint64_t budget_;
  Scratch scratch_;
  std::vector<Value> stack_;
  std::vector<Value> locals_;
  std::vector<Walk> walks_;
  std::vector<Build> builds_;
  std::vector<Value> building_;
};

// What a rule says of a person.
enum class Verdict : uint8_t {
  kTrue,
  kFalse,
  kUnknown,  // a field that it needs is absent or sealed: no match
  kFailed,   // another error, or no bool: no match
};
Verdict VerdictOf(const Value& value);

// An error in words, with the attribute that it is about: "`person.traits.plan` is absent".
// Requires: an error that the program gave, and the table that it was compiled with.
std::string ExplainError(const Value& error, const Program& program, const AttributeTable& table);

}  // namespace batuta::expr
