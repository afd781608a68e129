// What a hub draws once and keeps for ever: its id, its seed, and the secrets of its keyed hashes.
//
// Kept in one small file, sealed under the master key. Not thread-safe while it is made; immutable
// afterwards.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "base/disk.h"
#include "base/ids.h"
#include "vault/aead.h"
#include "vault/master_key.h"

namespace batuta::vault {

struct HubSecrets {
  base::Id128 hub;
  uint64_t seed = 0;  // of all the hub's random draws
  KeyBytes identifiers{};
  KeyBytes values{};
  KeyBytes ledger{};

  HubSecrets() = default;
  HubSecrets(const HubSecrets&) = default;
  HubSecrets& operator=(const HubSecrets&) = default;
  ~HubSecrets();
};

HubSecrets DrawHubSecrets(const std::function<void(std::span<uint8_t>)>& entropy);

// Durable on return.
absl::Status SaveHubSecrets(base::Disk& disk, const std::string& path, const HubSecrets& secrets,
                            const MasterKey& master_key, const Nonce& nonce);

// NotFound: no such file. DataLoss: damaged. FailedPrecondition: another master key, or a newer
// format.
absl::StatusOr<HubSecrets> LoadHubSecrets(base::Disk& disk, const std::string& path,
                                          const MasterKey& master_key);

// The key that the master key is for this purpose.
KeyBytes MasterKeyFor(const MasterKey& master_key, std::string_view purpose);

}  // namespace batuta::vault
