// HMAC-SHA-256 (RFC 2104) with the key worked in once, so that hashing something short costs two or
// three blocks of SHA-256 and nothing else. Immutable, thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/ids.h"
#include "vault/aead.h"

namespace batuta::vault {

class KeyedHash {
 public:
  explicit KeyedHash(const KeyBytes& key);
  ~KeyedHash();
  KeyedHash(const KeyedHash&) = delete;
  KeyedHash& operator=(const KeyedHash&) = delete;

  KeyBytes Hash(std::string_view bytes) const;
  // Of the parts one after the other; callers make the boundary unambiguous. The first 128 bits.
  base::Id128 Hash128(std::string_view first, std::string_view second = {}) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A key for one purpose out of another: their HMAC.
KeyBytes DeriveKey(const KeyBytes& key, std::string_view purpose);

}  // namespace batuta::vault
