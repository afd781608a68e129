#include "api/preview_run.h"

#include <algorithm>
#include <utility>

#include "api/core.h"
#include "api/preview_side.h"
#include "base/status.h"

namespace batuta::api {
namespace {

// Between other work of the thread: about ten milliseconds.
constexpr size_t kEventsPerStep = 8192;
constexpr size_t kPeoplePerStep = 1024;
constexpr size_t kReadersOfEstimate = 2;
// Above it live traffic goes first.
constexpr double kPressureMax = 0.5;
constexpr base::Duration kRest = base::Millis(5);

}  // namespace

PreviewRun::PreviewRun(ExchangePtr exchange, std::shared_ptr<const PreviewQuestion> question,
                       Done done)
    : exchange_(std::move(exchange)), question_(std::move(question)), done_(std::move(done)) {
  const uint16_t partitions = exchange_->core().hub.runtime().partitions();
  const size_t bytes_max =
      std::max<size_t>(exchange_->core().options.preview_bytes / partitions, 1);
  for (uint16_t i = 0; i < partitions; ++i) {
    sides_.push_back(std::make_unique<Side>(question_, base::PartitionId{i}, bytes_max));
  }
}

PreviewRun::~PreviewRun() = default;

void PreviewRun::Begin() {
  asking_ = sides_.size();
  for (const std::unique_ptr<Side>& side : sides_) {
    exchange_->core().hub.runtime().Run(
        side->partition(), [self = shared_from_this(), &side = *side](engine::Fold& fold) {
          side.Begin(fold);
          self->AskPartition(side);
        });
  }
}

// ---- On the partitions' threads

void PreviewRun::AskPartition(Side& side) {
  exchange_->core().hub.runtime().Run(
      side.partition(), [self = shared_from_this(), &side](engine::Fold& fold) {
        if (!self->exchange_->Cancelled()) {
          side.AskSome(fold, self->exchange_->core().hub.clock().Wall());
          if (!side.is_done() && !side.is_full()) return self->AskPartition(side);
        }
        if (self->asking_.fetch_sub(1) == 1) self->AllAsked();
      });
}

void PreviewRun::AllAsked() {
  if (exchange_->Cancelled()) return End(absl::CancelledError("the client has gone"));
  const bool has_aside =
      std::any_of(sides_.begin(), sides_.end(),
                  [](const std::unique_ptr<Side>& side) { return !side->aside().empty(); });
  if (!has_aside) return End(absl::OkStatus());
  Post([self = shared_from_this()] { self->BeginRound(); });
}

// ---- On the api's

// Who asks for an estimate waits for it; the exact number is for whoever has time.
void PreviewRun::Post(std::function<void()> step) {
  Core& core = exchange_->core();
  Background& background = question_->is_estimate ? core.background : core.long_work;
  if (!question_->is_estimate && core.hub.runtime().Pressure() > kPressureMax) {
    return background.After(kRest, std::move(step));
  }
  if (!background.Post(step)) background.After(kRest, std::move(step));
}

void PreviewRun::BeginRound() {
  auto set = feature::FeatureSet::Make(WantedFeatures());
  BATUTA_CHECK_OK(set.status());
  features_ = *std::move(set);
  // For an estimate nearly every event is in a block of its own, and decompressing takes the time.
  const size_t count = question_->is_estimate ? kReadersOfEstimate : 1;
  for (size_t i = 0; i < count; ++i) {
    reading_.push_back(std::make_unique<engine::HistoryRound>(
        exchange_->core().hub.history(), static_cast<uint16_t>(sides_.size())));
  }
  for (const std::unique_ptr<Side>& side : sides_) {
    const auto first = static_cast<uint32_t>(reading_[0]->people());
    for (const auto& round : reading_) {
      for (const Side::Aside& aside : side->aside()) round->AddPerson(aside.now);
    }
    for (uint16_t i = 0; i < side->events().size(); ++i) {
      reading_[i % count]->AddEvents(first, base::PartitionId{i}, side->events()[i]);
    }
    side->ForgetEvents();
  }
  side_ = 0;
  person_ = 0;
  number_ = 0;
  unread_ = count;
  // When the last has been posted all may be over.
  std::vector<engine::HistoryRound*> rounds;
  for (const auto& round : reading_) {
    round->Begin(features_);
    rounds.push_back(round.get());
  }
  for (engine::HistoryRound* round : rounds) {
    Post([self = shared_from_this(), round] { self->ReadSome(*round); });
  }
}

// Of somebody, at least.
std::vector<feature::FeatureSpec> PreviewRun::WantedFeatures() const {
  std::vector<uint64_t> wanted;
  const std::vector<uint64_t>* last = nullptr;
  for (const std::unique_ptr<Side>& side : sides_) {
    for (const Side::Aside& aside : side->aside()) {
      const std::vector<uint64_t>& of_one = side->WantedOf(aside);
      if (&of_one == last) continue;
      last = &of_one;
      wanted.insert(wanted.end(), of_one.begin(), of_one.end());
    }
  }
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  std::vector<feature::FeatureSpec> specs;
  for (const uint64_t number : wanted) {
    specs.push_back(question_->features->set()->Find(number)->spec);
  }
  return specs;
}

void PreviewRun::ReadSome(engine::HistoryRound& round) {
  bool is_over = exchange_->Cancelled();
  if (!is_over) {
    const auto read = round.ReadSome(kEventsPerStep);
    is_over = !read.ok() || *read == 0;
    if (!read.ok()) {
      absl::MutexLock lock(&mutex_);
      failed_ = read.status();
    }
  }
  if (!is_over) return Post([self = shared_from_this(), &round] { self->ReadSome(round); });
  if (unread_.fetch_sub(1) == 1) JudgeSome();
}

void PreviewRun::JudgeSome() {
  if (exchange_->Cancelled()) return End(absl::CancelledError("the client has gone"));
  absl::Status failed;
  {
    absl::MutexLock lock(&mutex_);
    failed = failed_;
  }
  if (!failed.ok()) return End(std::move(failed));
  for (size_t left = kPeoplePerStep; left > 0 && side_ < sides_.size();) {
    Side& side = *sides_[side_];
    if (person_ == side.aside().size()) {
      side.ForgetAside();
      ++side_;
      person_ = 0;
      continue;
    }
    side.Judge(side.aside()[person_++], TakeFeatures(number_++));
    --left;
  }
  if (side_ == sides_.size()) return EndRound();
  Post([self = shared_from_this()] { self->JudgeSome(); });
}

// No event is read by two.
std::unique_ptr<feature::PersonFeatures> PreviewRun::TakeFeatures(uint32_t person) {
  std::unique_ptr<feature::PersonFeatures> all;
  for (const auto& round : reading_) {
    std::unique_ptr<feature::PersonFeatures> some = round->TakeFeatures(person);
    if (all == nullptr) {
      all = std::move(some);
    } else if (some != nullptr) {
      features_->Merge(*some, *all);
    }
  }
  return all;
}

void PreviewRun::EndRound() {
  reading_.clear();
  std::vector<Side*> unfinished;
  for (const std::unique_ptr<Side>& side : sides_) {
    if (!side->is_done()) unfinished.push_back(side.get());
  }
  if (unfinished.empty()) return End(absl::OkStatus());
  asking_ = unfinished.size();
  for (Side* side : unfinished) AskPartition(*side);
}

void PreviewRun::End(absl::Status status) {
  const Done done = std::move(done_);
  if (!status.ok()) return done(std::move(status));
  std::vector<PreviewPart> parts;
  for (const std::unique_ptr<Side>& side : sides_) parts.push_back(std::move(side->part()));
  done(std::move(parts));
}

}  // namespace batuta::api
