// Answers "was this id never seen?" from memory: a filter that may take an unseen id for a seen one
// (fewer than 1 in 100), never the other way round.
//
// A chain of blocked Bloom filters (Putze, Sanders, Singler 2007, "Cache-, Hash- and
// Space-Efficient Bloom Filters", section 3): each id sets 7 bits within one cache line, and takes
// 16 bits of memory. Ids come with the time they were seen, and a filter goes as a whole once all
// of its ids are older than the horizon. Ids are taken as uniform: they are hashes already. Used by
// one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

namespace batuta::engine {

class SeenFilter {
 public:
  void Add(const base::Id128& id, base::Time seen);
  bool MayContain(const base::Id128& id) const;
  // Ids seen at this time or before need no longer be contained.
  void Forget(base::Time horizon);
  size_t bytes() const;

 private:
  struct alignas(64) Line {
    std::array<uint64_t, 8> words = {};
  };
  struct Filter {
    std::vector<Line> lines;
    size_t room = 0;  // ids it can still take
    base::Time newest = base::kDistantPast;
  };

  std::deque<Filter> filters_;  // the last one is being filled
};

}  // namespace batuta::engine
