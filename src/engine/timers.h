// What a partition must do at a later log time, in the order (due, id).
//
// A timer is set and cancelled by its (due, kind, target); setting it twice is once. Timers fire by
// log time only: the runtime appends a tick when one is due, and the fold takes at most 1,000 a
// tick. Used by one thread, the partition's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "engine/layered_rows.h"

namespace batuta::engine {

// Kept in the rows: never renumber.
enum class TimerKind : uint8_t {
  kDecisionSettle = 1,  // target: person id; a decision has waited long enough for links to settle
  kChoiceDeadline =
      2,               // target: person id, decision id, slot; an open choice expires or is ignored
  kPublishModels = 3,  // no target; changed models of this partition are published
  kSegmentTurn = 4,    // person id; rules of segments that ask for the time may say otherwise
  kSegmentSweep = 5,   // no target; members of new definitions are to be found
  kFeatures = 6,       // target: person id; time alone may change a feature
  kPopulation = 7,     // no target; control partition: a population is to be measured
  kMeasuring = 8,      // no target; numbers of people are to be taken
  kPopulationSweep = 9,  // no target; people are to be asked for new cut points
  kLeases = 12,          // no target; a period has ended, or more of a constraint is allowed
};

struct Timer {
  base::Time due;
  TimerKind kind{};
  std::string target = {};  // bytes, at most 64
  friend auto operator<=>(const Timer&, const Timer&) = default;
};

inline constexpr size_t kTimersPerTick = 1000;

class Timers {
 public:
  explicit Timers(store::Database& database);

  void Set(const Timer& timer);
  void Cancel(const Timer& timer);

  // Removes and returns the timers due at or before `now`, at most kTimersPerTick, in order.
  std::vector<Timer> TakeDue(base::Time now);

  // When the next timer is due; kDistantFuture if there is none.
  base::Time NextDue();

  // Every timer, in order.
  void ForEach(absl::FunctionRef<bool(const Timer&)> visit);

  std::shared_ptr<const LayeredRows::Layer> Freeze() { return rows_.Freeze(); }
  void Written() { rows_.Written(); }
  size_t dirty_bytes() const { return rows_.dirty_bytes(); }

 private:
  LayeredRows rows_;
  base::Time next_due_;  // valid when known_
  bool known_ = false;
  std::string fired_to_;  // no row stands before this key
};

}  // namespace batuta::engine
