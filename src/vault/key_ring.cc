#include "vault/key_ring.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/status.h"
#include "vault/key_record.h"

namespace batuta::vault {

namespace {

constexpr char kDestroyedKey[] = "ledger entries destroyed";
constexpr size_t kKeysPerWrite = 65'536;

std::string ShelvesPath(const std::string& path) { return path + "/shelves"; }
std::string KeysPath(const std::string& path) { return path + "/keys"; }

absl::StatusOr<std::unique_ptr<store::KeyValue>> OpenKeys(const store::SharedResources& shared,
                                                          const KeyRing::Options& options) {
  return store::KeyValue::Open(shared, {.path = KeysPath(options.path),
                                        .owner = options.hub,
                                        .disk = options.disk,
                                        .access = options.access});
}

store::Change DestroyedRecord(uint64_t count) {
  base::ByteWriter writer;
  writer.U64(count);
  return {kDestroyedKey, writer.Take()};
}

}  // namespace

absl::Status KeyRing::Create(const store::SharedResources& shared, const Options& options) {
  std::vector<KeyBytes> keys(Shelves::kCount);
  std::vector<Nonce> nonces(Shelves::kCount);
  for (KeyBytes& key : keys) options.entropy(key);
  for (Nonce& nonce : nonces) options.entropy(nonce);
  const absl::Status created =
      Shelves::Create(*options.disk, ShelvesPath(options.path), options.wrapping, keys, nonces);
  for (KeyBytes& key : keys) Wipe(key);
  BATUTA_RETURN_IF_ERROR(created);
  BATUTA_ASSIGN_OR_RETURN(const std::unique_ptr<store::KeyValue> store, OpenKeys(shared, options));
  const store::Change none_destroyed = DestroyedRecord(0);
  return store->Write({&none_destroyed, 1});
}

absl::StatusOr<std::unique_ptr<KeyRing>> KeyRing::Open(const store::SharedResources& shared,
                                                       const Options& options) {
  if (!options.disk->Exists(KeysPath(options.path) + "/tables/CURRENT")) {
    return absl::DataLossError(absl::StrCat("the key store ", KeysPath(options.path),
                                            " is missing; restore the vault from its backup"));
  }
  BATUTA_ASSIGN_OR_RETURN(
      std::unique_ptr<Shelves> shelves,
      Shelves::Open(*options.disk, ShelvesPath(options.path), options.wrapping));
  BATUTA_ASSIGN_OR_RETURN(std::unique_ptr<store::KeyValue> keys, OpenKeys(shared, options));
  std::unique_ptr<KeyRing> ring(new KeyRing(options, std::move(keys), std::move(shelves)));
  BATUTA_RETURN_IF_ERROR(ring->ReadDestroyed());
  BATUTA_RETURN_IF_ERROR(ring->Settle());
  return ring;
}

KeyRing::KeyRing(const Options& options, std::unique_ptr<store::KeyValue> keys,
                 std::unique_ptr<Shelves> shelves)
    : path_(options.path),
      disk_(*options.disk),
      wrapping_(options.wrapping),
      entropy_(options.entropy),
      keys_(std::move(keys)),
      shelves_(std::move(shelves)) {
  for (size_t i = 0; i < kShares; ++i) {
    shares_.push_back(std::make_unique<Share>(options.cached_keys / kShares + 1));
  }
}

absl::Status KeyRing::ReadDestroyed() {
  BATUTA_ASSIGN_OR_RETURN(const std::optional<std::string> record, keys_->Get(kDestroyedKey));
  if (!record) {
    return absl::DataLossError(absl::StrCat("the key store ", KeysPath(path_),
                                            " is empty; restore the vault from its backup"));
  }
  base::ByteReader reader(*record);
  destroyed_ = reader.U64();
  BATUTA_CHECK(reader.ok());
  return absl::OkStatus();
}

// A crash during Destroy leaves shelves with two keys. A shelf's keys are wrapped again all at
// once, so any one of them tells which of the two is in use.
absl::Status KeyRing::Settle() {
  const std::vector<size_t> unsettled = shelves_->Unsettled();
  for (const size_t shelf : unsettled) {
    std::optional<uint32_t> generation;
    BATUTA_RETURN_IF_ERROR(keys_->Scan(RecordKeyBegin(shelf), RecordKeyEnd(shelf),
                                       [&](std::string_view, std::string_view record) {
                                         generation = RecordGeneration(record);
                                         return false;
                                       }));
    BATUTA_RETURN_IF_ERROR(shelves_->Settle(shelf, generation));
  }
  return unsettled.empty() ? absl::OkStatus() : shelves_->Sync();
}

std::string KeyRing::Wrap(const Shelves::Key& shelf, std::string_view record_key,
                          const KeyBytes& key) {
  Nonce nonce;
  entropy_(nonce);
  return MakeRecord(shelf, nonce, record_key, key);
}

absl::StatusOr<KeyBytes> KeyRing::Unwrap(size_t shelf, std::string_view record_key,
                                         std::string_view record) const {
  const Shelves::Key* wrapping = shelves_->Find(shelf, RecordGeneration(record));
  std::optional<KeyBytes> key;
  if (wrapping != nullptr) key = OpenRecord(*wrapping, record_key, record);
  if (key) return *key;
  return absl::DataLossError(
      absl::StrCat("a key on shelf ", shelf,
                   " cannot be unwrapped: the key store and the shelves are not of the same time"));
}

uint32_t KeyRing::CurrentEpoch(const Share& share, const base::IdentifierHash& owner) {
  const auto ended = share.ended.find(owner);
  return ended == share.ended.end() ? 1 : ended->second + 1;
}

uint32_t KeyRing::CurrentEpoch(const base::IdentifierHash& owner) const {
  const Share& share = ShareOf(owner);
  const std::lock_guard lock(share.mutex);
  return CurrentEpoch(share, owner);
}

absl::StatusOr<std::optional<KeyBytes>> KeyRing::FindLocked(Share& share,
                                                            const base::IdentifierHash& owner,
                                                            uint32_t epoch) {
  if (const KeyBytes* cached = share.cache.Find(owner)) return *cached;
  if (const auto fresh = share.fresh.find(owner); fresh != share.fresh.end()) {
    share.cache.Put(owner, fresh->second.key);
    return fresh->second.key;
  }
  const std::string record_key = RecordKey(owner, epoch);
  BATUTA_ASSIGN_OR_RETURN(const std::optional<std::string> record, keys_->Get(record_key));
  if (!record) return std::nullopt;
  BATUTA_ASSIGN_OR_RETURN(const KeyBytes key, Unwrap(Shelves::Of(owner), record_key, *record));
  share.cache.Put(owner, key);
  return key;
}

absl::StatusOr<KeyRing::CurrentKey> KeyRing::Current(const base::IdentifierHash& owner) {
  Share& share = ShareOf(owner);
  const std::lock_guard lock(share.mutex);
  CurrentKey current{.epoch = CurrentEpoch(share, owner)};
  BATUTA_ASSIGN_OR_RETURN(const std::optional<KeyBytes> found,
                          FindLocked(share, owner, current.epoch));
  if (found) {
    current.key = *found;
    return current;
  }
  entropy_(current.key);
  share.fresh[owner].key = current.key;
  share.cache.Put(owner, current.key);
  ++fresh_count_;
  return current;
}

absl::StatusOr<std::optional<KeyRing::CurrentKey>> KeyRing::Existing(
    const base::IdentifierHash& owner) {
  Share& share = ShareOf(owner);
  const std::lock_guard lock(share.mutex);
  const uint32_t epoch = CurrentEpoch(share, owner);
  BATUTA_ASSIGN_OR_RETURN(const std::optional<KeyBytes> found, FindLocked(share, owner, epoch));
  if (!found) return std::nullopt;
  return CurrentKey{.epoch = epoch, .key = *found};
}

std::vector<store::Change> KeyRing::TakeFresh() {
  std::vector<store::Change> changes;
  changes.reserve(fresh_count_);
  for (const std::unique_ptr<Share>& share : shares_) {
    const std::lock_guard lock(share->mutex);
    for (auto& [owner, fresh] : share->fresh) {
      fresh.is_being_written = true;
      changes.push_back({RecordKey(owner, CurrentEpoch(*share, owner)),
                         std::string(fresh.key.begin(), fresh.key.end())});
    }
  }
  // The maps have no order; the nonces are drawn and the disk is written in the same one in every
  // run.
  std::sort(changes.begin(), changes.end(),
            [](const store::Change& a, const store::Change& b) { return a.key < b.key; });
  for (store::Change& change : changes) {
    KeyBytes key;
    std::copy(change.value->begin(), change.value->end(), key.begin());
    Wipe(*change.value);
    change.value = Wrap(shelves_->current(Shelves::Of(RecordOwner(change.key))), change.key, key);
    Wipe(key);
  }
  return changes;
}

void KeyRing::DropWritten() {
  for (const std::unique_ptr<Share>& share : shares_) {
    const std::lock_guard lock(share->mutex);
    for (auto entry = share->fresh.begin(); entry != share->fresh.end();) {
      const auto at = entry++;
      if (!at->second.is_being_written) continue;
      Wipe(at->second.key);
      share->fresh.erase(at);
      --fresh_count_;
    }
  }
}

absl::Status KeyRing::Sync() {
  if (fresh_count_ == 0) return absl::OkStatus();
  const std::lock_guard lock(writer_mutex_);
  const std::vector<store::Change> changes = TakeFresh();
  for (size_t at = 0; at < changes.size(); at += kKeysPerWrite) {
    const size_t count = std::min(kKeysPerWrite, changes.size() - at);
    BATUTA_RETURN_IF_ERROR(keys_->Write({changes.data() + at, count}));
  }
  DropWritten();
  return absl::OkStatus();
}

void KeyRing::EndEpoch(const base::IdentifierHash& owner, uint32_t epoch) {
  // No key may be on its way to the disk while its epoch ends.
  const std::lock_guard writer(writer_mutex_);
  Share& share = ShareOf(owner);
  const std::lock_guard lock(share.mutex);
  uint32_t& ended = share.ended[owner];
  if (epoch <= ended) return;
  ended = epoch;
  share.cache.Remove(owner);
  const auto fresh = share.fresh.find(owner);
  if (fresh == share.fresh.end()) return;
  Wipe(fresh->second.key);
  share.fresh.erase(fresh);
  --fresh_count_;
}

absl::Status KeyRing::Destroy(std::span<const base::IdentifierHash> owners) {
  std::vector<size_t> shelves;
  for (const base::IdentifierHash& owner : owners) shelves.push_back(Shelves::Of(owner));
  std::sort(shelves.begin(), shelves.end());
  shelves.erase(std::unique(shelves.begin(), shelves.end()), shelves.end());
  {
    const std::lock_guard lock(writer_mutex_);
    BATUTA_RETURN_IF_ERROR(BeginRolls(shelves));
    for (const size_t shelf : shelves) BATUTA_RETURN_IF_ERROR(RewrapShelf(shelf));
    BATUTA_RETURN_IF_ERROR(EndRolls(shelves));
  }
  return PurgeShelves(shelves);
}

absl::Status KeyRing::BeginRolls(const std::vector<size_t>& shelves) {
  for (const size_t shelf : shelves) {
    KeyBytes key;
    Nonce nonce;
    entropy_(key);
    entropy_(nonce);
    const std::lock_guard lock(ShareOfShelf(shelf).mutex);
    const absl::Status begun = shelves_->BeginRoll(shelf, key, nonce);
    Wipe(key);
    BATUTA_RETURN_IF_ERROR(begun);
  }
  return shelves_->Sync();
}

// Removes the keys of ended epochs and wraps the others under the shelf's next key, in one write.
absl::Status KeyRing::RewrapShelf(size_t shelf) {
  const Shelves::Key& next = shelves_->next(shelf);
  std::vector<store::Change> changes;
  absl::Status failed;
  const auto rewrap = [&](std::string_view record_key, std::string_view record) {
    const base::IdentifierHash owner = RecordOwner(record_key);
    store::Change change{std::string(record_key), std::nullopt};
    if (RecordEpoch(record_key) >= CurrentEpoch(owner)) {
      absl::StatusOr<KeyBytes> key = Unwrap(shelf, record_key, record);
      if (!key.ok()) {
        failed = key.status();
        return false;
      }
      change.value = Wrap(next, record_key, *key);
      Wipe(*key);
    }
    changes.push_back(std::move(change));
    return true;
  };
  BATUTA_RETURN_IF_ERROR(keys_->Scan(RecordKeyBegin(shelf), RecordKeyEnd(shelf), rewrap));
  BATUTA_RETURN_IF_ERROR(failed);
  return keys_->Write(changes);
}

absl::Status KeyRing::EndRolls(const std::vector<size_t>& shelves) {
  for (const size_t shelf : shelves) {
    const std::lock_guard lock(ShareOfShelf(shelf).mutex);
    BATUTA_RETURN_IF_ERROR(shelves_->EndRoll(shelf));
  }
  return shelves_->Sync();
}

absl::Status KeyRing::PurgeShelves(const std::vector<size_t>& shelves) {
  // Each purge flushes and rewrites: from a few shelves on, one over everything is less work.
  constexpr size_t kFew = 8;
  if (shelves.size() > kFew)
    return keys_->Purge(RecordKeyBegin(0), RecordKeyEnd(Shelves::kCount - 1));
  for (const size_t shelf : shelves) {
    BATUTA_RETURN_IF_ERROR(keys_->Purge(RecordKeyBegin(shelf), RecordKeyEnd(shelf)));
  }
  return absl::OkStatus();
}

absl::Status KeyRing::SetDestroyed(uint64_t count) {
  const std::lock_guard lock(writer_mutex_);
  const store::Change record = DestroyedRecord(count);
  BATUTA_RETURN_IF_ERROR(keys_->Write({&record, 1}));
  destroyed_ = count;
  return absl::OkStatus();
}

absl::Status KeyRing::CopyTo(const std::string& path) {
  const std::lock_guard lock(writer_mutex_);
  BATUTA_RETURN_IF_ERROR(keys_->CopyTo(KeysPath(path)));
  BATUTA_ASSIGN_OR_RETURN(const std::string shelves, base::ReadFile(disk_, ShelvesPath(path_)));
  return base::ReplaceFile(disk_, ShelvesPath(path), shelves);
}

absl::Status KeyRing::Verify() {
  const std::lock_guard lock(writer_mutex_);
  BATUTA_RETURN_IF_ERROR(keys_->Verify());
  BATUTA_RETURN_IF_ERROR(Shelves::Open(disk_, ShelvesPath(path_), wrapping_).status());
  absl::Status failed;
  const auto check = [&](std::string_view record_key, std::string_view record) {
    absl::StatusOr<KeyBytes> key = Unwrap(Shelves::Of(RecordOwner(record_key)), record_key, record);
    if (key.ok()) Wipe(*key);
    failed = key.status();
    return failed.ok();
  };
  BATUTA_RETURN_IF_ERROR(keys_->Scan(RecordKeyBegin(0), RecordKeyEnd(Shelves::kCount - 1), check));
  return failed;
}

}  // namespace batuta::vault
