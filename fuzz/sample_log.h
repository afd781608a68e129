// A small log for the targets that damage one: a few segments, three partitions, and groups behind
// the watermark that nobody has been told of durably.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/manual_clock.h"
#include "base/random.h"
#include "base/status.h"
#include "log/embedded_log.h"
#include "log/sim_disk.h"

namespace batuta::fuzz {

inline constexpr base::Id128 kHub{0x0123456789ABCDEF, 0xFEDCBA9876543210};
inline constexpr int kPartitions = 3;
inline constexpr char kLogFolder[] = "/log";

inline base::PartitionId Partition(int number) {
  return base::PartitionId{static_cast<uint16_t>(number)};
}

inline absl::StatusOr<std::unique_ptr<log::EmbeddedLog>> OpenLog(base::Disk& disk,
                                                                 base::Clock& clock) {
  return log::EmbeddedLog::Open({.disk = &disk,
                                 .clock = &clock,
                                 .folder = kLogFolder,
                                 .hub = kHub,
                                 .segment_bytes = 8 * 1024,
                                 .reserve_bytes = 0,
                                 .fatal = [](const absl::Status&) {}});
}

// By partition, its records in order.
using Records = std::map<int, std::vector<log::Record>>;

// What the records of a partition are, until the first that cannot be read.
template <typename Source>
std::pair<std::vector<log::Record>, absl::Status> Read(const Source& source, int partition,
                                                       base::Offset after = {}) {
  std::vector<log::Record> records;
  const absl::Status status = source.Scan(Partition(partition), after, base::Offset{~uint64_t{0}},
                                          [&](const log::Record& record) {
                                            records.push_back(record);
                                            return absl::OkStatus();
                                          });
  return {std::move(records), status};
}

inline bool Same(const log::Record& a, const log::Record& b) {
  return a.position == b.position && a.type == b.type && a.stamp == b.stamp && a.id == b.id &&
         a.payload == b.payload;
}

inline std::vector<log::Entry> SampleGroup(base::Random& random, uint64_t number) {
  std::vector<log::Entry> entries;
  for (uint64_t i = 0; i < 1 + random.Below(4); ++i) {
    entries.push_back(
        {.partition = Partition(static_cast<int>(random.Below(kPartitions))),
         .type = static_cast<uint8_t>(1 + random.Below(9)),
         .stamp = {static_cast<int64_t>(number * 1000)},
         .id = {{number, i}},
         .payload = std::string(random.Below(300), static_cast<char>(random.Bits()))});
  }
  return entries;
}

// Fills a new log; what `acknowledged` then says is known to the watermark.
inline std::unique_ptr<log::EmbeddedLog> MakeSampleLog(base::Disk& disk, base::ManualClock& clock,
                                                       log::Offsets& acknowledged) {
  constexpr uint64_t kGroups = 32;
  constexpr uint64_t kBehindWatermark = 6;
  auto log = OpenLog(disk, clock);
  BATUTA_CHECK_OK(log.status());
  base::Random random(1, base::Id128{}, "sample log", "");
  for (uint64_t i = 0; i < kGroups; ++i) {
    if (i + kBehindWatermark < kGroups) clock.Advance(base::Seconds(2));
    BATUTA_CHECK_OK((*log)->Append(SampleGroup(random, i)).status());
    if (i + kBehindWatermark < kGroups) acknowledged = (*log)->Ends();
  }
  return *std::move(log);
}

}  // namespace batuta::fuzz
