#include "log/archive_file.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "base/crc32c.h"
#include "base/encoding.h"
#include "base/status.h"
#include "base/text.h"
#include "log/archive_block.h"
#include "log/file_window.h"

namespace batuta::log {
namespace {

constexpr uint32_t kHeaderMagic = 0x42415243;  // "BARC"
constexpr uint32_t kFooterMagic = 0x42415246;  // "BARF"
constexpr uint16_t kArchiveVersion = 1;

absl::Status DamagedAt(const std::string& path, uint64_t byte, std::string_view what) {
  return absl::DataLossError(base::StrCat(path, " at byte ", byte, ": ", what));
}

// The last four bytes are the CRC of those before.
bool HasGoodCrc(std::string_view bytes, size_t size) {
  if (bytes.size() != size) return false;
  base::ByteReader crc(bytes.substr(size - 4));
  return base::Crc32c(bytes.substr(0, size - 4)) == crc.U32();
}

absl::Status DecodeHeader(std::string_view bytes, ArchiveSummary& summary) {
  base::ByteReader reader(bytes);
  if (!HasGoodCrc(bytes, kArchiveHeaderBytes) || reader.U32() != kHeaderMagic) {
    return absl::DataLossError("the header is damaged");
  }
  if (const uint16_t version = reader.U16(); version != kArchiveVersion) {
    return absl::FailedPreconditionError(base::StrCat("archive format ", version, " is unknown"));
  }
  summary.partition = base::PartitionId{reader.U16()};
  summary.hub = base::Id128::FromBytes(reader.Raw(16));
  summary.first = base::Offset{reader.U64()};
  reader.U32();  // reserved
  summary.previous_chain = base::Id128::FromBytes(reader.Raw(16));
  return absl::OkStatus();
}

absl::Status DecodeFooter(std::string_view bytes, uint64_t size, ArchiveSummary& summary) {
  base::ByteReader reader(bytes);
  if (!HasGoodCrc(bytes, kArchiveFooterBytes) || reader.U32() != kFooterMagic) {
    return absl::DataLossError("the footer is damaged");
  }
  summary.blocks = reader.U32();
  summary.index_byte = reader.U64();
  const base::Offset first{reader.U64()};
  summary.last = base::Offset{reader.U64()};
  summary.earliest.micros = static_cast<int64_t>(reader.U64());
  summary.latest.micros = static_cast<int64_t>(reader.U64());
  const base::Id128 previous = base::Id128::FromBytes(reader.Raw(16));
  summary.chain = base::Id128::FromBytes(reader.Raw(16));
  summary.index_crc = reader.U32();
  const uint64_t expected =
      summary.index_byte + uint64_t{summary.blocks} * kBlockPlaceBytes + kArchiveFooterBytes;
  if (first == summary.first && previous == summary.previous_chain && expected == size) {
    return absl::OkStatus();
  }
  return absl::DataLossError("the footer is of another file");
}

}  // namespace

std::string EncodeArchiveHeader(const ArchiveSummary& summary) {
  base::ByteWriter writer;
  writer.U32(kHeaderMagic);
  writer.U16(kArchiveVersion);
  writer.U16(base::Index(summary.partition));
  writer.Raw(summary.hub.ToBytes());
  writer.U64(base::Number(summary.first));
  writer.U32(0);
  writer.Raw(summary.previous_chain.ToBytes());
  writer.U32(base::Crc32c(writer.bytes()));
  BATUTA_CHECK(writer.bytes().size() == kArchiveHeaderBytes);
  return writer.Take();
}

std::string EncodeArchiveFooter(const ArchiveSummary& summary) {
  base::ByteWriter writer;
  writer.U32(kFooterMagic);
  writer.U32(summary.blocks);
  writer.U64(summary.index_byte);
  writer.U64(base::Number(summary.first));
  writer.U64(base::Number(summary.last));
  writer.U64(static_cast<uint64_t>(summary.earliest.micros));
  writer.U64(static_cast<uint64_t>(summary.latest.micros));
  writer.Raw(summary.previous_chain.ToBytes());
  writer.Raw(summary.chain.ToBytes());
  writer.U32(summary.index_crc);
  writer.U32(0);
  writer.U32(base::Crc32c(writer.bytes()));
  BATUTA_CHECK(writer.bytes().size() == kArchiveFooterBytes);
  return writer.Take();
}

std::string EncodeBlockPlace(const BlockPlace& place) {
  base::ByteWriter writer;
  writer.U64(base::Number(place.first));
  writer.U64(static_cast<uint64_t>(place.earliest.micros));
  writer.U64(static_cast<uint64_t>(place.latest.micros));
  writer.U64(place.byte);
  return writer.Take();
}

BlockPlace DecodeBlockPlace(std::string_view index, size_t number) {
  base::ByteReader reader(index.substr(number * kBlockPlaceBytes, kBlockPlaceBytes));
  BlockPlace place;
  place.first = base::Offset{reader.U64()};
  place.earliest.micros = static_cast<int64_t>(reader.U64());
  place.latest.micros = static_cast<int64_t>(reader.U64());
  place.byte = reader.U64();
  BATUTA_CHECK(reader.ok());
  return place;
}

std::string ArchiveName(base::Position first) {
  return absl::StrFormat("p%03u-%020u.arc", base::Index(first.partition),
                         base::Number(first.offset));
}

std::optional<base::Position> ParseArchiveName(std::string_view name) {
  uint32_t partition = 0;
  uint64_t offset = 0;
  constexpr std::string_view kSuffix = ".arc";
  if (!name.starts_with('p') || !name.ends_with(kSuffix)) return std::nullopt;
  name = name.substr(1, name.size() - 1 - kSuffix.size());
  const size_t dash = name.find('-');
  if (dash == std::string_view::npos ||
      !absl::SimpleAtoi(base::AbslView(name.substr(0, dash)), &partition) ||
      !absl::SimpleAtoi(base::AbslView(name.substr(dash + 1)), &offset) || partition > 0xFFFF) {
    return std::nullopt;
  }
  return base::Position{base::PartitionId{static_cast<uint16_t>(partition)}, base::Offset{offset}};
}

ArchiveFile::ArchiveFile(base::Disk* disk, std::string path, const ArchiveSummary& summary)
    : disk_(disk), path_(std::move(path)), summary_(summary) {}

absl::StatusOr<std::shared_ptr<const ArchiveFile>> ArchiveFile::Open(base::Disk* disk,
                                                                     const std::string& path,
                                                                     const base::Id128& hub) {
  BATUTA_ASSIGN_OR_RETURN(const auto file, disk->OpenFile(path, base::Disk::Open::kRead));
  BATUTA_ASSIGN_OR_RETURN(const uint64_t size, file->Size());
  if (size < kArchiveHeaderBytes + kArchiveFooterBytes) {
    return DamagedAt(path, size, "the file is cut off");
  }
  const uint64_t footer_byte = size - kArchiveFooterBytes;
  BATUTA_ASSIGN_OR_RETURN(const std::string header, ReadPatiently(*file, 0, kArchiveHeaderBytes));
  BATUTA_ASSIGN_OR_RETURN(const std::string footer,
                          ReadPatiently(*file, footer_byte, kArchiveFooterBytes));
  const auto placed = [&](const absl::Status& error, uint64_t byte) {
    return absl::Status(error.code(), base::StrCat(path, " at byte ", byte, ": ", error.message()));
  };
  ArchiveSummary summary;
  if (const auto status = DecodeHeader(header, summary); !status.ok()) return placed(status, 0);
  if (summary.hub != hub) {
    return placed(absl::FailedPreconditionError(base::StrCat(
                      "the file belongs to hub ", base::EncodeHex(summary.hub.ToBytes()),
                      ", not to ", base::EncodeHex(hub.ToBytes()))),
                  0);
  }
  if (const auto status = DecodeFooter(footer, size, summary); !status.ok()) {
    return placed(status, footer_byte);
  }
  return std::make_shared<const ArchiveFile>(disk, path, summary);
}

absl::Status ArchiveFile::Damaged(uint64_t byte, std::string_view what) const {
  return DamagedAt(path_, byte, what);
}

absl::StatusOr<std::string> ArchiveFile::ReadIndex() const {
  BATUTA_ASSIGN_OR_RETURN(const auto file, disk_->OpenFile(path_, base::Disk::Open::kRead));
  const size_t size = summary_.blocks * kBlockPlaceBytes;
  BATUTA_ASSIGN_OR_RETURN(std::string index, ReadPatiently(*file, summary_.index_byte, size));
  if (index.size() != size || base::Crc32c(index) != summary_.index_crc) {
    return Damaged(summary_.index_byte, "the block index is damaged");
  }
  return index;
}

size_t ArchiveFile::FindBlock(std::string_view index, base::Offset offset) const {
  BATUTA_CHECK(summary_.first <= offset && offset <= summary_.last);
  size_t low = 0;  // the block lies in [low, high)
  size_t high = summary_.blocks;
  while (high - low > 1) {
    const size_t middle = low + (high - low) / 2;
    (DecodeBlockPlace(index, middle).first <= offset ? low : high) = middle;
  }
  return low;
}

uint64_t ArchiveFile::EndOfBlock(std::string_view index, size_t number) const {
  return number + 1 == summary_.blocks ? summary_.index_byte
                                       : DecodeBlockPlace(index, number + 1).byte;
}

absl::StatusOr<std::string> ArchiveFile::ReadBlock(std::string_view index, size_t number) const {
  const uint64_t begin = DecodeBlockPlace(index, number).byte;
  const uint64_t size = EndOfBlock(index, number) - begin;
  BATUTA_ASSIGN_OR_RETURN(const auto file, disk_->OpenFile(path_, base::Disk::Open::kRead));
  BATUTA_ASSIGN_OR_RETURN(const std::string bytes, ReadPatiently(*file, begin, size));
  absl::StatusOr<std::string> frames = DecodeBlock(bytes);
  if (!frames.ok()) return Damaged(begin, base::StdView(frames.status().message()));
  return frames;
}

absl::Status ArchiveFile::VerifyBlock(std::string_view index, size_t number, base::Id128& chain,
                                      VerifyReport& report) const {
  const BlockPlace place = DecodeBlockPlace(index, number);
  report.byte = place.byte;
  const uint64_t size = EndOfBlock(index, number) - place.byte;
  BATUTA_ASSIGN_OR_RETURN(const auto file, disk_->OpenFile(path_, base::Disk::Open::kRead));
  BATUTA_ASSIGN_OR_RETURN(const std::string bytes, ReadPatiently(*file, place.byte, size));
  absl::StatusOr<std::string> frames = DecodeBlock(bytes);
  if (!frames.ok()) return Damaged(place.byte, base::StdView(frames.status().message()));
  const std::optional<BlockHeader> header = ParseBlockHeader(bytes);
  if (header->first != place.first || !FollowsChain(chain, bytes)) {
    return Damaged(place.byte, "the block is not the one that belongs here");
  }
  chain = header->chain;
  base::Offset last{base::Number(place.first) - 1};
  const base::Position first{summary_.partition, place.first};
  const absl::Status visited =
      VisitFrames(*frames, first, last, summary_.last, [&](const Record& record) {
        last = record.position.offset;
        const bool is_in_range = place.earliest <= record.stamp && record.stamp <= place.latest;
        return is_in_range ? absl::OkStatus()
                           : absl::DataLossError("a stamp is outside the range in the index");
      });
  if (!visited.ok()) return Damaged(place.byte, base::StdView(visited.message()));
  const uint64_t records = base::Number(last) - base::Number(place.first) + 1;
  const base::Offset expected{number + 1 == summary_.blocks
                                  ? base::Number(summary_.last)
                                  : base::Number(DecodeBlockPlace(index, number + 1).first) - 1};
  if (last != expected || records != header->records) {
    return Damaged(place.byte, "the block does not hold the records that it should");
  }
  report.records += records;
  report.bytes += bytes.size();
  ++report.blocks;
  return absl::OkStatus();
}

bool ArchiveFile::Verify(VerifyReport& report) const {
  base::Id128 chain = summary_.previous_chain;
  const absl::StatusOr<std::string> index = ReadIndex();
  report.error = index.status();
  report.byte = summary_.index_byte;
  for (size_t number = 0; number < summary_.blocks && report.error.ok(); ++number) {
    report.error = VerifyBlock(*index, number, chain, report);
  }
  if (report.error.ok() && chain != summary_.chain) {
    report.byte = summary_.index_byte;
    report.error = Damaged(report.byte, "the last block is not the one that the footer names");
  }
  if (!report.error.ok()) {
    report.file = path_;
    return false;
  }
  report.byte = 0;
  ++report.files;
  return true;
}

}  // namespace batuta::log
