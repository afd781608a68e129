#include "engine/seen_filter.h"

#include <algorithm>

namespace batuta::engine {
namespace {

constexpr size_t kLineBits = 512;
constexpr size_t kIdsPerLine = 32;  // 16 bits for each
constexpr int kBitsPerId = 7;
// The filters grow, so that a small hub needs little and a large one asks few of them.
constexpr size_t kSmallest = 1024;  // lines
constexpr size_t kLargest = size_t{1} << 15;

size_t LineOf(const base::Id128& id, size_t lines) {
  return static_cast<size_t>((static_cast<unsigned __int128>(id.high) * lines) >> 64);
}

// Nine bits of the id's lower half choose each bit of the line.
size_t BitOf(const base::Id128& id, int number) { return (id.low >> (9 * number)) % kLineBits; }

}  // namespace

void SeenFilter::Add(const base::Id128& id, base::Time seen) {
  if (filters_.empty() || filters_.back().room == 0) {
    const size_t lines =
        filters_.empty() ? kSmallest : std::min(4 * filters_.back().lines.size(), kLargest);
    filters_.push_back({.lines = std::vector<Line>(lines), .room = lines * kIdsPerLine});
  }
  Filter& filter = filters_.back();
  Line& line = filter.lines[LineOf(id, filter.lines.size())];
  for (int i = 0; i < kBitsPerId; ++i) {
    const size_t bit = BitOf(id, i);
    line.words[bit / 64] |= uint64_t{1} << bit % 64;
  }
  --filter.room;
  filter.newest = std::max(filter.newest, seen);
}

bool SeenFilter::MayContain(const base::Id128& id) const {
  for (const Filter& filter : filters_) {
    const Line& line = filter.lines[LineOf(id, filter.lines.size())];
    bool all = true;
    for (int i = 0; i < kBitsPerId && all; ++i) {
      const size_t bit = BitOf(id, i);
      all = (line.words[bit / 64] >> bit % 64 & 1) != 0;
    }
    if (all) return true;
  }
  return false;
}

void SeenFilter::Forget(base::Time horizon) {
  while (!filters_.empty() && filters_.front().newest <= horizon) filters_.pop_front();
}

size_t SeenFilter::bytes() const {
  size_t bytes = 0;
  for (const Filter& filter : filters_) bytes += filter.lines.size() * sizeof(Line);
  return bytes;
}

}  // namespace batuta::engine
