// Finds new features from the history, in the background: the job behind fold_reach.cc.
//
// Round by round, until nobody lacks anything: the partitions say which events of which people are
// to be read, as many as fit into memory; these are read in the order of the log, each block of the
// archive once; each goes into the features of its person; and what comes out is logged, a few
// people at a time, the next when those are folded. Nothing is kept in between but what the folds
// know: after a crash the round begins anew.
//
// Step() is called by one thread at a time; the rest by any.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/clock.h"
#include "base/ids.h"
#include "engine/reach_round.h"
#include "engine/reach_slice.h"
#include "engine/runtime.h"
#include "log/history.h"

namespace batuta::engine {

struct ReachOptions {
  // Nothing is owned; all outlive the job.
  Runtime* runtime = nullptr;
  const log::History* history = nullptr;
  base::Clock* clock = nullptr;
  size_t bytes_max = 0;  // of what a round keeps in memory, about
  std::function<void(const absl::Status&)> fatal;
};

class Reach {
 public:
  explicit Reach(ReachOptions options);
  ~Reach();

  // A few milliseconds of work; false if there was nothing to do.
  bool Step();

  // Events read since the process began; and of the round under way, how many there are and how
  // many have been read.
  struct Progress {
    uint64_t events_read = 0;
    uint64_t round_events = 0;
    uint64_t round_read = 0;
  };
  Progress progress() const;

 private:
  enum class Stage { kIdle, kAsking, kReading, kTelling };
  struct Part {
    ReachSlice slice;  // while it is asked
    // How far it has been told. Written by the committer's thread; then read by Step.
    std::atomic<bool> is_appending = false;
    std::atomic<uint64_t> told = 0;  // offset of the last record
  };

  void Ask();
  void AskPartition(base::PartitionId partition);
  void BeginReading();
  void ReadSome();
  bool TellSome();
  void Append(std::vector<log::Entry> entries, std::vector<std::shared_ptr<Part>> parts);

  const ReachOptions options_;
  Stage stage_ = Stage::kIdle;
  std::shared_ptr<std::atomic<size_t>> asking_;  // partitions that have more to say
  std::vector<std::shared_ptr<Part>> parts_;     // by partition
  std::unique_ptr<ReachRound> round_;

  std::atomic<uint64_t> events_read_ = 0;
  std::atomic<uint64_t> round_events_ = 0;
  std::atomic<uint64_t> round_read_ = 0;
};

}  // namespace batuta::engine
