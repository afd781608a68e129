// Makes new inputs out of those that are known to be interesting, by dice that can be thrown again.
#pragma once

#include <string>
#include <vector>

#include "base/random.h"

namespace batuta::fuzz {

inline constexpr size_t kMaxInputBytes = 16 * 1024;

// One to eight changes of one of the inputs: bits, bytes, telling numbers, pieces moved, doubled,
// lost, or taken from another input. Requires: there are inputs.
std::string Mutate(const std::vector<std::string>& inputs, base::Random& random);

}  // namespace batuta::fuzz
