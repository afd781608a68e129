#include "log/recovery.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "base/text.h"
#include "log/chain_hash.h"
#include "log/frame.h"
#include "log/segment_writer.h"

namespace batuta::log {
namespace {

constexpr size_t kChunkBytes = size_t{1} << 20;

std::string DescribePoint(const CommitPoint& point) {
  return base::StrCat("byte ", point.byte, " of segment ", point.segment, " (", point.groups,
                      " groups)");
}

bool IsZero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

}  // namespace

Recovery::Recovery(base::Disk* disk, std::string folder, const base::Id128& hub,
                   base::Disk::Open mode)
    : disk_(disk), folder_(std::move(folder)), hub_(hub), seed_(HeaderSeed(hub)), mode_(mode) {
  watermark_.hub = hub_;
  end_.chain = ChainOrigin(hub_, "log");
}

absl::Status Recovery::FailWith(const absl::Status& error, const std::string& file, uint64_t byte) {
  report_.file = file;
  report_.byte = byte;
  report_.error =
      absl::Status(error.code(), base::StrCat(file, " at byte ", byte, ": ", error.message()));
  return report_.error;
}

absl::Status Recovery::Fail(const std::string& file, uint64_t byte, std::string what) {
  return FailWith(absl::DataLossError(what), file, byte);
}

absl::Status Recovery::Run() {
  absl::StatusOr<std::optional<WatermarkContent>> watermark = ReadWatermark(*disk_, folder_);
  const std::string watermark_path = base::StrCat(folder_, "/", kWatermarkName);
  if (!watermark.ok()) {
    report_.file = watermark_path;
    return report_.error = watermark.status();
  }
  is_new_ = !watermark->has_value();
  if (!is_new_) watermark_ = **std::move(watermark);
  if (watermark_.hub != hub_) {
    return FailWith(absl::FailedPreconditionError(base::StrCat(
                        "the log belongs to hub ", base::EncodeHex(watermark_.hub.ToBytes()),
                        ", not to ", base::EncodeHex(hub_.ToBytes()))),
                    watermark_path, 0);
  }
  BATUTA_ASSIGN_OR_RETURN(const std::vector<std::string> names, disk_->List(folder_));
  std::vector<uint64_t> numbers;
  for (const std::string& name : names) {
    const std::optional<uint64_t> number = ParseSegmentName(name);
    if (number && *number >= watermark_.first_segment) numbers.push_back(*number);
  }
  BATUTA_RETURN_IF_ERROR(CheckNumbers(numbers));
  for (const uint64_t number : numbers) {
    BATUTA_RETURN_IF_ERROR(ReadSegment(number, number == numbers.back()));
  }
  return is_new_ ? absl::OkStatus() : CheckWatermark();
}

absl::Status Recovery::CheckNumbers(const std::vector<uint64_t>& numbers) {
  if (is_new_) {
    if (numbers.empty()) return absl::OkStatus();
    return Fail(base::StrCat(folder_, "/", kWatermarkName), 0,
                "the watermark is missing beside the segments of a log, so it cannot be known "
                "whether acknowledged data is missing too");
  }
  uint64_t expected = watermark_.first_segment;
  for (const uint64_t number : numbers) {
    if (number != expected) break;
    ++expected;
  }
  const bool has_gap = expected != watermark_.first_segment + numbers.size();
  // A log whose first segment was never made has acknowledged nothing.
  const bool lacks_first = numbers.empty() && watermark_.first_segment > 1;
  if (!has_gap && !lacks_first) return absl::OkStatus();
  return Fail(base::StrCat(folder_, "/", SegmentName(expected)), 0, "the segment is missing");
}

absl::Status Recovery::CheckHeader(const SegmentHeader& header, uint64_t number,
                                   const std::string& path) {
  if (header.hub != hub_) {
    return FailWith(absl::FailedPreconditionError(base::StrCat(
                        "the segment belongs to hub ", base::EncodeHex(header.hub.ToBytes()),
                        ", not to ", base::EncodeHex(hub_.ToBytes()))),
                    path, 0);
  }
  if (header.number != number) {
    return Fail(path, 0, base::StrCat("the file holds segment ", header.number));
  }
  if (segments_.empty() && number > 1) {
    // What came before was archived and dropped; this header is the record of it.
    end_ = header.previous;
    ends_ = header.base;
    return absl::OkStatus();
  }
  if (header.previous == end_ && header.base == ends_) return absl::OkStatus();
  const std::string before = segments_.empty() ? path : segments_.back()->path();
  return Fail(before, end_.byte,
              base::StrCat("the log is damaged here or does not continue: its good groups end at ",
                           DescribePoint(end_), ", but the next segment follows ",
                           DescribePoint(header.previous)));
}

absl::Status Recovery::ReadSegment(uint64_t number, bool is_last) {
  const std::string path = base::StrCat(folder_, "/", SegmentName(number));
  BATUTA_ASSIGN_OR_RETURN(std::unique_ptr<base::File> file, disk_->OpenFile(path, mode_));
  FileWindow window(file.get(), kChunkBytes);
  absl::StatusOr<std::string_view> bytes = window.View(0, kChunkBytes);
  if (!bytes.ok()) return FailWith(bytes.status(), path, 0);
  absl::StatusOr<SegmentHeader> header = ParseSegmentHeader(*bytes);
  if (!header.ok()) return FailWith(header.status(), path, 0);
  BATUTA_RETURN_IF_ERROR(CheckHeader(*header, number, path));
  BATUTA_RETURN_IF_ERROR(NoteEnd(path));  // the end of the segment before
  auto segment = std::make_shared<Segment>(*std::move(header), path, std::move(file));
  end_.segment = number;
  end_.byte = segment->header().TotalBytes();
  segments_.push_back(segment);
  BATUTA_RETURN_IF_ERROR(ReadGroups(*segment, window));
  ends_ = segment->Ends();
  ++report_.files;
  return is_last ? CheckNothingFollows(*segment, window) : absl::OkStatus();
}

absl::Status Recovery::ReadGroups(Segment& segment, FileWindow& window) {
  while (true) {
    BATUTA_RETURN_IF_ERROR(NoteEnd(segment.path()));
    BATUTA_ASSIGN_OR_RETURN(const bool is_group, ReadGroup(segment, window));
    if (!is_group) return absl::OkStatus();
  }
}

absl::StatusOr<bool> Recovery::ReadGroup(Segment& segment, FileWindow& window) {
  absl::StatusOr<std::string_view> bytes = window.View(end_.byte, kGroupHeaderBytes);
  if (!bytes.ok()) return FailWith(bytes.status(), segment.path(), end_.byte);
  const std::optional<GroupHeader> header = ParseGroupHeader(*bytes, seed_);
  const bool is_next = header && header->segment == end_.segment && header->previous == end_;
  if (!is_next || header->body_bytes > kMaxGroupBytes) return false;
  bytes = window.View(end_.byte + kGroupHeaderBytes, header->body_bytes + kGroupTrailerBytes);
  if (!bytes.ok()) return FailWith(bytes.status(), segment.path(), end_.byte);
  const std::optional<base::Id128> chain = CheckGroup(*header, *bytes);
  if (!chain) return false;
  BATUTA_ASSIGN_OR_RETURN(const std::vector<FramePlace> frames,
                          ReadFrames(segment, *header, bytes->substr(0, header->body_bytes)));
  const uint64_t begin = std::exchange(end_.byte, end_.byte + header->TotalBytes());
  segment.Extend(begin, frames, end_.byte);
  end_.groups += 1;
  end_.chain = *chain;
  report_.blocks += 1;
  report_.records += frames.size();
  report_.bytes += header->TotalBytes();
  return true;
}

absl::StatusOr<std::vector<FramePlace>> Recovery::ReadFrames(const Segment& segment,
                                                             const GroupHeader& header,
                                                             std::string_view body) {
  const uint64_t begin = end_.byte + kGroupHeaderBytes;
  std::vector<FramePlace> places;
  Offsets ends = segment.Ends();
  size_t at = 0;
  while (at < body.size()) {
    const std::optional<FrameHeader> frame = PeekFrame(body.substr(at));
    if (!frame || !CheckFrame(*frame, body.substr(at))) {
      return Fail(segment.path(), begin + at, "the frame is damaged inside a group that is not");
    }
    const auto [partition, offset] = frame->position;
    base::Offset& end = ends[partition];
    if (offset != base::Next(end)) {
      return Fail(segment.path(), begin + at,
                  base::StrCat("partition ", base::Index(partition), " goes on with offset ",
                               base::Number(offset), " after ", base::Number(end)));
    }
    end = offset;
    places.push_back({.position = frame->position, .byte = begin + at});
    at += frame->FrameSize();
  }
  if (places.size() == header.entries) return places;
  return Fail(segment.path(), end_.byte, "the group does not hold as many frames as it says");
}

absl::Status Recovery::CheckNothingFollows(const Segment& segment, FileWindow& window) {
  for (uint64_t byte = end_.byte + kSectorBytes;; byte += kSectorBytes) {
    absl::StatusOr<std::string_view> bytes = window.View(byte, kGroupHeaderBytes);
    if (!bytes.ok()) return FailWith(bytes.status(), segment.path(), byte);
    if (bytes->empty()) return absl::OkStatus();
    const std::optional<GroupHeader> header = ParseGroupHeader(*bytes, seed_);
    if (!header || header->segment != end_.segment || header->previous.groups <= end_.groups ||
        header->body_bytes > kMaxGroupBytes) {
      continue;
    }
    bytes = window.View(byte + kGroupHeaderBytes, header->body_bytes + kGroupTrailerBytes);
    if (!bytes.ok()) return FailWith(bytes.status(), segment.path(), byte);
    if (!CheckGroup(*header, *bytes)) continue;
    return Fail(segment.path(), end_.byte,
                base::StrCat("the log is damaged here: a good group follows at byte ", byte));
  }
}

absl::Status Recovery::NoteEnd(const std::string& path) {
  const CommitPoint& acknowledged = watermark_.acknowledged;
  if (end_ == acknowledged || acknowledged.segment == 0) met_watermark_ = true;
  const auto place = [](const CommitPoint& point) { return std::pair(point.segment, point.byte); };
  if (!met_watermark_ && place(end_) >= place(acknowledged) && end_.segment != 0) {
    return Fail(path, end_.byte,
                base::StrCat("the log is not the one that was acknowledged up to ",
                             DescribePoint(acknowledged)));
  }
  return absl::OkStatus();
}

absl::Status Recovery::CheckWatermark() {
  const CommitPoint& acknowledged = watermark_.acknowledged;
  if (acknowledged.segment == 0 || met_watermark_) return absl::OkStatus();
  const std::string path =
      segments_.empty() ? base::StrCat(folder_, "/", SegmentName(1)) : segments_.back()->path();
  return Fail(path, end_.byte,
              base::StrCat("acknowledged data is missing: the log ends at ", DescribePoint(end_),
                           ", but was acknowledged up to ", DescribePoint(acknowledged)));
}

absl::Status Recovery::CutTail() {
  BATUTA_CHECK(!segments_.empty());
  base::File& file = segments_.back()->file();
  BATUTA_ASSIGN_OR_RETURN(const uint64_t size, file.Size());
  constexpr size_t kStep = size_t{64} << 10;
  for (uint64_t byte = end_.byte; byte < size; byte += kStep) {
    const size_t step = static_cast<size_t>(std::min<uint64_t>(kStep, size - byte));
    BATUTA_ASSIGN_OR_RETURN(const std::string rest, ReadPatiently(file, byte, step));
    if (!IsZero(rest)) BATUTA_RETURN_IF_ERROR(file.Write(byte, std::string(step, '\0')));
  }
  return file.SyncData();
}

absl::Status Recovery::RemoveLeftovers() {
  BATUTA_ASSIGN_OR_RETURN(const std::vector<std::string> names, disk_->List(folder_));
  for (const std::string& name : names) {
    const std::optional<uint64_t> number = ParseSegmentName(name);
    const bool was_dropped = number && *number < watermark_.first_segment;
    if (!was_dropped && !name.ends_with(kTemporarySuffix)) continue;
    BATUTA_RETURN_IF_ERROR(disk_->Remove(base::StrCat(folder_, "/", name)));
  }
  return absl::OkStatus();
}

VerifyReport VerifySegments(base::Disk& disk, const std::string& folder, const base::Id128& hub) {
  Recovery recovery(&disk, folder, hub, base::Disk::Open::kRead);
  const absl::Status status = recovery.Run();
  VerifyReport report = recovery.report();
  if (!status.ok()) report.error = status;
  return report;
}

}  // namespace batuta::log
