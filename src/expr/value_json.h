// Values as JSON, as the specification maps them.
#pragma once

#include <optional>

#include "base/value.pb.h"
#include "expr/scratch.h"
#include "expr/value.h"

namespace batuta::expr {

// Integers beyond 2^53 - 1 and doubles that are no numbers become texts, bytes Base64, timestamps
// and durations their texts. Nothing for what JSON has no place for: an error, a type, an optional,
// a map with keys that are no texts, more than base::kJsonDepthMax levels, more than the budget
// allows.
std::optional<base::Value> ToJson(const Value& value, Scratch& scratch);

}  // namespace batuta::expr
