#include "vault/entropy.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "base/status.h"

namespace batuta::vault {

namespace {

struct Pool {
  std::array<uint8_t, 2048> bytes{};
  size_t used = sizeof(bytes);
  ~Pool() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

void Draw(std::span<uint8_t> bytes) {
  BATUTA_CHECK(RAND_priv_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1,
               "the operating system gives no random bytes");
}

}  // namespace

void SystemEntropy(std::span<uint8_t> bytes) {
  thread_local Pool pool;
  if (bytes.size() > pool.bytes.size()) return Draw(bytes);
  if (pool.used + bytes.size() > pool.bytes.size()) {
    Draw(pool.bytes);
    pool.used = 0;
  }
  const auto begin = pool.bytes.begin() + static_cast<std::ptrdiff_t>(pool.used);
  std::copy_n(begin, bytes.size(), bytes.begin());
  OPENSSL_cleanse(&*begin, bytes.size());
  pool.used += bytes.size();
}

}  // namespace batuta::vault
