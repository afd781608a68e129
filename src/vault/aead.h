// Authenticated encryption: AES-256-GCM with nonces of 96 bits and tags of 128.
//
// A box is nonce, ciphertext and tag. Whoever draws the nonces sees to it that none is used twice
// under one key: here each is random, and a key seals far fewer than 2^32 values. Keeps one OpenSSL
// context per thread; the key is set anew for each box.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace batuta::vault {

inline constexpr size_t kKeyBytes = 32;
inline constexpr size_t kNonceBytes = 12;
inline constexpr size_t kTagBytes = 16;
inline constexpr size_t kBoxOverhead = kNonceBytes + kTagBytes;

using KeyBytes = std::array<uint8_t, kKeyBytes>;
using Nonce = std::array<uint8_t, kNonceBytes>;

// `bound` is not stored but must be the same at opening.
std::string SealBox(const KeyBytes& key, const Nonce& nonce, std::string_view bound,
                    std::string_view plaintext);

// Nothing if the box was changed, or belongs to another key or bound.
std::optional<std::string> OpenBox(const KeyBytes& key, std::string_view box,
                                   std::string_view bound);

// Overwrites the bytes in a way that the compiler does not leave out.
void Wipe(KeyBytes& key);
void Wipe(std::string& bytes);

}  // namespace batuta::vault
