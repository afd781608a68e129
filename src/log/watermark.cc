#include "log/watermark.h"

#include <utility>

#include "base/crc32c.h"
#include "base/encoding.h"
#include "base/status.h"
#include "base/text.h"
#include "log/segment_writer.h"

namespace batuta::log {
namespace {

constexpr uint64_t kWatermarkMagic = 0x424154555441574D;  // "BATUTAWM"
constexpr uint16_t kWatermarkVersion = 1;

std::string Encode(const WatermarkContent& content) {
  base::ByteWriter writer;
  writer.U64(kWatermarkMagic);
  writer.U16(kWatermarkVersion);
  writer.Raw(content.hub.ToBytes());
  writer.U64(content.first_segment);
  writer.U64(content.acknowledged.segment);
  writer.U64(content.acknowledged.byte);
  writer.U64(content.acknowledged.groups);
  writer.Raw(content.acknowledged.chain.ToBytes());
  writer.U32(base::Crc32c(writer.bytes()));
  return writer.Take();
}

}  // namespace

absl::StatusOr<std::optional<WatermarkContent>> ReadWatermark(base::Disk& disk,
                                                              const std::string& folder) {
  const std::string path = base::StrCat(folder, "/", kWatermarkName);
  absl::StatusOr<std::string> bytes = base::ReadFile(disk, path);
  constexpr int kTries = 3;
  for (int i = 1; i < kTries && !bytes.ok() && !absl::IsNotFound(bytes.status()); ++i) {
    bytes = base::ReadFile(disk, path);
  }
  if (absl::IsNotFound(bytes.status())) return std::nullopt;
  if (!bytes.ok()) return bytes.status();
  base::ByteReader reader(*bytes);
  const uint64_t magic = reader.U64();
  const uint16_t version = reader.U16();
  WatermarkContent content;
  const std::string_view hub = reader.Raw(16);
  content.first_segment = reader.U64();
  content.acknowledged.segment = reader.U64();
  content.acknowledged.byte = reader.U64();
  content.acknowledged.groups = reader.U64();
  const std::string_view chain = reader.Raw(16);
  const size_t covered = bytes->size() - reader.rest().size();
  const uint32_t crc = reader.U32();
  if (!reader.ok() || !reader.AtEnd() || magic != kWatermarkMagic ||
      base::Crc32c(std::string_view(*bytes).substr(0, covered)) != crc) {
    return absl::DataLossError(base::StrCat(path, " at byte 0: the watermark is damaged"));
  }
  if (version != kWatermarkVersion) {
    return absl::FailedPreconditionError(
        base::StrCat(path, ": watermark format ", version, " is unknown"));
  }
  content.hub = base::Id128::FromBytes(hub);
  content.acknowledged.chain = base::Id128::FromBytes(chain);
  return content;
}

Watermark::Watermark(base::Disk* disk, std::string folder, WatermarkContent content)
    : disk_(disk), folder_(std::move(folder)), content_(std::move(content)) {}

absl::Status Watermark::WriteLocked(uint64_t first_segment) {
  WatermarkContent content = content_;
  content.first_segment = first_segment;
  const std::string path = base::StrCat(folder_, "/", kWatermarkName);
  const absl::Status written = base::ReplaceFile(*disk_, path, Encode(content));
  // The temporary file may have failed a sync: the next attempt must not meet it again.
  const std::string temporary = base::StrCat(path, kTemporarySuffix);
  if (!written.ok() && disk_->Exists(temporary)) BATUTA_RETURN_IF_ERROR(disk_->Remove(temporary));
  return written;
}

absl::Status Watermark::Advance(const CommitPoint& acknowledged, base::Duration now,
                                base::Duration interval) {
  const absl::MutexLock lock(&mutex_);
  BATUTA_CHECK(content_.acknowledged < acknowledged);
  content_.acknowledged = acknowledged;
  if (written_at_ && now.micros - written_at_->micros < interval.micros) return absl::OkStatus();
  written_at_ = now;
  const absl::Status written = WriteLocked(content_.first_segment);
  return IsHarmless(written) ? absl::OkStatus() : written;
}

absl::Status Watermark::Write() {
  const absl::MutexLock lock(&mutex_);
  return WriteLocked(content_.first_segment);
}

absl::Status Watermark::SetFirstSegment(uint64_t number) {
  const absl::MutexLock lock(&mutex_);
  BATUTA_RETURN_IF_ERROR(WriteLocked(number));
  content_.first_segment = number;
  return absl::OkStatus();
}

}  // namespace batuta::log
