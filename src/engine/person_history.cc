#include "engine/person_history.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "engine/feature_event.h"
#include "engine/kept_records.h"
#include "engine/person_traits.h"
#include "feature/value.h"

namespace batuta::engine {
namespace {

bool NeedsIt(const Definitions& definitions, const PersonRow& row, base::Time now,
             const feature::FeatureState& state) {
  const feature::Feature* feature = definitions.features->set()->Find(state.feature());
  return feature != nullptr && state.has_dropped() &&
         feature::NeedsHistory(*feature, &state, MomentOf(definitions, row.profile(), now));
}

}  // namespace

bool NeedsHistory(const Definitions& definitions, const PersonRow& row, base::Time now) {
  return std::any_of(row.features().states().begin(), row.features().states().end(),
                     [&](const auto& state) { return NeedsIt(definitions, row, now, state); });
}

TimelineCopy CopyTimeline(Fold& fold, const base::PersonId& person, const PersonRow& row) {
  TimelineCopy copy = {.timeline = row.profile().timeline(), .blocks = {}};
  for (const uint32_t number : copy.timeline.blocks().number()) {
    auto bytes = fold.state().timeline.Get(TimelineKey(person, number));
    BATUTA_CHECK(bytes.has_value(), "a block of a timeline is missing");
    copy.blocks.push_back(*std::move(bytes));
  }
  return copy;
}

PersonHistory::PersonHistory(const log::History& history, const feature::FeatureSet& set,
                             const TimelineCopy& timeline)
    : history_(history), set_(set), is_whole_(timeline.timeline.dropped() == 0) {
  Add(timeline.timeline.head());
  for (const std::string& bytes : timeline.blocks) {
    profile::TimelineBlock block;
    BATUTA_CHECK(block.ParseFromString(bytes));
    Add(block.entries());
  }
  for (auto& [partition, places] : places_) {
    std::sort(places.begin(), places.end(),
              [](const Place& a, const Place& b) { return a.offset < b.offset; });
  }
}

void PersonHistory::Add(const profile::TimelineEntries& entries) {
  for (int i = 0; i < entries.event_time_size(); ++i) {
    if (!IsEvent(entries.kind(i))) continue;
    places_[base::PartitionId{static_cast<uint16_t>(entries.partition(i))}].push_back(
        {base::Offset{entries.offset(i)}, base::Time{entries.event_time(i)}});
  }
}

absl::Status PersonHistory::Visit(base::Time after,
                                  absl::FunctionRef<void(const feature::Event&)> visit) const {
  const absl::Status incomplete =
      absl::OutOfRangeError("not all of the person's events are kept any more");
  if (!is_whole_) return incomplete;
  FeatureEventReader reader(set_);
  for (const auto& [partition, all] : places_) {
    std::vector<Place> places;
    std::copy_if(all.begin(), all.end(), std::back_inserter(places),
                 [&](const Place& place) { return place.time > after; });
    size_t found = 0;
    BATUTA_RETURN_IF_ERROR(VisitKept(
        history_, partition, places.size(), [&](size_t i) { return places[i].offset; },
        [&](size_t i, const log::Record& record) {
          ++found;
          const feature::Event* event = reader.Read(record, places[i].time);
          if (event != nullptr) visit(*event);
        }));
    if (found < places.size()) return incomplete;
  }
  return absl::OkStatus();
}

absl::Status ReadHistory(const log::History& history, const Definitions& definitions,
                         const TimelineCopy& timeline, base::Time now, PersonRow& row) {
  const std::shared_ptr<const feature::FeatureSet>& set = definitions.features->set();
  const PersonHistory events(history, *set, timeline);
  feature::FeatureFold fold(set);
  std::vector<const feature::Feature*> features;
  std::vector<feature::FeatureState*> states;
  for (feature::FeatureState& state : *row.mutable_features()->mutable_states()) {
    if (!NeedsIt(definitions, row, now, state)) continue;
    features.push_back(set->Find(state.feature()));
    states.push_back(&state);
  }
  // What is kept may be enough for some of them.
  auto rebuilt = fold.Rebuild(features, events, now);
  for (size_t i = 0; i < states.size(); ++i) {
    auto alone = rebuilt.ok() ? absl::StatusOr<std::vector<feature::FeatureState>>({(*rebuilt)[i]})
                              : fold.Rebuild({&features[i], 1}, events, now);
    if (absl::IsOutOfRange(alone.status())) continue;
    BATUTA_RETURN_IF_ERROR(alone.status());
    *states[i] = std::move(alone->front());
  }
  return absl::OkStatus();
}

}  // namespace batuta::engine
