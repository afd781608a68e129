// Hashes of bytes for deduplication, checks and sharding: XXH3, the same on every machine.
//
// Not keyed against an attacker: whoever may choose both inputs can find collisions. Personal
// identifiers are hashed by the vault with a secret key instead.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/ids.h"

namespace batuta::base {

uint64_t Hash64(std::string_view bytes, uint64_t seed = 0);
Id128 Hash128(std::string_view bytes, uint64_t seed = 0);

}  // namespace batuta::base
