#include "engine/history_round.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "engine/kept_records.h"

namespace batuta::engine {

HistoryRound::HistoryRound(const log::History& history, uint16_t partitions)
    : history_(history), events_(partitions) {}

uint32_t HistoryRound::AddPerson(base::Time now) {
  BATUTA_CHECK(people_.size() <= ReachEvent::kPersonMax, "too many people for one round");
  people_.push_back({now});
  return static_cast<uint32_t>(people_.size() - 1);
}

void HistoryRound::AddEvents(uint32_t first, base::PartitionId partition,
                             const std::vector<ReachEvent>& events) {
  std::vector<ReachEvent>& all = events_[base::Index(partition)];
  all.reserve(all.size() + events.size());
  for (const ReachEvent& event : events) {
    all.emplace_back(event.offset(), first + event.person(), event.time);
  }
}

void HistoryRound::Begin(std::shared_ptr<const feature::FeatureSet> set) {
  for (std::vector<ReachEvent>& events : events_) {
    std::sort(events.begin(), events.end(),
              [](const ReachEvent& a, const ReachEvent& b) { return a.place < b.place; });
    count_ += events.size();
  }
  fold_ = std::make_unique<feature::FeatureFold>(std::move(set));
  reader_ = std::make_unique<FeatureEventReader>(fold_->set());
}

absl::StatusOr<size_t> HistoryRound::ReadSome(size_t count) {
  size_t left = count;
  while (left > 0 && partition_ < events_.size()) {
    const std::vector<ReachEvent>& events = events_[partition_];
    const size_t begin = next_;
    const size_t some = std::min(left, events.size() - begin);
    BATUTA_RETURN_IF_ERROR(VisitKept(
        history_, base::PartitionId{static_cast<uint16_t>(partition_)}, some,
        [&](size_t i) { return events[begin + i].offset(); },
        [&](size_t i, const log::Record& record) { Take(events[begin + i], record); }));
    left -= some;
    next_ += some;
    if (next_ < events.size()) break;
    ++partition_;
    next_ = 0;
  }
  return count - left;
}

void HistoryRound::Take(const ReachEvent& event, const log::Record& record) {
  const feature::Event* read = reader_->Read(record, event.time);
  if (read == nullptr) return;
  Person& person = people_[event.person()];
  if (person.features == nullptr) person.features = std::make_unique<feature::PersonFeatures>();
  fold_->Apply(*read, std::max(person.now, event.time), *person.features);
}

std::unique_ptr<feature::PersonFeatures> HistoryRound::TakeFeatures(uint32_t person) {
  std::unique_ptr<feature::PersonFeatures> features = std::move(people_[person].features);
  if (features == nullptr) return nullptr;
  fold_->set().Expire(people_[person].now, *features);
  if (features->states().empty()) return nullptr;
  return features;
}

}  // namespace batuta::engine
