#include "store/journal.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/crc32c.h"
#include "base/encoding.h"
#include "base/status.h"

namespace batuta::store {

namespace {

constexpr std::string_view kMagic = "BATUTAJ1";  // the last digit is the format
constexpr char kPrefix[] = "journal-";
constexpr char kWipedPrefix[] = "wiped-";
constexpr char kUnfinishedSuffix[] = ".tmp";  // of base::ReplaceFile; holds no frames
// Header and frames fill whole sectors: a write that is torn or garbled can harm no earlier one.
constexpr size_t kSector = 512;
constexpr size_t kFrameHeaderBytes = 4 + 4 + 8;  // checksum, length, number
constexpr size_t kWipeBytes = size_t{1} << 20;

size_t PaddedSize(size_t size) { return (size + kSector - 1) / kSector * kSector; }

std::string Padded(std::string bytes) {
  bytes.resize(PaddedSize(bytes.size()), '\0');
  return bytes;
}

std::string Frame(uint64_t number, std::string_view payload) {
  base::ByteWriter body;
  body.U32(static_cast<uint32_t>(payload.size()));
  body.U64(number);
  body.Raw(payload);
  base::ByteWriter frame;
  frame.U32(base::Crc32c(body.bytes()));
  frame.Raw(body.bytes());
  return Padded(frame.Take());
}

// The payload of the sound frame with this number at the start of `bytes`, or nullopt.
std::optional<std::string_view> ReadFrame(std::string_view bytes, uint64_t number) {
  base::ByteReader reader(bytes);
  const uint32_t crc = reader.U32();
  const uint32_t length = reader.U32();
  const uint64_t found = reader.U64();
  const std::string_view payload = reader.Raw(length);
  if (!reader.ok() || found != number) return std::nullopt;
  if (base::Crc32c(bytes.substr(4, kFrameHeaderBytes - 4 + length)) != crc) return std::nullopt;
  return payload;
}

}  // namespace

std::string Journal::Path(uint64_t first) const {
  return absl::StrCat(folder_, "/", kPrefix, absl::StrFormat("%020d", first));
}

std::string Journal::Header(uint64_t first) const {
  base::ByteWriter writer;
  writer.Raw(kMagic);
  writer.Raw(owner_.ToBytes());
  writer.U64(first);
  writer.U32(base::Crc32c(writer.bytes()));
  return Padded(writer.Take());
}

absl::StatusOr<std::vector<std::string>> Journal::Files(std::string_view prefix) const {
  BATUTA_ASSIGN_OR_RETURN(std::vector<std::string> names, disk_.List(folder_));
  std::erase_if(names, [&](const std::string& name) {
    return !name.starts_with(prefix) || name.ends_with(kUnfinishedSuffix);
  });
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<uint64_t> Journal::Read(
    absl::FunctionRef<absl::Status(uint64_t number, std::string_view payload)> visit) {
  BATUTA_ASSIGN_OR_RETURN(const std::vector<std::string> names, Files(kPrefix));
  uint64_t next = 0;
  // A process that ended before it had synced a frame leaves it to be read, though not for good.
  // What follows from it must not be durable before it is.
  if (!names.empty()) BATUTA_RETURN_IF_ERROR(Sync(absl::StrCat(folder_, "/", names.back())));
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string path = absl::StrCat(folder_, "/", names[i]);
    BATUTA_ASSIGN_OR_RETURN(next, ReadFrames(path, i + 1 == names.size(), next, visit));
  }
  return next;
}

absl::Status Journal::Sync(const std::string& path) {
  BATUTA_ASSIGN_OR_RETURN(const std::unique_ptr<base::File> file,
                          disk_.OpenFile(path, base::Disk::Open::kReadWrite));
  return file->SyncData();
}

// Reads one file whose first number must be `expected`, unless that is 0. Returns the next number.
absl::StatusOr<uint64_t> Journal::ReadFrames(
    const std::string& path, bool is_last, uint64_t expected,
    absl::FunctionRef<absl::Status(uint64_t number, std::string_view payload)> visit) {
  BATUTA_ASSIGN_OR_RETURN(const std::string content, base::ReadFile(disk_, path));
  base::ByteReader header(content);
  header.Raw(kMagic.size() + 16);
  const uint64_t first = header.U64();
  if (!header.ok() || content.substr(0, kSector) != Header(first)) {
    return absl::DataLossError(absl::StrCat(path, ": the header is damaged or of another store"));
  }
  if (expected != 0 && first != expected) {
    return absl::DataLossError(
        absl::StrCat(path, " starts at ", first, " instead of ", expected, ": a file is missing"));
  }
  uint64_t next = first;
  std::string_view rest = std::string_view(content).substr(kSector);
  while (!rest.empty()) {
    const std::optional<std::string_view> payload = ReadFrame(rest, next);
    if (!payload) break;
    BATUTA_RETURN_IF_ERROR(visit(next, *payload));
    rest.remove_prefix(std::min(rest.size(), PaddedSize(kFrameHeaderBytes + payload->size())));
    ++next;
  }
  for (size_t at = 0; at < rest.size(); at += kSector) {
    const bool is_torn_end = is_last && !ReadFrame(rest.substr(at), next + 1);
    if (is_torn_end) continue;
    return absl::DataLossError(absl::StrCat(path, ": the frame ", next, " is damaged"));
  }
  return next;
}

absl::Status Journal::Start(uint64_t first) {
  const std::string path = Path(first);
  // A file of this name can only be one without whole frames. It is replaced in one step, so that
  // no crash leaves a header in doubt.
  BATUTA_RETURN_IF_ERROR(base::ReplaceFile(disk_, path, Header(first)));
  BATUTA_ASSIGN_OR_RETURN(file_, disk_.OpenFile(path, base::Disk::Open::kReadWrite));
  current_ = path;
  next_ = first;
  size_ = kSector;
  return absl::OkStatus();
}

absl::Status Journal::Append(uint64_t number, std::string_view payload) {
  BATUTA_CHECK(file_ != nullptr && number == next_);
  BATUTA_CHECK(payload.size() <= UINT32_MAX);
  const std::string frame = Frame(number, payload);
  BATUTA_RETURN_IF_ERROR(file_->Write(size_, frame));
  BATUTA_RETURN_IF_ERROR(file_->SyncData());
  size_ += frame.size();
  ++next_;
  return absl::OkStatus();
}

absl::Status Journal::RemoveOld() {
  BATUTA_ASSIGN_OR_RETURN(const std::vector<std::string> old, Files(kPrefix));
  for (const std::string& name : old) {
    const std::string path = absl::StrCat(folder_, "/", name);
    if (path == current_) continue;
    // Under another name first: a file half wiped when the power fails must not be taken for
    // damage.
    const std::string wiped = absl::StrCat(folder_, "/", kWipedPrefix, name);
    BATUTA_RETURN_IF_ERROR(disk_.Rename(path, wiped));
  }
  BATUTA_RETURN_IF_ERROR(disk_.SyncDirectory(folder_));
  BATUTA_ASSIGN_OR_RETURN(const std::vector<std::string> wiped, Files(kWipedPrefix));
  if (wiped.empty()) return absl::OkStatus();
  for (const std::string& name : wiped) {
    const std::string path = absl::StrCat(folder_, "/", name);
    BATUTA_RETURN_IF_ERROR(Wipe(path));
    BATUTA_RETURN_IF_ERROR(disk_.Remove(path));
  }
  return disk_.SyncDirectory(folder_);
}

absl::Status Journal::Wipe(const std::string& path) {
  BATUTA_ASSIGN_OR_RETURN(const std::unique_ptr<base::File> file,
                          disk_.OpenFile(path, base::Disk::Open::kReadWrite));
  BATUTA_ASSIGN_OR_RETURN(const uint64_t size, file->Size());
  for (uint64_t at = 0; at < size; at += kWipeBytes) {
    const std::string zeros(std::min<uint64_t>(kWipeBytes, size - at), '\0');
    BATUTA_RETURN_IF_ERROR(file->Write(at, zeros));
  }
  return file->SyncData();
}

}  // namespace batuta::store
