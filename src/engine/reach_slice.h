// What is to be read from the history of some people of one partition, so that features of theirs
// are found. Filled on the partition's thread (Fold::AskReach), worked on elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "engine/definitions.h"

namespace batuta::engine {

// A position as one number.
inline constexpr int kOffsetBits = 48;
uint64_t PackPosition(const base::Position& position);

// An event of somebody: 16 bytes, as there are many.
struct ReachEvent {
  static constexpr int kPersonBits = 24;
  static constexpr uint32_t kPersonMax = (uint32_t{1} << kPersonBits) - 1;

  ReachEvent(base::Offset offset, uint32_t person, base::Time at)
      : place(base::Number(offset) << kPersonBits | person), time(at) {}
  base::Offset offset() const { return base::Offset{place >> kPersonBits}; }
  uint32_t person() const { return static_cast<uint32_t>(place) & kPersonMax; }

  uint64_t place;   // sorts by offset; then the index of the person
  base::Time time;  // as the timeline has it: corrected and clamped
};

struct ReachPerson {
  uint32_t number = 0;
  uint64_t mark = 0;                    // Reaching.mark of who is asked for by themselves; else 0
  base::Time now;                       // log time
  bool is_told = false;                 // also if nothing is found
  std::vector<uint64_t> features = {};  // with a mark: which; without: those of the slice
};

struct ReachSlice {
  size_t bytes_max = 0;

  bool is_begun = false;
  bool is_full = false;
  uint64_t reach = 0;  // ReachRow.id
  uint32_t from = 0;   // everybody with a number in [from, to) is in it
  uint32_t to = 0;
  uint32_t again = 1;  // people who are asked for by themselves: those below are in it
  std::shared_ptr<const Definitions> definitions = nullptr;
  std::vector<uint64_t> features = {};  // ascending
  std::vector<ReachPerson> people = {};
  std::vector<std::vector<ReachEvent>> events = {};  // by the partition of the log
  size_t bytes = 0;

  bool IsEmpty() const { return people.empty() && from == to; }
};

}  // namespace batuta::engine
