#include "log/segment.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "base/crc32c.h"
#include "base/encoding.h"
#include "base/status.h"
#include "base/text.h"

namespace batuta::log {
namespace {

constexpr uint64_t kSegmentMagic = 0x4241545554414C47;  // "BATUTALG"
constexpr uint16_t kSegmentVersion = 1;
constexpr std::string_view kSegmentSuffix = ".seg";
constexpr size_t kFixedHeaderBytes = 78;
constexpr size_t kBaseEntryBytes = 10;
constexpr uint64_t kIndexEveryRecords = 64;
constexpr uint64_t kIndexEveryBytes = 64 << 10;

base::Offset Lookup(const Offsets& offsets, base::PartitionId partition) {
  const auto it = offsets.find(partition);
  return it == offsets.end() ? base::Offset{} : it->second;
}

}  // namespace

uint64_t SegmentHeader::TotalBytes() const {
  return RoundUpToSector(kFixedHeaderBytes + base.size() * kBaseEntryBytes + 4);
}

std::string EncodeSegmentHeader(const SegmentHeader& header) {
  base::ByteWriter writer;
  writer.U64(kSegmentMagic);
  writer.U16(kSegmentVersion);
  writer.Raw(header.hub.ToBytes());
  writer.U64(header.number);
  writer.U64(header.previous.segment);
  writer.U64(header.previous.byte);
  writer.U64(header.previous.groups);
  writer.Raw(header.previous.chain.ToBytes());
  writer.U32(static_cast<uint32_t>(header.base.size()));
  BATUTA_CHECK(writer.bytes().size() == kFixedHeaderBytes);
  for (const auto& [partition, offset] : header.base) {
    writer.U16(base::Index(partition));
    writer.U64(base::Number(offset));
  }
  writer.U32(base::Crc32c(writer.bytes()));
  std::string bytes = writer.Take();
  bytes.resize(header.TotalBytes(), '\0');
  return bytes;
}

absl::StatusOr<SegmentHeader> ParseSegmentHeader(std::string_view bytes) {
  base::ByteReader reader(bytes);
  if (reader.U64() != kSegmentMagic) return absl::DataLossError("not a log segment");
  const uint16_t version = reader.U16();
  SegmentHeader header;
  const std::string_view hub = reader.Raw(16);
  header.number = reader.U64();
  header.previous.segment = reader.U64();
  header.previous.byte = reader.U64();
  header.previous.groups = reader.U64();
  const std::string_view chain = reader.Raw(16);
  const uint32_t partitions = reader.U32();
  if (!reader.ok() || reader.rest().size() / kBaseEntryBytes < partitions) {
    return absl::DataLossError("the segment header is cut off");
  }
  for (uint32_t i = 0; i < partitions; ++i) {
    const base::PartitionId partition{reader.U16()};
    header.base[partition] = base::Offset{reader.U64()};
  }
  const size_t covered = bytes.size() - reader.rest().size();
  const uint32_t crc = reader.U32();
  if (!reader.ok() || base::Crc32c(bytes.substr(0, covered)) != crc) {
    return absl::DataLossError("the checksum of the segment header is wrong");
  }
  if (version != kSegmentVersion) {
    return absl::FailedPreconditionError(base::StrCat(
        "segment format ", version, " is unknown; this version reads format ", kSegmentVersion));
  }
  header.hub = base::Id128::FromBytes(hub);
  header.previous.chain = base::Id128::FromBytes(chain);
  return header;
}

std::string SegmentName(uint64_t number) { return absl::StrFormat("%010u.seg", number); }

std::optional<uint64_t> ParseSegmentName(std::string_view name) {
  uint64_t number = 0;
  if (!name.ends_with(kSegmentSuffix)) return std::nullopt;
  name.remove_suffix(kSegmentSuffix.size());
  if (!absl::SimpleAtoi(base::AbslView(name), &number)) return std::nullopt;
  return number;
}

Segment::Segment(SegmentHeader header, std::string path, std::unique_ptr<base::File> file)
    : header_(std::move(header)),
      path_(std::move(path)),
      file_(std::move(file)),
      end_byte_(header_.TotalBytes()),
      ends_(header_.base) {}

void Segment::Extend(uint64_t group_byte, const std::vector<FramePlace>& frames,
                     uint64_t end_byte) {
  const absl::MutexLock lock(&mutex_);
  BATUTA_CHECK(group_byte == end_byte_ && end_byte > group_byte);
  for (const FramePlace& frame : frames) {
    const auto [partition, offset] = frame.position;
    base::Offset& end = ends_[partition];
    BATUTA_CHECK(offset == base::Next(end));
    end = offset;
    std::vector<IndexEntry>& index = index_[partition];
    if (!index.empty() &&
        base::Number(offset) - base::Number(index.back().offset) < kIndexEveryRecords &&
        frame.byte - index.back().frame_byte < kIndexEveryBytes) {
      continue;
    }
    index.push_back({.offset = offset, .group_byte = group_byte, .frame_byte = frame.byte});
  }
  end_byte_ = end_byte;
}

uint64_t Segment::end_byte() const {
  const absl::MutexLock lock(&mutex_);
  return end_byte_;
}

Offsets Segment::Ends() const {
  const absl::MutexLock lock(&mutex_);
  return ends_;
}

base::Offset Segment::Base(base::PartitionId partition) const {
  return Lookup(header_.base, partition);
}

base::Offset Segment::End(base::PartitionId partition) const {
  const absl::MutexLock lock(&mutex_);
  return Lookup(ends_, partition);
}

std::optional<IndexEntry> Segment::Find(base::PartitionId partition, base::Offset after) const {
  const absl::MutexLock lock(&mutex_);
  if (Lookup(ends_, partition) <= after) return std::nullopt;
  const auto it = index_.find(partition);
  if (it == index_.end()) return std::nullopt;
  const std::vector<IndexEntry>& index = it->second;
  const base::Offset wanted = base::Next(after);
  const auto later = std::upper_bound(
      index.begin(), index.end(), wanted,
      [](base::Offset offset, const IndexEntry& entry) { return offset < entry.offset; });
  return later == index.begin() ? index.front() : *std::prev(later);
}

}  // namespace batuta::log
