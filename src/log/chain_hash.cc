#include "log/chain_hash.h"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <string>

#include "base/status.h"

namespace batuta::log {
namespace {

void Update(EVP_MD_CTX* context, std::string_view bytes) {
  BATUTA_CHECK(EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1);
}

}  // namespace

base::Id128 ChainHash(const base::Id128& previous, std::initializer_list<std::string_view> pieces) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  BATUTA_CHECK(context != nullptr);
  BATUTA_CHECK(EVP_DigestInit_ex(context.get(), EVP_blake2b512(), nullptr) == 1);
  Update(context.get(), previous.ToBytes());
  for (const std::string_view piece : pieces) Update(context.get(), piece);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  BATUTA_CHECK(EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1);
  return base::Id128::FromBytes(std::string(digest.begin(), digest.begin() + 16));
}

base::Id128 ChainOrigin(const base::Id128& hub, std::string_view purpose) {
  return ChainHash(hub, {purpose});
}

}  // namespace batuta::log
