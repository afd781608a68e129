#include "vault/vault.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/status.h"
#include "store/durable_folder.h"
#include "vault/entropy.h"
#include "vault/hub_secrets.h"
#include "vault/key_ring.h"
#include "vault/keyed_hash.h"
#include "vault/ledger.h"

namespace batuta::vault {

namespace {

std::string SecretsPath(const std::string& path) { return path + "/secrets"; }
// The secrets of a vault that is being made; it becomes a vault by renaming.
std::string DraftPath(const std::string& path) { return path + "/secrets.draft"; }
std::string LedgerFile(const std::string& path) { return path + "/ledger"; }

// What a box is bound to: nobody can move it to another owner, epoch or field.
std::string Bound(const base::IdentifierHash& owner, uint32_t epoch, std::string_view context) {
  base::ByteWriter writer;
  writer.U64(owner.high);
  writer.U64(owner.low);
  writer.U32(epoch);
  writer.Raw(context);
  return writer.Take();
}

Vault::Entropy LockedEntropy(const Vault::Entropy& entropy) {
  if (!entropy) return SystemEntropy;
  return [entropy, mutex = std::make_shared<std::mutex>()](std::span<uint8_t> bytes) {
    const std::lock_guard lock(*mutex);
    entropy(bytes);
  };
}

KeyRing::Options RingOptions(const Vault::Options& options, const HubSecrets& secrets,
                             const Vault::Entropy& entropy) {
  return {.path = options.path,
          .disk = options.disk,
          .access = options.access,
          .hub = secrets.hub,
          .wrapping = MasterKeyFor(options.master_key, "shelves"),
          .cached_keys = options.cached_keys,
          .entropy = entropy};
}

// Nothing of a vault may be there when a new one is made in its place.
absl::Status RefuseRemains(const Vault::Options& options) {
  for (const char* part : {"/shelves", "/ledger"}) {
    if (!options.disk->Exists(options.path + part)) continue;
    return absl::DataLossError(absl::StrCat(SecretsPath(options.path), " is missing but ",
                                            options.path, part,
                                            " exists; restore the vault from its backup"));
  }
  return absl::OkStatus();
}

absl::Status CreateVault(const store::SharedResources& shared, const Vault::Options& options,
                         const Vault::Entropy& entropy) {
  const std::string draft = DraftPath(options.path);
  BATUTA_RETURN_IF_ERROR(store::MakeDurableFolder(*options.disk, options.path));
  if (!options.disk->Exists(draft)) {
    BATUTA_RETURN_IF_ERROR(RefuseRemains(options));
    Nonce nonce;
    entropy(nonce);
    BATUTA_RETURN_IF_ERROR(
        SaveHubSecrets(*options.disk, draft, DrawHubSecrets(entropy), options.master_key, nonce));
  }
  BATUTA_ASSIGN_OR_RETURN(const HubSecrets secrets,
                          LoadHubSecrets(*options.disk, draft, options.master_key));
  BATUTA_RETURN_IF_ERROR(Ledger::Create(*options.disk, LedgerFile(options.path)));
  BATUTA_RETURN_IF_ERROR(KeyRing::Create(shared, RingOptions(options, secrets, entropy)));
  BATUTA_RETURN_IF_ERROR(options.disk->Rename(draft, SecretsPath(options.path)));
  return options.disk->SyncDirectory(options.path);
}

}  // namespace

class Vault::Impl {
 public:
  Impl(const Options& options, Entropy drawn, const HubSecrets& opened,
       std::unique_ptr<KeyRing> ring, std::unique_ptr<Ledger> ledger)
      : path(options.path),
        disk(*options.disk),
        entropy(std::move(drawn)),
        secrets(opened),
        identifiers(opened.identifiers),
        values(opened.values),
        keys(std::move(ring)),
        ledger_(std::move(ledger)) {}

  absl::Status CatchUp(const std::vector<Erasure>& entries);
  absl::Status Erase(std::vector<Erasure> entries);
  absl::StatusOr<size_t> ApplyLedger(const std::string& other);
  absl::Status Backup(const std::string& target);
  absl::StatusOr<std::vector<Erasure>> Erasures();
  absl::Status Verify();

  const std::string path;
  base::Disk& disk;
  const Entropy entropy;
  const HubSecrets secrets;
  const KeyedHash identifiers, values;
  const std::unique_ptr<KeyRing> keys;

 private:
  absl::Status Destroy(const std::vector<Erasure>& entries);

  std::mutex erase_mutex_;  // one erasure or backup at a time
  std::set<std::pair<base::IdentifierHash, base::Time>> erased_at_;  // everything asked for
  const std::unique_ptr<Ledger> ledger_;
};

// The ledger is written first: what it lists beyond what the keys know of was cut off by a crash.
absl::Status Vault::Impl::CatchUp(const std::vector<Erasure>& entries) {
  if (keys->destroyed() > entries.size()) {
    return absl::DataLossError(absl::StrCat(LedgerFile(path), " has ", entries.size(), " of ",
                                            keys->destroyed(),
                                            " entries; restore its newest copy"));
  }
  for (const Erasure& entry : entries) {
    keys->EndEpoch(entry.owner, entry.epoch);
    erased_at_.emplace(entry.owner, entry.when);
  }
  return Destroy({entries.begin() + static_cast<std::ptrdiff_t>(keys->destroyed()), entries.end()});
}

absl::Status Vault::Impl::Destroy(const std::vector<Erasure>& entries) {
  if (entries.empty()) return absl::OkStatus();
  std::vector<base::IdentifierHash> owners;
  for (const Erasure& entry : entries) {
    keys->EndEpoch(entry.owner, entry.epoch);
    owners.push_back(entry.owner);
  }
  BATUTA_RETURN_IF_ERROR(keys->Destroy(owners));
  return keys->SetDestroyed(ledger_->size());
}

// Epoch 0 stands for the current one; what was asked for before with that very time is done. An
// earlier time is news: partitions have times of their own.
absl::Status Vault::Impl::Erase(std::vector<Erasure> entries) {
  const std::lock_guard lock(erase_mutex_);
  std::erase_if(entries, [this](const Erasure& entry) {
    return entry.epoch == 0 && erased_at_.contains({entry.owner, entry.when});
  });
  if (entries.empty()) return absl::OkStatus();
  for (const Erasure& entry : entries) erased_at_.emplace(entry.owner, entry.when);
  for (Erasure& entry : entries) {
    if (entry.epoch == 0) entry.epoch = keys->CurrentEpoch(entry.owner);
  }
  BATUTA_RETURN_IF_ERROR(ledger_->Append(entries));
  return Destroy(entries);
}

absl::StatusOr<size_t> Vault::Impl::ApplyLedger(const std::string& other) {
  BATUTA_ASSIGN_OR_RETURN(std::vector<Erasure> entries, Ledger::Read(disk, other, secrets.ledger));
  std::erase_if(entries, [this](const Erasure& entry) {
    return entry.epoch < keys->CurrentEpoch(entry.owner);
  });
  const size_t count = entries.size();
  if (count > 0) BATUTA_RETURN_IF_ERROR(Erase(std::move(entries)));
  return count;
}

absl::Status Vault::Impl::Backup(const std::string& target) {
  const std::lock_guard lock(erase_mutex_);
  if (disk.List(target).ok()) {
    return absl::AlreadyExistsError(absl::StrCat(target, " exists already"));
  }
  BATUTA_RETURN_IF_ERROR(store::MakeDurableFolder(disk, target));
  BATUTA_RETURN_IF_ERROR(keys->CopyTo(target));
  BATUTA_ASSIGN_OR_RETURN(const std::string ledger, base::ReadFile(disk, LedgerFile(path)));
  BATUTA_RETURN_IF_ERROR(base::ReplaceFile(disk, LedgerFile(target), ledger));
  // Last: a copy without them is not taken for a vault.
  BATUTA_ASSIGN_OR_RETURN(const std::string sealed, base::ReadFile(disk, SecretsPath(path)));
  return base::ReplaceFile(disk, SecretsPath(target), sealed);
}

absl::StatusOr<std::vector<Erasure>> Vault::Impl::Erasures() {
  const std::lock_guard lock(erase_mutex_);
  BATUTA_ASSIGN_OR_RETURN(std::vector<Erasure> entries,
                          Ledger::Read(disk, LedgerFile(path), secrets.ledger));
  if (entries.size() == ledger_->size()) return entries;
  return absl::DataLossError(
      absl::StrCat(LedgerFile(path), " has ", entries.size(), " of ", ledger_->size(), " entries"));
}

absl::Status Vault::Impl::Verify() {
  {
    const std::lock_guard lock(erase_mutex_);
    BATUTA_RETURN_IF_ERROR(keys->Verify());
  }
  return Erasures().status();
}

Vault::Vault(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Vault::~Vault() = default;

absl::StatusOr<std::unique_ptr<Vault>> Vault::Open(const store::SharedResources& shared,
                                                   const Options& options) {
  BATUTA_CHECK(options.disk != nullptr && !options.path.empty());
  const Entropy entropy = LockedEntropy(options.entropy);
  if (!options.disk->Exists(SecretsPath(options.path))) {
    if (options.if_absent == IfAbsent::refuse) {
      return absl::FailedPreconditionError(
          absl::StrCat("there is no vault in ", options.path,
                       " though the hub has data; restore the vault from its backup"));
    }
    BATUTA_RETURN_IF_ERROR(CreateVault(shared, options, entropy));
  }
  BATUTA_ASSIGN_OR_RETURN(
      const HubSecrets secrets,
      LoadHubSecrets(*options.disk, SecretsPath(options.path), options.master_key));
  std::vector<Erasure> entries;
  BATUTA_ASSIGN_OR_RETURN(
      std::unique_ptr<Ledger> ledger,
      Ledger::Open(*options.disk, LedgerFile(options.path), secrets.ledger, entries));
  BATUTA_ASSIGN_OR_RETURN(std::unique_ptr<KeyRing> ring,
                          KeyRing::Open(shared, RingOptions(options, secrets, entropy)));
  auto impl = std::make_unique<Impl>(options, entropy, secrets, std::move(ring), std::move(ledger));
  BATUTA_RETURN_IF_ERROR(impl->CatchUp(entries));
  return std::unique_ptr<Vault>(new Vault(std::move(impl)));
}

base::Id128 Vault::HubId() const { return impl_->secrets.hub; }

uint64_t Vault::HubSeed() const { return impl_->secrets.seed; }

base::IdentifierHash Vault::HashIdentifier(std::string_view type, std::string_view value) const {
  // Types hold no zero byte, so type and value cannot run into one another.
  const std::string prefix = absl::StrCat(std::string(type), std::string(1, '\0'));
  return {impl_->identifiers.Hash128(prefix, value)};
}

base::Id128 Vault::HashValue(std::string_view canonical) const {
  return impl_->values.Hash128(canonical);
}

absl::StatusOr<base::Sealed> Vault::Seal(base::IdentifierHash owner, std::string_view plaintext,
                                         std::string_view context) {
  BATUTA_ASSIGN_OR_RETURN(KeyRing::CurrentKey current, impl_->keys->Current(owner));
  Nonce nonce;
  impl_->entropy(nonce);
  base::Sealed sealed;
  sealed.set_key(owner.ToBytes());
  sealed.set_epoch(current.epoch);
  sealed.set_box(SealBox(current.key, nonce, Bound(owner, current.epoch, context), plaintext));
  sealed.set_equality(HashValue(plaintext).ToBytes());
  Wipe(current.key);
  return sealed;
}

absl::Status Vault::Sync() { return impl_->keys->Sync(); }

absl::StatusOr<std::string> Vault::Unseal(const base::Sealed& sealed, std::string_view context) {
  if (sealed.key().size() != 16 || sealed.epoch() == 0) {
    return absl::DataLossError("a sealed value does not say whose it is");
  }
  const auto owner = base::IdentifierHash::FromBytes(sealed.key());
  if (IsErased(owner, sealed.epoch())) return absl::NotFoundError("erased");
  BATUTA_ASSIGN_OR_RETURN(std::optional<KeyRing::CurrentKey> found, impl_->keys->Existing(owner));
  if (!found || found->epoch != sealed.epoch()) {
    // Erased since the question above.
    if (IsErased(owner, sealed.epoch())) return absl::NotFoundError("erased");
    return absl::DataLossError(absl::StrCat("the vault has no key of epoch ", sealed.epoch(),
                                            " for identifier ", base::EncodeHex(sealed.key()),
                                            " and no erasure of it: it is older than the log"));
  }
  std::optional<std::string> plaintext =
      OpenBox(found->key, sealed.box(), Bound(owner, sealed.epoch(), context));
  Wipe(found->key);
  if (plaintext) return *std::move(plaintext);
  return absl::DataLossError(absl::StrCat("a sealed value of identifier ",
                                          base::EncodeHex(sealed.key()),
                                          " was changed, or belongs to another field"));
}

absl::Status Vault::Erase(std::span<const base::IdentifierHash> owners, base::Time when) {
  std::vector<base::IdentifierHash> once(owners.begin(), owners.end());
  std::sort(once.begin(), once.end());
  once.erase(std::unique(once.begin(), once.end()), once.end());
  std::vector<Erasure> entries;
  for (const base::IdentifierHash& owner : once) {
    entries.push_back({.owner = owner, .epoch = 0, .when = when});
  }
  return impl_->Erase(std::move(entries));
}

bool Vault::IsErased(base::IdentifierHash owner, uint32_t epoch) const {
  return epoch < impl_->keys->CurrentEpoch(owner);
}

absl::StatusOr<size_t> Vault::ApplyLedger(const std::string& path) {
  return impl_->ApplyLedger(path);
}

absl::StatusOr<std::vector<Erasure>> Vault::Erasures() const { return impl_->Erasures(); }

std::string Vault::LedgerPath() const { return LedgerFile(impl_->path); }

absl::Status Vault::Backup(const std::string& path) { return impl_->Backup(path); }

absl::Status Vault::Verify() const { return impl_->Verify(); }

}  // namespace batuta::vault
