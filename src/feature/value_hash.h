// Values as 128-bit hashes: those that the rule language calls equal have the same one. Two
// different values of one person have the same with a probability below 10^-30.
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "base/time.h"
#include "expr/value.h"

namespace batuta::feature {

// False of a value that is none of a boolean, number, text, timestamp or duration. Never zero.
bool HashOf(const expr::Value& value, base::Id128& hash);

// Of a value within one stretch of `unit`, counted from 1970.
base::Id128 HashInSlot(const base::Id128& value, int64_t time, base::Duration unit);

}  // namespace batuta::feature
