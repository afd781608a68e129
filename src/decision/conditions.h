// Simple conditions on one trait each: three-valued, so that an absent field is never taken for a
// wrong one.
//
// `exists` and `missing` look only at presence: they are never unknown, and a sealed value exists.
// The others are unknown when the trait is absent, null or sealed; order comparisons (lt le gt ge)
// also when the trait is not of the type it is compared with. `eq` of two types is false. When the
// trait is a list, `eq` and `in` ask whether any element matches, `ne` whether none does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/value.pb.h"

namespace batuta::decision {

enum class Comparison { kEq, kNe, kLt, kLe, kGt, kGe, kIn, kExists, kMissing };
enum class Truth { kFalse, kTrue, kUnknown };

struct Condition {
  std::string trait = {};
  Comparison comparison = Comparison::kExists;
  std::vector<base::Value> values = {};  // one, several for `in`, none for `exists` and `missing`
};

// "eq", "ne", …
std::string_view ComparisonName(Comparison comparison);
// Requires: one of the names above.
Comparison ParseComparison(std::string_view name);

// The truth of the condition about a value, null for an absent one.
Truth Holds(const Condition& condition, const base::Value* value);

}  // namespace batuta::decision
