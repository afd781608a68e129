// The vault: the hub's secrets, one key per identifier, and their destruction.
//
// Personal values are sealed at ingest under the key of their routing identifier; the log and the
// state hold sealed values only. To erase a person is to destroy the keys of their identifiers:
// what was sealed under them, wherever it lies, can never be read again. An identifier's keys are
// numbered by epochs from 1; each erasure ends one, and the next Seal opens the next.
//
// At rest a key is wrapped by the key of its shelf (a fixed share of the identifiers), and that by
// the master key. Erasing draws a new key for the shelf, wraps the shelf's other keys again,
// overwrites the old shelf key in place, and rewrites the files that held the destroyed keys. So
// even blocks that a disk kept of older files open nothing. (A disk that remaps blocks may keep the
// old shelf key, too; it is still wrapped by the master key. Encrypt such disks.) Backups made
// before keep the keys for as long as they are kept; restoring one re-applies the ledger of
// erasures.
//
// Knows neither persons nor records, and sends nothing anywhere. Thread-safe. After an Internal or
// DataLoss error of Sync or Erase the caller ends the process and opens again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/disk.h"
#include "base/ids.h"
#include "base/time.h"
#include "base/value.pb.h"
#include "store/key_value.h"
#include "vault/ledger.h"
#include "vault/master_key.h"

namespace batuta::vault {

class Vault {
 public:
  // Fills the span with random bytes. Called under a lock; never fails.
  using Entropy = std::function<void(std::span<uint8_t>)>;
  enum class IfAbsent { create, refuse };

  struct Options {
    std::string path;            // the vault's folder
    base::Disk* disk = nullptr;  // required
    store::FileAccess access = store::FileAccess::direct;
    MasterKey master_key = {};
    // `refuse` where the hub already has data: a vault that is gone must be restored, not made
    // anew.
    IfAbsent if_absent = IfAbsent::create;
    size_t cached_keys = size_t{1} << 18;  // unwrapped, about 120 bytes each
    Entropy entropy = nullptr;             // null: the operating system's
  };
  // FailedPrecondition: the master key is of another vault, the vault is absent (see if_absent), or
  // was made by a newer release. DataLoss: a part of the vault is missing or damaged.
  static absl::StatusOr<std::unique_ptr<Vault>> Open(const store::SharedResources& shared,
                                                     const Options& options);
  ~Vault();
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;

  // Drawn when the vault was made; the same for ever.
  base::Id128 HubId() const;
  uint64_t HubSeed() const;

  // The keyed hash of an identifier. The value must be normalised already.
  base::IdentifierHash HashIdentifier(std::string_view type, std::string_view value) const;
  // The keyed hash of a personal value's canonical form, for telling equal from unequal values.
  base::Id128 HashValue(std::string_view canonical) const;

  // Seals a value under the owner's key of the current epoch, which is made if absent. `context`
  // says where the value belongs (the field's path); only there can it be opened. `equality` is set
  // to HashValue(plaintext); a caller with a canonical form that differs from the plaintext
  // replaces it. A key made here is durable only after the next Sync(): records sealed under it
  // must not be acknowledged before.
  absl::StatusOr<base::Sealed> Seal(base::IdentifierHash owner, std::string_view plaintext,
                                    std::string_view context);

  // Makes all keys drawn so far durable. At once if there is nothing new; many keys cost one sync.
  absl::Status Sync();

  // NotFound("erased"): the key was destroyed. DataLoss: the value was changed, or moved to another
  // owner, epoch or field; or its key is missing though nobody erased it.
  absl::StatusOr<std::string> Unseal(const base::Sealed& sealed, std::string_view context);

  // Destroys all keys of these identifiers. On return this is durable and no file of the vault
  // holds them, wrapped or not. Whoever is named gets a new epoch, even without keys. `when` is
  // noted in the ledger. Takes tenths of a second, during which sealing goes on.
  // An erasure asked for again, with the same `when`, leaves keys made since alone.
  absl::Status Erase(std::span<const base::IdentifierHash> owners, base::Time when);
  bool IsErased(base::IdentifierHash owner, uint32_t epoch) const;

  // Erases again what the ledger file of another copy of this vault lists and this one does not
  // know: to be called after a backup was restored. Returns how many entries were new.
  absl::StatusOr<size_t> ApplyLedger(const std::string& path);
  // All erasures that the ledger lists, in their order.
  absl::StatusOr<std::vector<Erasure>> Erasures() const;
  // The ledger's own file, to be copied elsewhere after each erasure.
  std::string LedgerPath() const;

  // Copies the vault into a folder that must not exist. It can be opened there with the master key.
  absl::Status Backup(const std::string& path);

  // Reads everything back: checksums of the key store, every shelf key and every ledger entry.
  absl::Status Verify() const;

 private:
  class Impl;
  explicit Vault(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace batuta::vault
