#include "engine/reach_round.h"

#include <algorithm>
#include <utility>

#include "base/status.h"

namespace batuta::engine {
namespace {

// What one record says: a few milliseconds of folding.
constexpr int kPeoplePerRecord = 128;
constexpr size_t kBytesPerRecord = size_t{128} << 10;

}  // namespace

ReachRound::ReachRound(const log::History& history, std::vector<ReachSlice> slices)
    : round_(history, static_cast<uint16_t>(slices.size())) {
  for (ReachSlice& slice : slices) {
    Part part = {.slice = std::move(slice), .first = static_cast<uint32_t>(round_.people())};
    part.from = part.slice.from;
    for (const ReachPerson& person : part.slice.people) round_.AddPerson(person.now);
    for (uint16_t i = 0; i < part.slice.events.size(); ++i) {
      round_.AddEvents(part.first, base::PartitionId{i}, part.slice.events[i]);
    }
    part.slice.events.clear();
    parts_.push_back(std::move(part));
  }
  round_.Begin(AskedFeatures());
}

bool ReachRound::IsEmpty(const std::vector<ReachSlice>& slices) {
  return std::all_of(slices.begin(), slices.end(),
                     [](const ReachSlice& slice) { return slice.IsEmpty(); });
}

// Partitions may have switched to other definitions one after the other; a number means the same
// everywhere.
std::shared_ptr<const feature::FeatureSet> ReachRound::AskedFeatures() const {
  std::vector<feature::FeatureSpec> specs;
  const auto add = [&specs](const ReachSlice& slice, const std::vector<uint64_t>& numbers) {
    for (const uint64_t number : numbers) {
      const feature::Feature* feature = slice.definitions->features->set()->Find(number);
      if (feature == nullptr || feature->spec.is_of_trait()) continue;
      if (std::find(specs.begin(), specs.end(), feature->spec) != specs.end()) continue;
      specs.push_back(feature->spec);
    }
  };
  for (const Part& part : parts_) {
    add(part.slice, part.slice.features);
    for (const ReachPerson& person : part.slice.people) add(part.slice, person.features);
  }
  auto set = feature::FeatureSet::Make(specs);
  BATUTA_CHECK_OK(set.status());
  return *std::move(set);
}

// Those who were asked for by themselves (with a mark) stand anywhere among the others of a slice,
// and are in no range: the record's range ends after the last of the others.
std::optional<FeaturesFound> ReachRound::Next(base::PartitionId partition) {
  Part& part = parts_[base::Index(partition)];
  const ReachSlice& slice = part.slice;
  FeaturesFound found;
  size_t bytes = 0;
  uint32_t to = part.from;
  while (part.next < slice.people.size() && found.people_size() < kPeoplePerRecord &&
         bytes < kBytesPerRecord) {
    const ReachPerson& person = slice.people[part.next];
    if (person.mark == 0) to = person.number + 1;
    const int before = found.people_size();
    AddPerson(person, part, found);
    if (found.people_size() > before) bytes += found.people(before).features().ByteSizeLong();
  }
  if (part.next == slice.people.size()) to = slice.to;
  if (found.people().empty() && to == part.from) return std::nullopt;
  found.set_reach(slice.reach);
  found.set_from(part.from);
  found.set_to(to);
  part.from = to;
  return found;
}

void ReachRound::AddPerson(const ReachPerson& person, Part& part, FeaturesFound& found) {
  const auto features = round_.TakeFeatures(part.first + static_cast<uint32_t>(part.next++));
  if (features == nullptr && !person.is_told) return;
  FoundPerson& one = *found.add_people();
  one.set_number(person.number);
  one.set_mark(person.mark);
  if (features == nullptr) return;
  const std::vector<uint64_t>& wanted = person.mark != 0 ? person.features : part.slice.features;
  for (feature::FeatureState& state : *features->mutable_states()) {
    if (!std::binary_search(wanted.begin(), wanted.end(), state.feature())) continue;
    *one.mutable_features()->add_states() = std::move(state);
  }
}

}  // namespace batuta::engine
