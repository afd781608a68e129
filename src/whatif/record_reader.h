// The records of one partition in the order of its log, one at a time: the history gives them to a
// visitor, a simulation of many partitions takes them as it needs them.
//
// Keeps a few hundred records in memory. Used by one thread at a time.
#pragma once

#include <cstddef>
#include <deque>

#include "absl/status/status.h"
#include "base/ids.h"
#include "log/history.h"
#include "log/record.h"

namespace batuta::whatif {

class RecordReader {
 public:
  // From the first record to the one at `end`. The history outlives the reader. It must be whole:
  // see log::History::Start.
  RecordReader(const log::History& history, base::PartitionId partition, base::Offset end)
      : history_(history), partition_(partition), end_(end) {}

  // The next record, until it is taken; null when there is none, or none that can be read: see
  // status().
  const log::Record* Peek();
  log::Record Take();  // requires: Peek() gave it

  const absl::Status& status() const { return status_; }

 private:
  void Fill();

  const log::History& history_;
  const base::PartitionId partition_;
  const base::Offset end_;
  base::Offset read_{0};
  std::deque<log::Record> waiting_;
  absl::Status status_;
};

}  // namespace batuta::whatif
