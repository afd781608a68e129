// The watermark: a small file beside the segments that says how far the log was acknowledged.
//
// It is behind the truth by at most its interval, never ahead of it. A log that ends before its
// watermark has lost acknowledged data, be it to a disk that lies or to an old copy put back in
// place.
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "base/disk.h"
#include "base/ids.h"
#include "base/time.h"
#include "log/group.h"

namespace batuta::log {

inline constexpr char kWatermarkName[] = "watermark";

struct WatermarkContent {
  base::Id128 hub;
  uint64_t first_segment = 1;  // the oldest one that must be there
  CommitPoint acknowledged;    // the last known; before everything in a new log
};

// Nothing if there is no watermark; DataLoss if it is damaged, FailedPrecondition for an unknown
// version.
absl::StatusOr<std::optional<WatermarkContent>> ReadWatermark(base::Disk& disk,
                                                              const std::string& folder);

class Watermark {
 public:
  // The disk outlives the watermark.
  Watermark(base::Disk* disk, std::string folder, WatermarkContent content);

  // Notes an acknowledged point, and writes it if the last writing is an interval ago. Harmless
  // errors (see IsHarmless) are forgotten: the file only stays behind a little longer.
  absl::Status Advance(const CommitPoint& acknowledged, base::Duration now,
                       base::Duration interval);
  // Writes what was noted.
  absl::Status Write();
  // Durably says that older segments need not be there any more.
  absl::Status SetFirstSegment(uint64_t number);

 private:
  absl::Status WriteLocked(uint64_t first_segment) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  base::Disk* const disk_;
  const std::string folder_;
  absl::Mutex mutex_;
  WatermarkContent content_ ABSL_GUARDED_BY(mutex_);
  std::optional<base::Duration> written_at_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace batuta::log
