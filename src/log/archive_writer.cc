#include "log/archive_writer.h"

#include <algorithm>
#include <utility>

#include "base/crc32c.h"
#include "base/status.h"
#include "base/text.h"
#include "log/archive_block.h"
#include "log/frame.h"
#include "log/segment_writer.h"

namespace batuta::log {
namespace {

std::string TemporaryOf(const std::string& path) { return base::StrCat(path, kTemporarySuffix); }

}  // namespace

absl::StatusOr<std::unique_ptr<ArchiveWriter>> ArchiveWriter::Create(ArchiveWriterOptions options) {
  const std::string path = base::StrCat(options.folder, "/", ArchiveName(options.first));
  const std::string temporary = TemporaryOf(path);
  base::Disk& disk = *options.disk;
  // What an earlier attempt left may have failed a sync: it is not written to again.
  if (disk.Exists(temporary)) BATUTA_RETURN_IF_ERROR(disk.Remove(temporary));
  BATUTA_ASSIGN_OR_RETURN(auto file, disk.OpenFile(temporary, base::Disk::Open::kCreate));
  auto writer = std::make_unique<ArchiveWriter>(std::move(options), path, std::move(file));
  BATUTA_RETURN_IF_ERROR(writer->Write(EncodeArchiveHeader(writer->summary_)));
  return writer;
}

ArchiveWriter::ArchiveWriter(ArchiveWriterOptions options, std::string path,
                             std::unique_ptr<base::File> file)
    : options_(std::move(options)),
      path_(std::move(path)),
      file_(std::move(file)),
      compressor_(options_.compression_level) {
  summary_.hub = options_.hub;
  summary_.partition = options_.first.partition;
  summary_.first = options_.first.offset;
  summary_.last = base::Offset{base::Number(options_.first.offset) - 1};
  summary_.previous_chain = options_.previous_chain;
  summary_.chain = options_.previous_chain;
}

absl::Status ArchiveWriter::Write(std::string_view bytes) {
  BATUTA_RETURN_IF_ERROR(file_->Write(byte_, bytes));
  byte_ += bytes.size();
  return absl::OkStatus();
}

absl::Status ArchiveWriter::Add(const Record& record) {
  const base::Offset expected = base::Next(summary_.last);
  BATUTA_CHECK(record.position == base::Position(summary_.partition, expected));
  if (records_ == 0) place_ = {.first = record.position.offset, .byte = byte_};
  WriteFrame({.position = record.position,
              .type = record.type,
              .stamp = record.stamp,
              .id = record.id,
              .payload_bytes = static_cast<uint32_t>(record.payload.size())},
             record.payload, frames_);
  ++records_;
  place_.earliest = std::min(place_.earliest, record.stamp);
  place_.latest = std::max(place_.latest, record.stamp);
  summary_.last = record.position.offset;
  return frames_.bytes().size() >= options_.block_bytes ? WriteBlock() : absl::OkStatus();
}

absl::Status ArchiveWriter::WriteBlock() {
  const StoredBlock block =
      EncodeBlock(summary_.chain, place_.first, records_, frames_.Take(), compressor_);
  BATUTA_RETURN_IF_ERROR(Write(block.bytes));
  index_ += EncodeBlockPlace(place_);
  summary_.chain = block.chain;
  summary_.earliest = std::min(summary_.earliest, place_.earliest);
  summary_.latest = std::max(summary_.latest, place_.latest);
  ++summary_.blocks;
  records_ = 0;
  return absl::OkStatus();
}

absl::StatusOr<std::string> ArchiveWriter::Finish() {
  if (records_ > 0) BATUTA_RETURN_IF_ERROR(WriteBlock());
  BATUTA_CHECK(summary_.blocks > 0);
  summary_.index_byte = byte_;
  summary_.index_crc = base::Crc32c(index_);
  BATUTA_RETURN_IF_ERROR(Write(index_));
  BATUTA_RETURN_IF_ERROR(Write(EncodeArchiveFooter(summary_)));
  BATUTA_RETURN_IF_ERROR(file_->SyncData());
  BATUTA_RETURN_IF_ERROR(options_.disk->Rename(TemporaryOf(path_), path_));
  BATUTA_RETURN_IF_ERROR(options_.disk->SyncDirectory(options_.folder));
  return path_;
}

}  // namespace batuta::log
