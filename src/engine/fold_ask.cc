// Which events of whom have to be read, so that their new features are found. Changes nothing.
#include <algorithm>
#include <limits>
#include <string>

#include "base/status.h"
#include "engine/fold.h"
#include "engine/person_traits.h"
#include "engine/reach_slice.h"
#include "engine/timeline_events.h"
#include "feature/plan.h"

namespace batuta::engine {
namespace {

// What a person takes while their features are found, besides the events: their state, mostly.
constexpr size_t kPersonBytes = 256;
// Of one call, so that people with many events do not hold the partition up.
constexpr size_t kBytesPerCall = size_t{64} << 10;

}  // namespace

// Those who are asked for by themselves first: their features are complete for all others.
bool Fold::AskReach(ReachSlice& slice, size_t count) {
  if (!slice.is_begun || slice.reach != reach_.id()) BeginSlice(slice);
  PersonRow scratch;
  const size_t bytes_end = std::min(slice.bytes_max, slice.bytes + kBytesPerCall);
  for (const uint32_t number : PeopleAgain(slice.again, count)) {
    if (slice.bytes >= bytes_end) break;
    const base::PersonId person = *state_.PersonOf(number);
    AskPerson(person, *state_.people.Peek(person, scratch), slice);
    slice.again = number + 1;
    --count;
  }
  if (!reach_.features().empty()) AskInReach(count, bytes_end, slice);
  const bool is_over = reach_.features().empty() || slice.to > reach_.last();
  slice.is_full =
      slice.bytes >= slice.bytes_max || (is_over && PeopleAgain(slice.again, 1).empty());
  return slice.is_full;
}

void Fold::BeginSlice(ReachSlice& slice) const {
  slice = {.bytes_max = slice.bytes_max, .is_begun = true, .reach = reach_.id()};
  slice.from = reach_.next();
  slice.to = reach_.next();
  slice.definitions = definitions_;
  slice.features.assign(reach_.features().begin(), reach_.features().end());
  slice.events.resize(settings_.partitions);
}

// At most `count` people with numbers from slice.to on, until the slice has that many bytes.
void Fold::AskInReach(size_t count, size_t bytes_end, ReachSlice& slice) {
  if (count == 0 || slice.bytes >= bytes_end) return;
  std::vector<std::pair<uint32_t, base::PersonId>> people;
  uint32_t next = reach_.last() + 1;
  state_.ScanNumbers(slice.to, [&](uint32_t number, const base::PersonId& person) {
    if (number > reach_.last()) return false;
    people.emplace_back(number, person);
    if (people.size() < count) return true;
    next = number + 1;
    return false;
  });
  PersonRow scratch;
  for (const auto& [number, person] : people) {
    if (slice.bytes >= bytes_end) {
      slice.to = number;
      return;
    }
    const PersonRow& row = *state_.people.Peek(person, scratch);
    if (!row.reaching().again()) AskPerson(person, row, slice);
  }
  slice.to = next;
}

void Fold::AskPerson(const base::PersonId& id, const PersonRow& row, ReachSlice& slice) {
  const Reaching& reaching = row.reaching();
  const bool is_apart = reaching.again();
  ReachPerson person = {.number = row.number(), .mark = reaching.mark(), .now = log_time()};
  if (is_apart) person.features.assign(reaching.features().begin(), reaching.features().end());
  const std::vector<uint64_t>& features = is_apart ? person.features : slice.features;
  const bool has_live = is_apart || reaching.reach() == slice.reach;
  person.is_told = is_apart || IsToldAnyway(features, has_live, row);
  CollectEvents(id, row, features, has_live, slice);
  slice.people.push_back(std::move(person));
  slice.bytes += kPersonBytes;
}

// But those that the states hold already.
void Fold::CollectEvents(const base::PersonId& id, const PersonRow& row,
                         const std::vector<uint64_t>& features, bool has_live, ReachSlice& slice) {
  const int64_t horizon = HorizonOf(features);
  if (horizon == std::numeric_limits<int64_t>::max()) return;
  std::vector<uint64_t> live;
  if (has_live) live.assign(row.reaching().live().begin(), row.reaching().live().end());
  std::sort(live.begin(), live.end());
  const auto person = static_cast<uint32_t>(slice.people.size());
  VisitTimelineEvents(state_, id, row.profile().timeline(), horizon,
                      [&](const TimelineEvent& event) {
                        const uint64_t packed = PackPosition(event.position);
                        if (std::binary_search(live.begin(), live.end(), packed)) return;
                        slice.events[base::Index(event.position.partition)].emplace_back(
                            event.position.offset, person, event.time);
                        slice.bytes += sizeof(ReachEvent);
                      });
}

// Events at or before this time say nothing about any of these features; the greatest number if
// none does.
int64_t Fold::HorizonOf(const std::vector<uint64_t>& features) const {
  int64_t horizon = std::numeric_limits<int64_t>::max();
  for (const uint64_t number : features) {
    const feature::Feature* feature = features_->set().Find(number);
    if (feature == nullptr || feature->spec.is_of_trait()) continue;
    horizon = std::min(horizon, feature::HorizonOf(feature->plan, log_time()));
  }
  return horizon;
}

// States that are left of an earlier definition have to go; features of dates need a timer.
bool Fold::IsToldAnyway(const std::vector<uint64_t>& features, bool has_live,
                        const PersonRow& row) const {
  for (const feature::FeatureState& state : row.features().states()) {
    if (!has_live && std::binary_search(features.begin(), features.end(), state.feature())) {
      return true;
    }
  }
  const bool is_dated = std::any_of(features.begin(), features.end(), [&](uint64_t number) {
    const feature::Feature* feature = features_->set().Find(number);
    return feature != nullptr && feature->spec.is_of_trait();
  });
  if (!is_dated) return false;
  const base::Time next = NextChangeOf(row);
  return next != base::kDistantFuture &&
         (!row.has_features_due() || row.features_due() > next.micros);
}

}  // namespace batuta::engine
