// Random bytes from OpenSSL's generator, which the operating system seeds.
//
// Draws ahead for each thread, since most callers want a few bytes; what was handed out is wiped.
// Thread-safe; never fails: without randomness the process ends.
#pragma once

#include <cstdint>
#include <span>

namespace batuta::vault {

void SystemEntropy(std::span<uint8_t> bytes);

}  // namespace batuta::vault
