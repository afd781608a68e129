// Where the events of a person are in the log, by the person's timeline.
#pragma once

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "base/ids.h"
#include "base/time.h"
#include "engine/state.h"
#include "profile/profile.pb.h"

namespace batuta::engine {

struct TimelineEvent {
  base::Position position;
  base::Time time;  // as the timeline has it: corrected and clamped
  uint32_t kind = 0;
};

// Visits the events after that time (in microseconds), in no order, reading no block that has none.
// On the partition's thread.
void VisitTimelineEvents(PartitionState& state, const base::PersonId& person,
                         const profile::Timeline& timeline, int64_t after,
                         absl::FunctionRef<void(const TimelineEvent&)> visit);

}  // namespace batuta::engine
