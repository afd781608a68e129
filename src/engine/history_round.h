// What features are of many people, from their events in the history: read in the order of the log,
// so that each block of the archive is read once, however many people have events in it.
//
// First the people and where their events are, then Begin, then ReadSome until all is read. Keeps
// 16 bytes an event, and what it found. Used by one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "base/time.h"
#include "engine/feature_event.h"
#include "engine/reach_slice.h"
#include "feature/set.h"
#include "log/history.h"

namespace batuta::engine {

class HistoryRound {
 public:
  // The history outlives it.
  HistoryRound(const log::History& history, uint16_t partitions);

  // Gives their number in the round, from 0 on. `now` is log time when they were asked for: what
  // has left the windows by then is not kept.
  uint32_t AddPerson(base::Time now);
  // Of a partition of the log; the people of the events are counted from `first`.
  void AddEvents(uint32_t first, base::PartitionId partition,
                 const std::vector<ReachEvent>& events);

  void Begin(std::shared_ptr<const feature::FeatureSet> set);

  // Reads at most so many events, and gives how many; 0: all are read. What is no longer kept
  // counts, too, and is left out. Errors of the history are passed on.
  absl::StatusOr<size_t> ReadSome(size_t count);

  size_t people() const { return people_.size(); }
  uint64_t events() const { return count_; }  // since Begin, of all people
  // Null if there is nothing to say of them. The round has them no more.
  std::unique_ptr<feature::PersonFeatures> TakeFeatures(uint32_t person);

 private:
  struct Person {
    base::Time now;
    std::unique_ptr<feature::PersonFeatures> features = nullptr;
  };
  void Take(const ReachEvent& event, const log::Record& record);

  const log::History& history_;
  std::vector<Person> people_;
  std::vector<std::vector<ReachEvent>> events_;  // by partition of the log; after Begin ascending
  uint64_t count_ = 0;
  size_t partition_ = 0;  // being read, and how far
  size_t next_ = 0;
  std::unique_ptr<feature::FeatureFold> fold_;
  std::unique_ptr<FeatureEventReader> reader_;  // of what the fold folds
};

}  // namespace batuta::engine
