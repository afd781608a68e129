#include "store/manifest_tail.h"

#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/crc32c.h"
#include "rocksdb/env.h"
#include "store/rocks_status.h"

namespace batuta::store {

namespace {

// The record format of RocksDB's logs (db/log_format.h of release 7.8): blocks of 32 KiB; a record
// has a masked checksum (4 bytes), a length (2) and a type (1), all little-endian, and crosses no
// block.
constexpr size_t kBlock = 32768;
constexpr size_t kHeader = 7;
constexpr uint8_t kFullType = 1, kLastType = 4;

uint32_t LittleEndian(std::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = bytes.size(); i > 0; --i) value = value << 8 | static_cast<uint8_t>(bytes[i - 1]);
  return value;
}

uint32_t Masked(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8U; }

// The end of the sound record at `offset`, if there is one.
std::optional<size_t> RecordEnd(std::string_view content, size_t offset) {
  if (offset + kHeader > content.size()) return std::nullopt;
  const size_t length = LittleEndian(content.substr(offset + 4, 2));
  const auto type = static_cast<uint8_t>(content[offset + 6]);
  const size_t end = offset + kHeader + length;
  if (type < kFullType || type > kLastType) return std::nullopt;
  if (end > content.size() || offset / kBlock != (end - 1) / kBlock) return std::nullopt;
  const uint32_t crc = base::Crc32c(content.substr(offset + 6, length + 1));
  if (Masked(crc) != LittleEndian(content.substr(offset, 4))) return std::nullopt;
  return end;
}

// Where the next record starts: the rest of a block too short for a header is padding.
size_t SkipPadding(size_t offset) {
  const size_t left = kBlock - offset % kBlock;
  return left < kHeader ? offset + left : offset;
}

}  // namespace

uint64_t SoundManifestBytes(std::string_view content) {
  size_t sound = 0;
  for (size_t at = 0; at < content.size();) {
    const std::optional<size_t> end = RecordEnd(content, at);
    if (!end) break;
    sound = *end;
    at = SkipPadding(*end);
  }
  return sound;
}

absl::Status CutTornManifest(rocksdb::Env& environment, const std::string& path) {
  std::string current;
  const rocksdb::Status read = rocksdb::ReadFileToString(&environment, path + "/CURRENT", &current);
  if (!read.ok()) return absl::OkStatus();  // none yet, or RocksDB says what is wrong
  while (!current.empty() && current.back() == '\n') current.pop_back();
  const std::string manifest = absl::StrCat(path, "/", current);
  std::string content;
  if (!rocksdb::ReadFileToString(&environment, manifest, &content).ok()) return absl::OkStatus();
  const uint64_t sound = SoundManifestBytes(content);
  // A list that is unsound from its first byte is no torn end: every list starts with a synced
  // record.
  if (sound == content.size() || sound == 0) return absl::OkStatus();
  // Replaced in one step: not every file system of RocksDB can shorten a file.
  const std::string shortened = manifest + ".dbtmp";
  content.resize(sound);
  rocksdb::Status status =
      rocksdb::WriteStringToFile(&environment, content, shortened, /*should_sync=*/true);
  if (status.ok()) status = environment.RenameFile(shortened, manifest);
  std::unique_ptr<rocksdb::Directory> folder;
  if (status.ok()) status = environment.NewDirectory(path, &folder);
  if (status.ok()) status = folder->Fsync();
  return FromRocks(status, absl::StrCat("cutting the torn end of ", manifest));
}

}  // namespace batuta::store
