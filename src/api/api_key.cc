#include "api/api_key.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/crc32c.h"
#include "base/status.h"
#include "base/text.h"
#include "engine/fold.h"
#include "vault/entropy.h"

namespace batuta::api {
namespace {

constexpr std::string_view kDigits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr size_t kIdSize = 12;
constexpr size_t kSecretSize = 43;
constexpr size_t kChecksumSize = 6;

// Evenly drawn: bytes beyond the last multiple of 62 are thrown away.
std::string DrawBase62(size_t size) {
  constexpr uint8_t kEven = 256 / 62 * 62;
  std::string text;
  while (text.size() < size) {
    std::array<uint8_t, 64> bytes{};
    vault::SystemEntropy(bytes);
    for (const uint8_t byte : bytes) {
      if (byte < kEven && text.size() < size) text.push_back(kDigits[byte % 62]);
    }
  }
  return text;
}

std::string Checksum(std::string_view text) {
  uint32_t sum = base::Crc32c(text);
  std::string digits(kChecksumSize, '0');
  for (size_t i = kChecksumSize; i-- > 0; sum /= 62) digits[i] = kDigits[sum % 62];
  return digits;
}

}  // namespace

absl::Span<const std::string> Scopes() {
  static const auto& scopes = *new std::vector<std::string>{
      "people:read",     "pii:read", "people:erase", "decisions", "resources:read",
      "resources:write", "keys",     "audit:read",   "admin"};
  return scopes;
}

DrawnKey DrawKey(std::string_view kind) {
  DrawnKey key;
  key.id = DrawBase62(kIdSize);
  key.secret = base::StrCat("bat_", kind, "_", key.id, "_", DrawBase62(kSecretSize), "_");
  key.secret += Checksum(std::string_view(key.secret).substr(0, key.secret.size() - 1));
  return key;
}

std::optional<std::string> KeyIdOf(std::string_view secret) {
  constexpr size_t kTail = 1 + kIdSize + 1 + kSecretSize + 1 + kChecksumSize;
  if (!secret.starts_with("bat_") || secret.size() < 4 + kTail) return std::nullopt;
  const size_t tail = secret.size() - kTail;
  for (const size_t separator : {tail, tail + 1 + kIdSize, secret.size() - kChecksumSize - 1}) {
    if (secret[separator] != '_') return std::nullopt;
  }
  const std::string_view signed_part = secret.substr(0, secret.size() - kChecksumSize - 1);
  if (secret.substr(secret.size() - kChecksumSize) != Checksum(signed_part)) return std::nullopt;
  return std::string(secret.substr(tail + 1, kIdSize));
}

std::string Sha256(std::string_view text) {
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(hash.data()));
  return hash;
}

bool HasScope(const engine::ApiKey& key, std::string_view scope) {
  return key.kind() == kSecretKind &&
         std::find(key.scopes().begin(), key.scopes().end(), scope) != key.scopes().end();
}

void KeyKeeper::Refresh(std::function<void()> done) {
  runtime_.Run(runtime_.control(), [this, done = std::move(done)](engine::Fold& fold) {
    auto keys = std::make_shared<Keys>();
    fold.state().ScanRows(
        engine::RowKind::kApiKey, [&](std::string_view id, std::string_view bytes) {
          auto key = std::make_shared<engine::ApiKey>();
          BATUTA_CHECK(key->ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
          keys->emplace(std::string(id), std::move(key));
          return true;
        });
    {
      absl::MutexLock lock(&mutex_);
      keys_ = std::move(keys);
    }
    done();
  });
}

std::shared_ptr<const KeyKeeper::Keys> KeyKeeper::Now() const {
  absl::MutexLock lock(&mutex_);
  return keys_;
}

std::shared_ptr<const engine::ApiKey> KeyKeeper::Find(std::string_view id) const {
  const auto keys = Now();
  const auto found = keys->find(id);
  return found == keys->end() ? nullptr : found->second;
}

std::shared_ptr<const engine::ApiKey> KeyKeeper::Check(std::string_view secret,
                                                       base::Time now) const {
  const auto id = KeyIdOf(secret);
  if (!id.has_value()) return nullptr;
  auto key = Find(*id);
  if (key == nullptr || key->revoked()) return nullptr;
  if (key->expires_at() != 0 && key->expires_at() <= now.micros) return nullptr;
  const std::string hash = Sha256(secret);
  if (key->hash().size() != hash.size() ||
      CRYPTO_memcmp(key->hash().data(), hash.data(), hash.size()) != 0) {
    return nullptr;
  }
  return key;
}

std::vector<std::shared_ptr<const engine::ApiKey>> KeyKeeper::All() const {
  std::vector<std::shared_ptr<const engine::ApiKey>> all;
  for (const auto& [id, key] : *Now()) all.push_back(key);
  return all;
}

}  // namespace batuta::api
