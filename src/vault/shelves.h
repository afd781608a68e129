// The keys of the shelves: each wraps the keys of a fixed share of the identifiers, and is itself
// wrapped by the master key.
//
// A file of two sectors per shelf. A shelf's new key goes to the sector that is free; when nothing
// is wrapped by the old one any more, its sector is overwritten with zeros in place. So at most one
// roll per shelf is open, and a crash at any point leaves a key that opens what is there. Not
// thread-safe: the key ring locks.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/disk.h"
#include "base/ids.h"
#include "vault/aead.h"

namespace batuta::vault {

class Shelves {
 public:
  static constexpr size_t kCount = 1024;
  // Shelves lie in the order of the hashes: a shelf's keys are one range of the key store.
  static size_t Of(const base::IdentifierHash& owner) { return owner.high >> 54; }
  static base::IdentifierHash First(size_t shelf) {
    return {{.high = uint64_t{shelf} << 54, .low = 0}};
  }

  struct Key {
    uint32_t generation = 0;  // from 1
    KeyBytes key{};
  };

  // Writes a new file with these keys, one per shelf; durable on return.
  static absl::Status Create(base::Disk& disk, const std::string& path, const KeyBytes& wrapping,
                             const std::vector<KeyBytes>& keys, const std::vector<Nonce>& nonces);
  // DataLoss: the file is missing, or some shelf has no sound key.
  static absl::StatusOr<std::unique_ptr<Shelves>> Open(base::Disk& disk, const std::string& path,
                                                       const KeyBytes& wrapping);
  ~Shelves();

  // The key of this generation, or null: it was destroyed or never was.
  const Key* Find(size_t shelf, uint32_t generation) const;
  const Key& current(size_t shelf) const;

  // Shelves that a crash left with two keys. Settle says which is in use; the other is destroyed.
  std::vector<size_t> Unsettled() const;
  absl::Status Settle(size_t shelf, std::optional<uint32_t> generation_in_use);

  // Adds a shelf's next key; durable after the next Sync(). Requires: none is open on this shelf.
  absl::Status BeginRoll(size_t shelf, const KeyBytes& key, const Nonce& nonce);
  const Key& next(size_t shelf) const;
  // The next key becomes the current one; the old one is overwritten, for good after the next
  // Sync().
  absl::Status EndRoll(size_t shelf);
  absl::Status Sync();

 private:
  struct Slots {
    std::array<Key, 2> keys;  // generation 0: free
    size_t current = 0;
    bool is_rolling = false;
  };
  Shelves(std::unique_ptr<base::File> file, const KeyBytes& wrapping)
      : file_(std::move(file)), wrapping_(wrapping), slots_(kCount) {}
  absl::Status WriteSlot(size_t shelf, size_t slot, const std::string& sector);
  absl::Status WipeSlot(size_t shelf, size_t slot);

  const std::unique_ptr<base::File> file_;
  KeyBytes wrapping_;
  std::vector<Slots> slots_;
};

}  // namespace batuta::vault
