#include "engine/runtime_reach.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/status.h"

namespace batuta::engine {
namespace {

// People who are asked for between other work of a partition: about a millisecond.
constexpr size_t kPeoplePerTask = 64;
constexpr size_t kEventsPerStep = 8192;
// What one record says: a few milliseconds of folding.
constexpr int kPeoplePerRecord = 128;
constexpr size_t kBytesPerRecord = size_t{128} << 10;
// Above it live traffic goes first.
constexpr double kPressureMax = 0.5;

}  // namespace

Reach::Reach(ReachOptions options) : options_(std::move(options)) {}
Reach::~Reach() = default;

Reach::Progress Reach::progress() const {
  return {.events_read = events_read_.load(),
          .round_events = round_events_.load(),
          .round_read = round_read_.load()};
}

bool Reach::Step() {
  switch (stage_) {
    case Stage::kIdle:
      if (!options_.runtime->TakeReachChanged()) return false;
      Ask();
      return true;
    case Stage::kAsking:
      if (asking_->load(std::memory_order_acquire) > 0) return false;
      BeginReading();
      return true;
    case Stage::kReading:
      if (options_.runtime->Pressure() > kPressureMax) return false;
      ReadSome();
      return true;
    case Stage::kTelling:
      return TellSome();
  }
  BATUTA_CHECK(false);
}

// ---- Asking

void Reach::Ask() {
  const uint16_t partitions = options_.runtime->partitions();
  parts_.clear();
  asking_ = std::make_shared<std::atomic<size_t>>(partitions);
  for (uint16_t i = 0; i < partitions; ++i) {
    auto part = std::make_shared<Part>();
    part->slice.bytes_max = options_.bytes_max / partitions;
    parts_.push_back(std::move(part));
  }
  stage_ = Stage::kAsking;
  for (uint16_t i = 0; i < partitions; ++i) AskPartition(base::PartitionId{i});
}

void Reach::AskPartition(base::PartitionId partition) {
  options_.runtime->Run(partition, [this, partition, part = parts_[base::Index(partition)],
                                    asking = asking_](Fold& fold) {
    if (!fold.AskReach(part->slice, kPeoplePerTask)) return AskPartition(partition);
    asking->fetch_sub(1, std::memory_order_release);
  });
}

// ---- Reading

void Reach::BeginReading() {
  const bool is_empty =
      std::all_of(parts_.begin(), parts_.end(),
                  [](const std::shared_ptr<Part>& part) { return part->slice.IsEmpty(); });
  if (is_empty) {
    parts_.clear();
    stage_ = Stage::kIdle;
    return;
  }
  round_ = std::make_unique<HistoryRound>(*options_.history, static_cast<uint16_t>(parts_.size()));
  for (const std::shared_ptr<Part>& part : parts_) {
    ReachSlice& slice = part->slice;
    part->first = static_cast<uint32_t>(round_->people());
    part->from = slice.from;
    for (const ReachPerson& person : slice.people) round_->AddPerson(person.now);
    for (uint16_t i = 0; i < slice.events.size(); ++i) {
      round_->AddEvents(part->first, base::PartitionId{i}, slice.events[i]);
    }
    slice.events.clear();
  }
  round_->Begin(AskedFeatures());
  round_events_ = round_->events();
  round_read_ = 0;
  stage_ = Stage::kReading;
}

// Partitions may have switched to other definitions one after the other; a number means the same
// everywhere.
std::shared_ptr<const feature::FeatureSet> Reach::AskedFeatures() const {
  std::vector<feature::FeatureSpec> specs;
  const auto add = [&specs](const ReachSlice& slice, const std::vector<uint64_t>& numbers) {
    for (const uint64_t number : numbers) {
      const feature::Feature* feature = slice.definitions->features->set()->Find(number);
      if (feature == nullptr || feature->spec.is_of_trait()) continue;
      if (std::find(specs.begin(), specs.end(), feature->spec) != specs.end()) continue;
      specs.push_back(feature->spec);
    }
  };
  for (const std::shared_ptr<Part>& part : parts_) {
    add(part->slice, part->slice.features);
    for (const ReachPerson& person : part->slice.people) add(part->slice, person.features);
  }
  auto set = feature::FeatureSet::Make(specs);
  BATUTA_CHECK_OK(set.status());
  return *std::move(set);
}

void Reach::ReadSome() {
  const auto read = round_->ReadSome(kEventsPerStep);
  if (!read.ok()) return options_.fatal(read.status());
  events_read_ += *read;
  round_read_ += *read;
  if (*read < kEventsPerStep) stage_ = Stage::kTelling;
}

// ---- Telling

// The next record of every partition that has folded the one before.
bool Reach::TellSome() {
  if (options_.runtime->Pressure() > kPressureMax) return false;
  std::vector<log::Entry> entries;
  std::vector<std::shared_ptr<Part>> told;
  bool is_over = true;
  for (size_t i = 0; i < parts_.size(); ++i) {
    const std::shared_ptr<Part>& part = parts_[i];
    const base::PartitionId partition{static_cast<uint16_t>(i)};
    const bool is_folded =
        !part->is_appending.load(std::memory_order_acquire) &&
        base::Number(options_.runtime->partition(partition).applied()) >= part->told.load();
    is_over &= is_folded;
    if (!is_folded) continue;
    const std::optional<FeaturesFound> found = NextFound(*part);
    if (!found.has_value()) continue;
    is_over = false;
    entries.push_back({.partition = partition,
                       .type = static_cast<uint8_t>(RecordType::kFeaturesFound),
                       .stamp = options_.clock->Wall(),
                       .id = {},
                       .payload = found->SerializeAsString()});
    told.push_back(part);
  }
  if (is_over) {
    parts_.clear();
    round_.reset();
    stage_ = Stage::kIdle;
    return true;
  }
  if (entries.empty()) return false;
  Append(std::move(entries), std::move(told));
  return true;
}

// Those who were asked for by themselves (with a mark) stand anywhere among the others of a slice,
// and are in no range: the record's range ends after the last of the others.
std::optional<FeaturesFound> Reach::NextFound(Part& part) {
  const ReachSlice& slice = part.slice;
  FeaturesFound found;
  size_t bytes = 0;
  uint32_t to = part.from;
  while (part.next < slice.people.size() && found.people_size() < kPeoplePerRecord &&
         bytes < kBytesPerRecord) {
    const ReachPerson& person = slice.people[part.next];
    const auto features = round_->TakeFeatures(part.first + static_cast<uint32_t>(part.next++));
    if (person.mark == 0) to = person.number + 1;
    if (features == nullptr && !person.is_told) continue;
    FoundPerson& one = *found.add_people();
    one.set_number(person.number);
    one.set_mark(person.mark);
    if (features == nullptr) continue;
    const std::vector<uint64_t>& wanted = person.mark != 0 ? person.features : slice.features;
    for (feature::FeatureState& state : *features->mutable_states()) {
      if (!std::binary_search(wanted.begin(), wanted.end(), state.feature())) continue;
      *one.mutable_features()->add_states() = std::move(state);
    }
    bytes += one.features().ByteSizeLong();
  }
  if (part.next == slice.people.size()) to = slice.to;
  if (found.people().empty() && to == part.from) return std::nullopt;
  found.set_reach(slice.reach);
  found.set_from(part.from);
  found.set_to(to);
  part.from = to;
  return found;
}

void Reach::Append(std::vector<log::Entry> entries, std::vector<std::shared_ptr<Part>> parts) {
  for (const std::shared_ptr<Part>& part : parts) part->is_appending = true;
  options_.runtime->AppendInternal(
      std::move(entries),
      [parts = std::move(parts)](const absl::StatusOr<std::vector<base::Position>>& places) {
        if (!places.ok()) return;  // the process ends
        for (size_t i = 0; i < parts.size(); ++i) {
          parts[i]->told = base::Number((*places)[i].offset);
          parts[i]->is_appending.store(false, std::memory_order_release);
        }
      });
}

}  // namespace batuta::engine
