// The identifiers' keys: drawn when first needed, kept wrapped, destroyed for good.
//
// At most one key per identifier is alive, that of the epoch after its last erasure; epochs and
// erasures are told by the vault, which keeps the ledger. Thread-safe: keys are found and drawn
// under the lock of their share of the shelves; Sync, Destroy and CopyTo exclude one another.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/disk.h"
#include "base/ids.h"
#include "store/key_value.h"
#include "vault/key_cache.h"
#include "vault/shelves.h"

namespace batuta::vault {

class KeyRing {
 public:
  struct Options {
    std::string path;  // of the vault: the ring owns `shelves` and `keys` in it
    base::Disk* disk = nullptr;
    store::FileAccess access = store::FileAccess::direct;
    base::Id128 hub = {};
    KeyBytes wrapping = {};  // wraps the shelves' keys
    size_t cached_keys = 0;
    std::function<void(std::span<uint8_t>)> entropy = nullptr;
  };
  // Makes the files; may be repeated until Open has succeeded once.
  static absl::Status Create(const store::SharedResources& shared, const Options& options);
  static absl::StatusOr<std::unique_ptr<KeyRing>> Open(const store::SharedResources& shared,
                                                       const Options& options);

  struct CurrentKey {
    uint32_t epoch = 0;
    KeyBytes key{};
  };
  // The owner's key of the current epoch; drawn if absent, durable after the next Sync().
  absl::StatusOr<CurrentKey> Current(const base::IdentifierHash& owner);
  // The same, but nothing if there is none.
  absl::StatusOr<std::optional<CurrentKey>> Existing(const base::IdentifierHash& owner);

  absl::Status Sync();

  // Ends the owner's epochs up to this one: their keys are neither found nor written any more.
  void EndEpoch(const base::IdentifierHash& owner, uint32_t epoch);
  uint32_t CurrentEpoch(const base::IdentifierHash& owner) const;
  // Destroys the keys of ended epochs that lie on the shelves of these owners, in all files.
  absl::Status Destroy(std::span<const base::IdentifierHash> owners);

  // How many entries of the ledger are known to be destroyed in all files.
  uint64_t destroyed() const { return destroyed_; }
  absl::Status SetDestroyed(uint64_t count);

  absl::Status CopyTo(const std::string& path);
  absl::Status Verify();

 private:
  // A share of the shelves, with its lock. The mutable parts of a shelf and of all its keys belong
  // to one share.
  struct Share {
    explicit Share(size_t cached_keys) : cache(cached_keys) {}
    mutable std::mutex mutex;
    KeyCache cache;
    struct Fresh {
      KeyBytes key{};
      bool is_being_written = false;
    };
    absl::flat_hash_map<base::IdentifierHash, Fresh> fresh;     // not durable yet
    absl::flat_hash_map<base::IdentifierHash, uint32_t> ended;  // last ended epoch
  };
  static constexpr size_t kShares = 64;

  KeyRing(const Options& options, std::unique_ptr<store::KeyValue> keys,
          std::unique_ptr<Shelves> shelves);
  absl::Status Settle();
  absl::Status ReadDestroyed();

  Share& ShareOfShelf(size_t shelf) const { return *shares_[shelf % kShares]; }
  Share& ShareOf(const base::IdentifierHash& owner) const {
    return ShareOfShelf(Shelves::Of(owner));
  }
  static uint32_t CurrentEpoch(const Share& share, const base::IdentifierHash& owner);
  absl::StatusOr<std::optional<KeyBytes>> FindLocked(Share& share,
                                                     const base::IdentifierHash& owner,
                                                     uint32_t epoch);
  std::vector<store::Change> TakeFresh();
  void DropWritten();

  std::string Wrap(const Shelves::Key& shelf, std::string_view record_key, const KeyBytes& key);
  absl::StatusOr<KeyBytes> Unwrap(size_t shelf, std::string_view record_key,
                                  std::string_view record) const;
  absl::Status BeginRolls(const std::vector<size_t>& shelves);
  absl::Status RewrapShelf(size_t shelf);
  absl::Status EndRolls(const std::vector<size_t>& shelves);
  absl::Status PurgeShelves(const std::vector<size_t>& shelves);

  const std::string path_;
  base::Disk& disk_;
  const KeyBytes wrapping_;
  const std::function<void(std::span<uint8_t>)> entropy_;
  const std::unique_ptr<store::KeyValue> keys_;
  const std::unique_ptr<Shelves> shelves_;  // changed under writer_mutex_ and the shelf's share
  std::vector<std::unique_ptr<Share>> shares_;
  std::mutex writer_mutex_;
  std::atomic<uint64_t> fresh_count_{0};
  std::atomic<uint64_t> destroyed_{0};
};

}  // namespace batuta::vault
