// How many records have their places in the log and are not yet applied: what a runtime refuses
// clients by.
//
// Thread-safe. A record is counted as placed before it can be applied.
#pragma once

#include <atomic>
#include <cstdint>

namespace batuta::engine {

class Backlog {
 public:
  void AddPlaced(uint64_t records) { placed_.fetch_add(records); }
  void AddApplied(uint64_t records) { applied_.fetch_add(records); }

  // Never less than none, and at most what got its place in the time of the call too many: the
  // applied ones are read first, since those that are applied between the two readings would
  // otherwise be missing from the others.
  uint64_t records() const {
    const uint64_t applied = applied_.load();
    return placed_.load() - applied;
  }

 private:
  std::atomic<uint64_t> placed_ = 0;
  std::atomic<uint64_t> applied_ = 0;
};

}  // namespace batuta::engine
