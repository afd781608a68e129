// What an evaluation may use up: memory that lasts until the next one, and a budget.
//
// One unit of the budget is about an instruction, an element looked at, or 16 bytes of text made or
// searched: some nanoseconds. Memory is charged too, so the budget bounds both.
#pragma once

#include <cstddef>
#include <cstdint>

#include <vector>

#include "expr/arena.h"
#include "expr/value.h"

namespace batuta::expr {

class Activation;
struct LookedUp;

class Scratch {
 public:
  // False once the budget is used up; whoever sees it returns OverBudget().
  bool Charge(uint64_t units) {
    if (units > budget_) {
      budget_ = 0;
      is_over_ = true;
      return false;
    }
    budget_ -= units;
    return true;
  }
  bool ChargeBytes(size_t bytes) { return Charge(bytes / 16 + 1); }

  static Value OverBudget() {
    return Value::Error(ErrorCode::kBudget, "the evaluation costs more than its budget");
  }

  void Start(uint64_t budget) {
    arena.Reset();
    budget_ = budget;
    is_over_ = false;
    activation = nullptr;
    lookups.clear();
  }
  bool is_over() const { return is_over_; }
  uint64_t budget() const { return budget_; }

  Arena arena;
  // Of the evaluation that runs, for functions that look rows up; null outside one.
  Activation* activation = nullptr;
  // What they have found, in order; the activation's until its next Clear.
  std::vector<const LookedUp*> lookups;

 private:
  uint64_t budget_ = 0;
  bool is_over_ = false;
};

}  // namespace batuta::expr
