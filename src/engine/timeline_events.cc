#include "engine/timeline_events.h"

#include "base/status.h"
#include "engine/feature_event.h"

namespace batuta::engine {
namespace {

void VisitEntries(const profile::TimelineEntries& entries, int64_t after,
                  absl::FunctionRef<void(const TimelineEvent&)> visit) {
  for (int i = 0; i < entries.event_time_size(); ++i) {
    if (entries.event_time(i) <= after || !IsEvent(entries.kind(i))) continue;
    visit({.position = {base::PartitionId{static_cast<uint16_t>(entries.partition(i))},
                        base::Offset{entries.offset(i)}},
           .time = {entries.event_time(i)},
           .kind = entries.kind(i)});
  }
}

}  // namespace

void VisitTimelineEvents(PartitionState& state, const base::PersonId& person,
                         const profile::Timeline& timeline, int64_t after,
                         absl::FunctionRef<void(const TimelineEvent&)> visit) {
  VisitEntries(timeline.head(), after, visit);
  const profile::TimelineIndex& blocks = timeline.blocks();
  for (int i = 0; i < blocks.number_size(); ++i) {
    if (blocks.newest(i) <= after) continue;
    const auto bytes = state.timeline.Get(TimelineKey(person, blocks.number(i)));
    profile::TimelineBlock block;
    BATUTA_CHECK(bytes.has_value() && block.ParseFromString(*bytes),
                 "a block of a timeline is missing");
    VisitEntries(block.entries(), after, visit);
  }
}

}  // namespace batuta::engine
