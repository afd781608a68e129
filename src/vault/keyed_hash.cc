// OpenSSL 3 marks the functions that show their state as deprecated, but only they let the state
// after the key be copied without an allocation; its HMAC interface costs several times the hash
// itself.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "vault/keyed_hash.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "base/status.h"

namespace batuta::vault {

namespace {

constexpr size_t kBlockBytes = 64;
constexpr uint8_t kInnerPad = 0x36, kOuterPad = 0x5c;

void Start(SHA256_CTX& state, const KeyBytes& key, uint8_t pad) {
  std::array<uint8_t, kBlockBytes> block;
  block.fill(pad);
  for (size_t i = 0; i < key.size(); ++i) block[i] = static_cast<uint8_t>(block[i] ^ key[i]);
  SHA256_Init(&state);
  SHA256_Update(&state, block.data(), block.size());
  OPENSSL_cleanse(block.data(), block.size());
}

}  // namespace

struct KeyedHash::State {
  SHA256_CTX inner, outer;

  KeyBytes Finish(std::string_view first, std::string_view second) const {
    static_assert(kKeyBytes == SHA256_DIGEST_LENGTH);
    KeyBytes digest;
    SHA256_CTX running = inner;
    SHA256_Update(&running, first.data(), first.size());
    SHA256_Update(&running, second.data(), second.size());
    SHA256_Final(digest.data(), &running);
    running = outer;
    SHA256_Update(&running, digest.data(), digest.size());
    SHA256_Final(digest.data(), &running);
    return digest;
  }
};

KeyedHash::KeyedHash(const KeyBytes& key) : state_(std::make_unique<State>()) {
  Start(state_->inner, key, kInnerPad);
  Start(state_->outer, key, kOuterPad);
}

KeyedHash::~KeyedHash() { OPENSSL_cleanse(state_.get(), sizeof(State)); }

KeyBytes KeyedHash::Hash(std::string_view bytes) const { return state_->Finish(bytes, {}); }

base::Id128 KeyedHash::Hash128(std::string_view first, std::string_view second) const {
  const KeyBytes digest = state_->Finish(first, second);
  return base::Id128::FromBytes({reinterpret_cast<const char*>(digest.data()), 16});
}

KeyBytes DeriveKey(const KeyBytes& key, std::string_view purpose) {
  return KeyedHash(key).Hash(purpose);
}

}  // namespace batuta::vault
