#include "profile/counter.h"

#include <tuple>

#include "base/status.h"
#include "profile/sorted.h"

namespace batuta::profile {
namespace {

using Counters = google::protobuf::RepeatedPtrField<Counter>;

int PlaceOf(const Counters& counters, std::string_view name) {
  return FirstNotBefore(counters, [&](const Counter& counter) { return counter.name() < name; });
}

bool StandsAt(const Counters& counters, int place, std::string_view name) {
  return place < counters.size() && counters.Get(place).name() == name;
}

auto First(const Counter& counter) {
  return std::make_tuple(counter.first_time(), counter.first_partition(), counter.first_offset());
}

auto Last(const Counter& counter) {
  return std::make_tuple(counter.last_time(), counter.last_partition(), counter.last_offset());
}

void Add(const Counter& from, Counter& into) {
  into.set_count(into.count() + from.count());
  if (First(from) < First(into)) {
    into.set_first_time(from.first_time());
    into.set_first_partition(from.first_partition());
    into.set_first_offset(from.first_offset());
  }
  if (Last(from) > Last(into)) {
    into.set_last_time(from.last_time());
    into.set_last_partition(from.last_partition());
    into.set_last_offset(from.last_offset());
  }
}

// Everything but the name.
void SetOnce(base::Time event_time, base::Position position, Counter& counter) {
  counter.set_count(1);
  counter.set_first_time(event_time.micros);
  counter.set_first_partition(base::Index(position.partition));
  counter.set_first_offset(base::Number(position.offset));
  counter.set_last_time(event_time.micros);
  counter.set_last_partition(base::Index(position.partition));
  counter.set_last_offset(base::Number(position.offset));
}

// The greatest names fall: a fixed order, so a name that stays has counted everything.
void EnforceLimit(Counters& counters) {
  while (counters.size() > kMaxCounters) counters.RemoveLast();
}

}  // namespace

void CountEvent(std::string_view name, base::Time event_time, base::Position position,
                Profile& profile) {
  if (name.empty() || name.size() > kMaxEventNameBytes) return;
  Counters& counters = *profile.mutable_counters();
  const int place = PlaceOf(counters, name);
  if (StandsAt(counters, place, name)) {
    Counter once;
    SetOnce(event_time, position, once);
    Add(once, *counters.Mutable(place));
    return;
  }
  Counter& added = InsertAt(counters, place);
  added.set_name(name.data(), name.size());
  SetOnce(event_time, position, added);
  EnforceLimit(counters);
}

void MergeCounters(const Profile& from, Profile& into) {
  BATUTA_CHECK(&from != &into);
  Counters& counters = *into.mutable_counters();
  for (const Counter& counter : from.counters()) {
    const int place = PlaceOf(counters, counter.name());
    if (StandsAt(counters, place, counter.name())) {
      Add(counter, *counters.Mutable(place));
    } else {
      InsertAt(counters, place) = counter;
    }
  }
  EnforceLimit(counters);
}

const Counter* FindCounter(const Profile& profile, std::string_view name) {
  const int place = PlaceOf(profile.counters(), name);
  return StandsAt(profile.counters(), place, name) ? &profile.counters(place) : nullptr;
}

}  // namespace batuta::profile
