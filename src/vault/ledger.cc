#include "vault/ledger.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/status.h"

namespace batuta::vault {

namespace {

constexpr size_t kSector = 512;
constexpr size_t kHash = 16;
constexpr size_t kEntriesPerSector = 17;  // 20 bytes of head, 28 per entry, 16 of hash: 512
constexpr uint32_t kMagic = 0x42544C31;   // "BTL1"; the last digit is the format

struct Sector {
  uint32_t group_first = 0;  // of all sectors
  uint32_t group_size = 0;   // in sectors
  std::vector<Erasure> entries;
};

std::string Encode(uint32_t index, const Sector& sector, const KeyedHash& hash) {
  base::ByteWriter writer;
  for (const uint32_t number : {kMagic, index, sector.group_first, sector.group_size,
                                static_cast<uint32_t>(sector.entries.size())}) {
    writer.U32(number);
  }
  for (const Erasure& entry : sector.entries) {
    writer.Raw(entry.owner.ToBytes());
    writer.U32(entry.epoch);
    writer.U64(static_cast<uint64_t>(entry.when.micros));
  }
  std::string bytes = writer.Take();
  bytes.resize(kSector - kHash, '\0');
  bytes += hash.Hash128(bytes).ToBytes();
  return bytes;
}

std::optional<Sector> Decode(uint32_t index, std::string_view bytes, const KeyedHash& hash) {
  if (bytes.size() != kSector) return std::nullopt;
  const std::string_view body = bytes.substr(0, kSector - kHash);
  if (hash.Hash128(body) != base::Id128::FromBytes(bytes.substr(body.size()))) return std::nullopt;
  base::ByteReader reader(body);
  if (reader.U32() != kMagic || reader.U32() != index) return std::nullopt;
  Sector sector;
  sector.group_first = reader.U32();
  sector.group_size = reader.U32();
  const uint32_t count = reader.U32();
  if (count > kEntriesPerSector) return std::nullopt;
  for (uint32_t i = 0; i < count; ++i) {
    Erasure entry;
    entry.owner = base::IdentifierHash::FromBytes(reader.Raw(16));
    entry.epoch = reader.U32();
    entry.when.micros = static_cast<int64_t>(reader.U64());
    sector.entries.push_back(entry);
  }
  return sector;
}

struct Content {
  std::vector<Erasure> entries;
  uint64_t sectors = 0;  // of whole groups
  bool is_torn = false;
};

absl::StatusOr<Content> Parse(std::string_view bytes, const KeyedHash& hash,
                              const std::string& path) {
  Content content;
  std::vector<Erasure> group;
  bool is_sound = true;
  for (uint32_t index = 0; uint64_t{index} * kSector < bytes.size(); ++index) {
    std::optional<Sector> sector =
        Decode(index, bytes.substr(uint64_t{index} * kSector, kSector), hash);
    if (!sector) {
      is_sound = false;
      continue;
    }
    // A later group is written only after this one is durable.
    if (!is_sound && sector->group_first > content.sectors) {
      return absl::DataLossError(absl::StrCat(
          path, " is damaged after entry ", content.entries.size(), "; restore it from its copy"));
    }
    if (!is_sound) continue;
    group.insert(group.end(), sector->entries.begin(), sector->entries.end());
    if (index + 1 < sector->group_first + sector->group_size) continue;
    content.entries.insert(content.entries.end(), group.begin(), group.end());
    content.sectors = uint64_t{index} + 1;
    group.clear();
  }
  content.is_torn = content.sectors * kSector != bytes.size();
  return content;
}

absl::StatusOr<Content> Load(base::Disk& disk, const std::string& path, const KeyedHash& hash) {
  absl::StatusOr<std::string> bytes = base::ReadFile(disk, path);
  if (absl::IsNotFound(bytes.status())) {
    return absl::DataLossError(
        absl::StrCat("the ledger of erasures ", path, " is missing; restore its newest copy"));
  }
  if (!bytes.ok()) return bytes.status();
  return Parse(*bytes, hash, path);
}

}  // namespace

absl::Status Ledger::Create(base::Disk& disk, const std::string& path) {
  return base::ReplaceFile(disk, path, "");
}

absl::StatusOr<std::unique_ptr<Ledger>> Ledger::Open(base::Disk& disk, const std::string& path,
                                                     const KeyBytes& secret,
                                                     std::vector<Erasure>& entries) {
  BATUTA_ASSIGN_OR_RETURN(Content content, Load(disk, path, KeyedHash(secret)));
  BATUTA_ASSIGN_OR_RETURN(std::unique_ptr<base::File> file,
                          disk.OpenFile(path, base::Disk::Open::kReadWrite));
  std::unique_ptr<Ledger> ledger(new Ledger(std::move(file), secret));
  ledger->sectors_ = content.sectors;
  ledger->size_ = content.entries.size();
  if (content.is_torn) {
    BATUTA_RETURN_IF_ERROR(ledger->file_->Truncate(content.sectors * kSector));
  }
  // What a process wrote that ended before its sync is read, and may still be lost.
  BATUTA_RETURN_IF_ERROR(ledger->file_->SyncData());
  entries = std::move(content.entries);
  return ledger;
}

absl::StatusOr<std::vector<Erasure>> Ledger::Read(base::Disk& disk, const std::string& path,
                                                  const KeyBytes& secret) {
  BATUTA_ASSIGN_OR_RETURN(Content content, Load(disk, path, KeyedHash(secret)));
  return std::move(content.entries);
}

absl::Status Ledger::Append(std::span<const Erasure> entries) {
  if (entries.empty()) return absl::OkStatus();
  const size_t group_size = (entries.size() + kEntriesPerSector - 1) / kEntriesPerSector;
  std::string bytes;
  for (size_t i = 0; i < group_size; ++i) {
    const size_t first = i * kEntriesPerSector;
    const auto part = entries.subspan(first, std::min(kEntriesPerSector, entries.size() - first));
    bytes += Encode(static_cast<uint32_t>(sectors_ + i),
                    {.group_first = static_cast<uint32_t>(sectors_),
                     .group_size = static_cast<uint32_t>(group_size),
                     .entries = {part.begin(), part.end()}},
                    hash_);
  }
  BATUTA_RETURN_IF_ERROR(file_->Write(sectors_ * kSector, bytes));
  BATUTA_RETURN_IF_ERROR(file_->SyncData());
  sectors_ += group_size;
  size_ += entries.size();
  return absl::OkStatus();
}

}  // namespace batuta::vault
