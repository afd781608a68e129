// The ledger of erasures: whose keys were destroyed, up to which epoch, and when.
//
// An append-only file of its own, so that a copy kept elsewhere outlives the restore of an older
// vault. It names nobody: identifiers are keyed hashes. Each append is a group of whole sectors;
// every sector carries a keyed hash, so no entry can be forged or damaged unseen. A torn group at
// the end, which no finished Append can leave, is cut; damage before it is refused. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/disk.h"
#include "base/ids.h"
#include "base/time.h"
#include "vault/keyed_hash.h"

namespace batuta::vault {

// All keys of the owner up to and with this epoch are destroyed.
struct Erasure {
  base::IdentifierHash owner;
  uint32_t epoch = 0;
  base::Time when;
};

class Ledger {
 public:
  static absl::Status Create(base::Disk& disk, const std::string& path);
  // DataLoss: missing or damaged. The entries are handed out once, in their order.
  static absl::StatusOr<std::unique_ptr<Ledger>> Open(base::Disk& disk, const std::string& path,
                                                      const KeyBytes& secret,
                                                      std::vector<Erasure>& entries);
  // Only reads; a torn end is left out.
  static absl::StatusOr<std::vector<Erasure>> Read(base::Disk& disk, const std::string& path,
                                                   const KeyBytes& secret);

  // Durable on return.
  absl::Status Append(std::span<const Erasure> entries);
  uint64_t size() const { return size_; }  // entries

 private:
  Ledger(std::unique_ptr<base::File> file, const KeyBytes& secret)
      : file_(std::move(file)), hash_(secret) {}

  const std::unique_ptr<base::File> file_;
  const KeyedHash hash_;
  uint64_t sectors_ = 0;
  uint64_t size_ = 0;
};

}  // namespace batuta::vault
