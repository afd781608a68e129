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
  std::vector<ReachSlice> slices;
  for (const std::shared_ptr<Part>& part : parts_) slices.push_back(std::move(part->slice));
  if (ReachRound::IsEmpty(slices)) {
    parts_.clear();
    stage_ = Stage::kIdle;
    return;
  }
  round_ = std::make_unique<ReachRound>(*options_.history, std::move(slices));
  round_events_ = round_->events();
  round_read_ = 0;
  stage_ = Stage::kReading;
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
    const std::optional<FeaturesFound> found = round_->Next(partition);
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
