#include "log/embedded_log.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/status.h"
#include "base/text.h"
#include "log/frame_reader.h"
#include "log/recovery.h"
#include "log/segment_writer.h"

namespace batuta::log {
namespace {

constexpr size_t kScanChunkBytes = size_t{64} << 10;
constexpr size_t kReadChunkBytes = size_t{16} << 10;
constexpr char kReserveName[] = "reserve";

// The folder and the way to it outlive a loss of power, even one right after a killed process made
// it.
absl::Status MakeFolder(base::Disk& disk, const std::string& folder) {
  BATUTA_RETURN_IF_ERROR(disk.MakeDirectory(folder));
  BATUTA_RETURN_IF_ERROR(disk.SyncDirectory(folder));
  const size_t slash = folder.find_last_of('/');
  if (slash == std::string::npos) return disk.SyncDirectory(".");
  return disk.SyncDirectory(slash == 0 ? "/" : folder.substr(0, slash));
}

uint64_t FrameBytesOf(std::span<const Entry> entries) {
  uint64_t bytes = 0;
  for (const Entry& entry : entries) bytes += kFrameBytes + entry.payload.size();
  return bytes;
}

// Puts the entries into the group, behind the ends, which move on.
std::vector<base::Offset> Place(std::span<const Entry> entries, Offsets& ends,
                                GroupBuilder& group) {
  std::vector<base::Offset> offsets;
  offsets.reserve(entries.size());
  for (const Entry& entry : entries) {
    base::Offset& end = ends[entry.partition];
    end = base::Next(end);
    group.Add({.position = {.partition = entry.partition, .offset = end},
               .type = entry.type,
               .stamp = entry.stamp,
               .id = entry.id,
               .payload_bytes = static_cast<uint32_t>(entry.payload.size())},
              entry.payload);
    offsets.push_back(end);
  }
  return offsets;
}

}  // namespace

absl::StatusOr<std::unique_ptr<EmbeddedLog>> EmbeddedLog::Open(EmbeddedLogOptions options) {
  BATUTA_CHECK(options.disk != nullptr && options.clock != nullptr);
  base::Disk& disk = *options.disk;
  BATUTA_RETURN_IF_ERROR(MakeFolder(disk, options.folder));
  Recovery recovery(&disk, options.folder, options.hub, base::Disk::Open::kReadWrite);
  BATUTA_RETURN_IF_ERROR(recovery.Run());
  BATUTA_RETURN_IF_ERROR(recovery.RemoveLeftovers());
  if (!recovery.segments().empty()) BATUTA_RETURN_IF_ERROR(recovery.CutTail());
  const bool is_new = recovery.is_new();
  // All that was kept is synced, so it counts as acknowledged: segments dropped from now on may
  // hold the point that the file still names.
  WatermarkContent watermark = recovery.watermark();
  if (watermark.acknowledged < recovery.end()) watermark.acknowledged = recovery.end();
  auto log =
      std::make_unique<EmbeddedLog>(std::move(options), std::move(watermark), recovery.end());
  // From here on, segments without a watermark are segments that have lost it.
  if (is_new) BATUTA_RETURN_IF_ERROR(log->watermark_.Write());
  BATUTA_RETURN_IF_ERROR(log->Start(recovery.segments()));
  return log;
}

EmbeddedLog::EmbeddedLog(EmbeddedLogOptions options, WatermarkContent watermark,
                         const CommitPoint& end)
    : options_(std::move(options)),
      watermark_(options_.disk, options_.folder, std::move(watermark)),
      seed_(HeaderSeed(options_.hub)) {
  tail_.end = end;
}

absl::Status EmbeddedLog::Start(std::vector<std::shared_ptr<Segment>> segments) {
  {
    const absl::MutexLock lock(&mutex_);
    segments_ = std::move(segments);
    if (!segments_.empty()) tail_.segment = segments_.back();
  }
  if (tail_.segment != nullptr) {
    BATUTA_ASSIGN_OR_RETURN(tail_.size, tail_.segment->file().Size());
  } else {
    BATUTA_RETURN_IF_ERROR(Rotate(0));
  }
  OpenStage();
  // A log without a reserve works; its owner asks for one again when space has been made.
  const absl::Status reserved = RestoreReserve();
  return IsHarmless(reserved) ? absl::OkStatus() : reserved;
}

std::optional<std::vector<base::Offset>> EmbeddedLog::Stage(std::span<const Entry> entries) {
  const absl::MutexLock lock(&stage_mutex_);
  const uint64_t bytes = staged_.TotalBytes() + FrameBytesOf(entries) + kSectorBytes;
  if (!is_staging_ || bytes > room_ || bytes > kMaxGroupBytes) return std::nullopt;
  return Place(entries, staged_ends_, staged_);
}

void EmbeddedLog::Seal() {
  const absl::MutexLock lock(&stage_mutex_);
  if (staged_.places().empty()) return;
  room_ -= staged_.TotalBytes();
  sealed_.push_back(std::exchange(staged_, GroupBuilder()));
}

GroupBuilder* EmbeddedLog::OldestSealed() {
  const absl::MutexLock lock(&stage_mutex_);
  return sealed_.empty() ? nullptr : &sealed_.front();
}

absl::Status EmbeddedLog::Commit() {
  if (!dead_.ok()) return dead_;
  while (GroupBuilder* group = OldestSealed()) {
    if (!finished_) finished_ = group->Finish(tail_.end, tail_.end.segment, seed_);
    BATUTA_RETURN_IF_ERROR(WriteAtTail(*finished_, group->places()));
    finished_.reset();
    {
      const absl::MutexLock lock(&stage_mutex_);
      sealed_.pop_front();
    }
    BATUTA_RETURN_IF_ERROR(NoteAcknowledged());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<base::Offset>> EmbeddedLog::Append(std::span<const Entry> entries) {
  {
    const absl::MutexLock lock(&stage_mutex_);
    is_staging_ = false;
  }
  Seal();
  if (const absl::Status committed = Commit(); !committed.ok()) {
    const absl::MutexLock lock(&stage_mutex_);
    is_staging_ = dead_.ok();
    return committed;
  }
  absl::StatusOr<std::vector<base::Offset>> offsets = std::vector<base::Offset>();
  if (!entries.empty()) offsets = AppendGroup(entries);
  OpenStage();
  return offsets;
}

void EmbeddedLog::OpenStage() {
  const absl::MutexLock lock(&stage_mutex_);
  staged_ends_ = tail_.segment->Ends();
  room_ = tail_.size - tail_.end.byte;
  is_staging_ = dead_.ok();
}

absl::StatusOr<std::vector<base::Offset>> EmbeddedLog::AppendGroup(std::span<const Entry> entries) {
  if (FrameBytesOf(entries) + kGroupHeaderBytes + kGroupTrailerBytes > kMaxGroupBytes) {
    return absl::InvalidArgumentError(
        base::StrCat("a group of more than ", kMaxGroupBytes, " bytes is too large for the log"));
  }
  GroupBuilder group;
  Offsets ends = tail_.segment->Ends();
  std::vector<base::Offset> offsets = Place(entries, ends, group);
  if (tail_.end.byte + group.TotalBytes() > tail_.size) {
    BATUTA_RETURN_IF_ERROR(Rotate(group.TotalBytes()));
  }
  const GroupBuilder::Group made = group.Finish(tail_.end, tail_.end.segment, seed_);
  BATUTA_RETURN_IF_ERROR(WriteAtTail(made, group.places()));
  BATUTA_RETURN_IF_ERROR(NoteAcknowledged());
  return offsets;
}

absl::Status EmbeddedLog::NoteAcknowledged() {
  const absl::Status noted =
      watermark_.Advance(tail_.end, options_.clock->Monotonic(), options_.watermark_interval);
  return noted.ok() ? noted : Die(noted);
}

absl::Status EmbeddedLog::Rotate(uint64_t group_bytes) {
  const SegmentHeader header{.hub = options_.hub,
                             .number = tail_.end.segment + 1,
                             .previous = tail_.end,
                             .base = tail_.segment == nullptr ? Offsets() : tail_.segment->Ends()};
  const uint64_t size =
      std::max(RoundUpToSector(options_.segment_bytes), header.TotalBytes() + group_bytes);
  BATUTA_RETURN_IF_ERROR(PrepareSegment(*options_.disk, options_.folder, header, size));
  absl::StatusOr<std::shared_ptr<Segment>> segment =
      PublishSegment(*options_.disk, options_.folder, header);
  if (!segment.ok()) return Die(segment.status());
  tail_.segment = *std::move(segment);
  tail_.size = size;
  tail_.end.segment = header.number;
  tail_.end.byte = header.TotalBytes();
  const absl::MutexLock lock(&mutex_);
  segments_.push_back(tail_.segment);
  return absl::OkStatus();
}

absl::Status EmbeddedLog::WriteAtTail(const GroupBuilder::Group& made,
                                      std::vector<FramePlace> places) {
  const uint64_t begin = tail_.end.byte;
  const absl::Status written = WriteGroup(tail_.segment->file(), begin, made.bytes);
  if (IsHarmless(written)) return written;
  if (!written.ok()) return Die(written);
  for (FramePlace& place : places) place.byte += begin;
  tail_.end.byte += made.bytes.size();
  tail_.end.groups += 1;
  tail_.end.chain = made.chain;
  tail_.segment->Extend(begin, places, tail_.end.byte);
  return absl::OkStatus();
}

absl::Status EmbeddedLog::Die(const absl::Status& cause) {
  dead_ = absl::InternalError(base::StrCat(
      "the log of ", options_.folder, " has failed and must be opened again: ", cause.message()));
  {
    const absl::MutexLock lock(&stage_mutex_);
    is_staging_ = false;
  }
  if (options_.fatal) {
    options_.fatal(dead_);
    return dead_;
  }
  base::CheckFailed(__FILE__, __LINE__, "the log is durable", std::string(dead_.message()));
}

base::Offset EmbeddedLog::End(base::PartitionId partition) const {
  const absl::MutexLock lock(&mutex_);
  return segments_.back()->End(partition);
}

Offsets EmbeddedLog::Ends() const {
  const absl::MutexLock lock(&mutex_);
  return segments_.back()->Ends();
}

base::Offset EmbeddedLog::FirstKept(base::PartitionId partition) const {
  const absl::MutexLock lock(&mutex_);
  return base::Next(segments_.front()->Base(partition));
}

absl::StatusOr<std::vector<SegmentRange>> EmbeddedLog::Find(base::PartitionId partition,
                                                            base::Offset after,
                                                            base::Offset up_to) const {
  std::vector<SegmentRange> ranges;
  const absl::MutexLock lock(&mutex_);
  if (after < segments_.front()->Base(partition) && after < up_to) {
    return absl::OutOfRangeError(base::StrCat(
        "the records of partition ", base::Index(partition), " up to ",
        base::Number(segments_.front()->Base(partition)), " are no longer in the log"));
  }
  for (const std::shared_ptr<Segment>& segment : segments_) {
    if (segment->Base(partition) >= up_to) break;
    // The end is read first: what is found lies before it, even while the segment grows.
    const uint64_t end_byte = segment->end_byte();
    const std::optional<IndexEntry> start = segment->Find(partition, after);
    if (start && start->frame_byte < end_byte) {
      ranges.push_back({.segment = segment, .start = *start, .end_byte = end_byte});
    }
  }
  return ranges;
}

absl::Status EmbeddedLog::Scan(base::PartitionId partition, base::Offset after, base::Offset up_to,
                               RecordVisitor visit) const {
  BATUTA_ASSIGN_OR_RETURN(const std::vector<SegmentRange> ranges, Find(partition, after, up_to));
  Record record;
  base::Offset last = after;
  for (const SegmentRange& range : ranges) {
    FrameReader reader(range, partition, kScanChunkBytes);
    while (last < up_to) {
      BATUTA_ASSIGN_OR_RETURN(const std::optional<StoredFrame> frame, reader.Next(last));
      if (!frame) break;
      BATUTA_CHECK(frame->header.position.offset == base::Next(last));
      last = frame->header.position.offset;
      FillRecord(frame->header, frame->payload, record);
      BATUTA_RETURN_IF_ERROR(visit(record));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Record> EmbeddedLog::Read(base::Position position) const {
  const absl::Status absent =
      absl::NotFoundError(base::StrCat("partition ", base::Index(position.partition),
                                       " has no record ", base::Number(position.offset)));
  if (position.offset == base::Offset{}) return absent;
  const base::Offset before{base::Number(position.offset) - 1};
  BATUTA_ASSIGN_OR_RETURN(const std::vector<SegmentRange> ranges,
                          Find(position.partition, before, position.offset));
  if (ranges.empty()) return absent;
  FrameReader reader(ranges.front(), position.partition, kReadChunkBytes);
  BATUTA_ASSIGN_OR_RETURN(const std::optional<StoredFrame> frame, reader.Next(before));
  if (!frame) return absent;
  BATUTA_CHECK(frame->header.position == position);
  Record record;
  FillRecord(frame->header, frame->payload, record);
  return record;
}

absl::Status EmbeddedLog::Close() {
  if (!dead_.ok()) return dead_;
  dead_ = absl::FailedPreconditionError(base::StrCat("the log of ", options_.folder, " is closed"));
  {
    const absl::MutexLock lock(&stage_mutex_);
    is_staging_ = false;
  }
  return watermark_.Write();
}

absl::StatusOr<size_t> EmbeddedLog::ArchiveThrough(Archive& archive, const Offsets& lowest_needed) {
  std::shared_ptr<Segment> active;
  {
    const absl::MutexLock lock(&mutex_);
    active = segments_.back();
  }
  for (const auto& [partition, end] : active->header().base) {
    BATUTA_RETURN_IF_ERROR(archive.Extend(*this, partition, end));
  }
  const size_t count = CountDroppable(archive, lowest_needed);
  BATUTA_RETURN_IF_ERROR(DropOldest(count));
  return count;
}

size_t EmbeddedLog::CountDroppable(const Archive& archive, const Offsets& lowest_needed) const {
  const absl::MutexLock lock(&mutex_);
  const auto is_needed = [&](base::PartitionId partition, base::Offset last) {
    const auto lowest = lowest_needed.find(partition);
    return lowest == lowest_needed.end() || lowest->second <= last || archive.End(partition) < last;
  };
  size_t count = 0;
  for (; count + 1 < segments_.size(); ++count) {
    // What the next segment follows is what this one and all before it hold.
    for (const auto& [partition, last] : segments_[count + 1]->header().base) {
      if (is_needed(partition, last)) return count;
    }
  }
  return count;
}

absl::Status EmbeddedLog::DropOldest(size_t count) {
  if (count == 0) return absl::OkStatus();
  std::vector<std::shared_ptr<Segment>> dropped;
  uint64_t first = 0;
  {
    const absl::MutexLock lock(&mutex_);
    BATUTA_CHECK(count < segments_.size());
    first = segments_[count]->header().number;
  }
  // A crash from here on leaves files that the next Open removes.
  BATUTA_RETURN_IF_ERROR(watermark_.SetFirstSegment(first));
  {
    const absl::MutexLock lock(&mutex_);
    const auto end = segments_.begin() + static_cast<std::ptrdiff_t>(count);
    dropped.assign(segments_.begin(), end);
    segments_.erase(segments_.begin(), end);
  }
  for (const std::shared_ptr<Segment>& segment : dropped) {
    BATUTA_RETURN_IF_ERROR(options_.disk->Remove(segment->path()));
  }
  return options_.disk->SyncDirectory(options_.folder);
}

absl::Status EmbeddedLog::ReleaseReserve() {
  const std::string path = base::StrCat(options_.folder, "/", kReserveName);
  if (!options_.disk->Exists(path)) return absl::OkStatus();
  return options_.disk->Remove(path);
}

absl::Status EmbeddedLog::RestoreReserve() {
  const std::string path = base::StrCat(options_.folder, "/", kReserveName);
  if (options_.reserve_bytes == 0) return absl::OkStatus();
  BATUTA_ASSIGN_OR_RETURN(const std::unique_ptr<base::File> file,
                          options_.disk->OpenFile(path, base::Disk::Open::kCreate));
  BATUTA_ASSIGN_OR_RETURN(const uint64_t size, file->Size());
  if (size >= options_.reserve_bytes) return absl::OkStatus();
  absl::Status allocated = file->Allocate(options_.reserve_bytes);
  if (!allocated.ok()) options_.disk->Remove(path).IgnoreError();
  return allocated;
}

}  // namespace batuta::log
