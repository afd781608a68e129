#include "log/segment_writer.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "base/text.h"

namespace batuta::log {
namespace {

absl::Status WriteTemporary(base::Disk& disk, const std::string& path, const SegmentHeader& header,
                            uint64_t segment_bytes) {
  // A file left by an earlier attempt may have failed a sync: it is not written to again.
  if (disk.Exists(path)) BATUTA_RETURN_IF_ERROR(disk.Remove(path));
  BATUTA_ASSIGN_OR_RETURN(const std::unique_ptr<base::File> file,
                          disk.OpenFile(path, base::Disk::Open::kCreate));
  BATUTA_RETURN_IF_ERROR(file->Allocate(segment_bytes));
  return file->Write(0, EncodeSegmentHeader(header));
}

// Keeps the code away from callers who take any other one for the end of the process.
absl::Status AsHarmless(const absl::Status& error) {
  if (error.ok() || IsHarmless(error)) return error;
  return absl::UnavailableError(error.message());
}

absl::Status AsFatal(const absl::Status& error) {
  if (error.ok() || !IsHarmless(error)) return error;
  return absl::InternalError(error.message());
}

absl::StatusOr<std::shared_ptr<Segment>> SyncAndRename(base::Disk& disk, const std::string& folder,
                                                       const SegmentHeader& header) {
  const std::string path = base::StrCat(folder, "/", SegmentName(header.number));
  const std::string temporary = base::StrCat(path, kTemporarySuffix);
  BATUTA_ASSIGN_OR_RETURN(std::unique_ptr<base::File> file,
                          disk.OpenFile(temporary, base::Disk::Open::kReadWrite));
  BATUTA_RETURN_IF_ERROR(file->SyncData());
  BATUTA_RETURN_IF_ERROR(disk.Rename(temporary, path));
  BATUTA_RETURN_IF_ERROR(disk.SyncDirectory(folder));
  return std::make_shared<Segment>(header, path, std::move(file));
}

}  // namespace

bool IsHarmless(const absl::Status& error) {
  return absl::IsResourceExhausted(error) || absl::IsUnavailable(error);
}

absl::Status PrepareSegment(base::Disk& disk, const std::string& folder,
                            const SegmentHeader& header, uint64_t segment_bytes) {
  const std::string path = base::StrCat(folder, "/", SegmentName(header.number), kTemporarySuffix);
  const absl::Status written = WriteTemporary(disk, path, header, segment_bytes);
  // Given back at once when the disk is full; if that fails, the next attempt does it.
  if (!written.ok()) disk.Remove(path).IgnoreError();
  return AsHarmless(written);
}

absl::StatusOr<std::shared_ptr<Segment>> PublishSegment(base::Disk& disk, const std::string& folder,
                                                        const SegmentHeader& header) {
  absl::StatusOr<std::shared_ptr<Segment>> segment = SyncAndRename(disk, folder, header);
  if (!segment.ok()) return AsFatal(segment.status());
  return segment;
}

absl::Status WriteGroup(base::File& file, uint64_t byte, std::string_view group) {
  const absl::Status written = file.Write(byte, group);
  if (written.ok()) return AsFatal(file.SyncData());
  if (!absl::IsResourceExhausted(written)) return AsFatal(written);
  // Without its header a group cannot be read, whatever else of it reached the disk.
  BATUTA_RETURN_IF_ERROR(AsFatal(file.Write(byte, std::string(kGroupHeaderBytes, '\0'))));
  BATUTA_RETURN_IF_ERROR(AsFatal(file.SyncData()));
  return written;
}

}  // namespace batuta::log
