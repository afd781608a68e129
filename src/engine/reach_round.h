// A round of finding new features: the people whom the partitions named, the events that are to be
// read of them, and what comes out, in records to be folded.
//
// Used by one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "engine/history_round.h"
#include "engine/reach_slice.h"
#include "engine/record.h"
#include "feature/set.h"
#include "log/history.h"

namespace batuta::engine {

class ReachRound {
 public:
  // A slice of each partition, in their order. The history outlives the round.
  ReachRound(const log::History& history, std::vector<ReachSlice> slices);

  // Nobody lacks anything.
  static bool IsEmpty(const std::vector<ReachSlice>& slices);

  // Reads at most so many events, and gives how many; 0: all are read. Errors of the history are
  // passed on.
  absl::StatusOr<size_t> ReadSome(size_t count) { return round_.ReadSome(count); }
  uint64_t events() const { return round_.events(); }

  // When all are read: what the partition is to be told next, a few people at a time; nothing when
  // it has been told all.
  std::optional<FeaturesFound> Next(base::PartitionId partition);

 private:
  // What a partition asked for, and how far it has been told.
  struct Part {
    ReachSlice slice;
    uint32_t first = 0;  // of its people in the round
    size_t next = 0;     // to be told; index into slice.people
    uint32_t from = 0;
  };
  std::shared_ptr<const feature::FeatureSet> AskedFeatures() const;
  void AddPerson(const ReachPerson& person, Part& part, FeaturesFound& found);

  HistoryRound round_;
  std::vector<Part> parts_;  // by partition
};

}  // namespace batuta::engine
