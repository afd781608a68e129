#include "vault/shelves.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/status.h"

namespace batuta::vault {

namespace {

// A sector of its own for each key: a write that a crash tears can harm no other.
constexpr size_t kSector = 512;

uint64_t At(size_t shelf, size_t slot) { return (shelf * 2 + slot) * kSector; }

std::string Bound(size_t shelf, uint32_t generation) {
  base::ByteWriter writer;
  writer.Raw("shelf");
  writer.U32(static_cast<uint32_t>(shelf));
  writer.U32(generation);
  return writer.Take();
}

std::string Sector(size_t shelf, const Shelves::Key& key, const KeyBytes& wrapping,
                   const Nonce& nonce) {
  base::ByteWriter writer;
  writer.U32(key.generation);
  writer.Raw(SealBox(wrapping, nonce, Bound(shelf, key.generation),
                     {reinterpret_cast<const char*>(key.key.data()), kKeyBytes}));
  std::string sector = writer.Take();
  sector.resize(kSector, '\0');
  return sector;
}

// Generation 0 if the sector holds no sound key.
Shelves::Key ReadSector(size_t shelf, std::string_view sector, const KeyBytes& wrapping) {
  base::ByteReader reader(sector);
  Shelves::Key key;
  const uint32_t generation = reader.U32();
  if (generation == 0) return key;
  std::optional<std::string> opened =
      OpenBox(wrapping, reader.Raw(kKeyBytes + kBoxOverhead), Bound(shelf, generation));
  if (!opened) return key;
  key.generation = generation;
  std::copy(opened->begin(), opened->end(), key.key.begin());
  Wipe(*opened);
  return key;
}

}  // namespace

absl::Status Shelves::Create(base::Disk& disk, const std::string& path, const KeyBytes& wrapping,
                             const std::vector<KeyBytes>& keys, const std::vector<Nonce>& nonces) {
  BATUTA_CHECK(keys.size() == kCount && nonces.size() == kCount);
  std::string content;
  content.reserve(2 * kSector * kCount);
  for (size_t shelf = 0; shelf < kCount; ++shelf) {
    content += Sector(shelf, {.generation = 1, .key = keys[shelf]}, wrapping, nonces[shelf]);
    content.append(kSector, '\0');
  }
  return base::ReplaceFile(disk, path, content);
}

absl::StatusOr<std::unique_ptr<Shelves>> Shelves::Open(base::Disk& disk, const std::string& path,
                                                       const KeyBytes& wrapping) {
  absl::StatusOr<std::unique_ptr<base::File>> file =
      disk.OpenFile(path, base::Disk::Open::kReadWrite);
  if (absl::IsNotFound(file.status())) {
    return absl::DataLossError(
        absl::StrCat(path, " is missing; restore the vault from its backup"));
  }
  if (!file.ok()) return file.status();
  BATUTA_ASSIGN_OR_RETURN(const std::string content, (*file)->Read(0, 2 * kSector * kCount));
  if (content.size() != 2 * kSector * kCount) {
    return absl::DataLossError(absl::StrCat(path, " is cut short; restore the vault"));
  }
  std::unique_ptr<Shelves> shelves(new Shelves(*std::move(file), wrapping));
  for (size_t shelf = 0; shelf < kCount; ++shelf) {
    Slots& slots = shelves->slots_[shelf];
    for (const size_t slot : {size_t{0}, size_t{1}}) {
      const auto sector = std::string_view(content).substr(At(shelf, slot), kSector);
      slots.keys[slot] = ReadSector(shelf, sector, wrapping);
    }
    slots.current = slots.keys[0].generation >= slots.keys[1].generation ? 0 : 1;
    if (slots.keys[slots.current].generation == 0) {
      return absl::DataLossError(
          absl::StrCat(path, ": the key of shelf ", shelf, " is damaged; restore the vault"));
    }
  }
  return shelves;
}

Shelves::~Shelves() {
  Wipe(wrapping_);
  for (Slots& slots : slots_) {
    for (Key& key : slots.keys) Wipe(key.key);
  }
}

const Shelves::Key* Shelves::Find(size_t shelf, uint32_t generation) const {
  for (const Key& key : slots_.at(shelf).keys) {
    if (generation != 0 && key.generation == generation) return &key;
  }
  return nullptr;
}

const Shelves::Key& Shelves::current(size_t shelf) const {
  const Slots& slots = slots_.at(shelf);
  return slots.keys[slots.current];
}

const Shelves::Key& Shelves::next(size_t shelf) const {
  const Slots& slots = slots_.at(shelf);
  BATUTA_CHECK(slots.is_rolling);
  return slots.keys[1 - slots.current];
}

std::vector<size_t> Shelves::Unsettled() const {
  std::vector<size_t> shelves;
  for (size_t shelf = 0; shelf < kCount; ++shelf) {
    const auto& keys = slots_[shelf].keys;
    if (keys[0].generation != 0 && keys[1].generation != 0) shelves.push_back(shelf);
  }
  return shelves;
}

absl::Status Shelves::Settle(size_t shelf, std::optional<uint32_t> generation_in_use) {
  Slots& slots = slots_.at(shelf);
  if (generation_in_use) {
    const Key* used = Find(shelf, *generation_in_use);
    if (used == nullptr) {
      return absl::DataLossError(
          absl::StrCat("shelf ", shelf, " has lost the key of generation ", *generation_in_use));
    }
    slots.current = used == &slots.keys[0] ? 0 : 1;
  }
  return WipeSlot(shelf, 1 - slots.current);
}

absl::Status Shelves::BeginRoll(size_t shelf, const KeyBytes& key, const Nonce& nonce) {
  Slots& slots = slots_.at(shelf);
  BATUTA_CHECK(!slots.is_rolling && slots.keys[1 - slots.current].generation == 0);
  Key& next = slots.keys[1 - slots.current];
  next = {.generation = slots.keys[slots.current].generation + 1, .key = key};
  slots.is_rolling = true;
  return WriteSlot(shelf, 1 - slots.current, Sector(shelf, next, wrapping_, nonce));
}

absl::Status Shelves::EndRoll(size_t shelf) {
  Slots& slots = slots_.at(shelf);
  BATUTA_CHECK(slots.is_rolling);
  slots.current = 1 - slots.current;
  slots.is_rolling = false;
  return WipeSlot(shelf, 1 - slots.current);
}

absl::Status Shelves::Sync() { return file_->SyncData(); }

absl::Status Shelves::WriteSlot(size_t shelf, size_t slot, const std::string& sector) {
  BATUTA_CHECK(sector.size() == kSector);
  return file_->Write(At(shelf, slot), sector);
}

absl::Status Shelves::WipeSlot(size_t shelf, size_t slot) {
  Key& key = slots_.at(shelf).keys[slot];
  Wipe(key.key);
  key.generation = 0;
  return WriteSlot(shelf, slot, std::string(kSector, '\0'));
}

}  // namespace batuta::vault
