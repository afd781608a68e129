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
  round_ = std::make_unique<engine::HistoryRound>(exchange_->core().hub.history(),
                                                  static_cast<uint16_t>(sides_.size()));
  for (const std::unique_ptr<Side>& side : sides_) {
    const auto first = static_cast<uint32_t>(round_->people());
    for (const Side::Aside& aside : side->aside()) round_->AddPerson(aside.now);
    round_->AddEvents(first, side->events());
    side->ForgetEvents();
  }
  round_->Begin(WantedFeatures());
  stage_ = Stage::kReading;
  side_ = 0;
  person_ = 0;
  number_ = 0;
  Step();
}

// Of somebody, at least.
std::shared_ptr<const feature::FeatureSet> PreviewRun::WantedFeatures() const {
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
  auto set = feature::FeatureSet::Make(specs);
  BATUTA_CHECK_OK(set.status());
  return *std::move(set);
}

void PreviewRun::Step() {
  if (exchange_->Cancelled()) return End(absl::CancelledError("the client has gone"));
  if (stage_ == Stage::kReading) {
    const auto read = round_->ReadSome(kEventsPerStep);
    if (!read.ok()) return End(read.status());
    if (*read == 0) stage_ = Stage::kJudging;
  } else {
    JudgeSome();
    if (side_ == sides_.size()) return EndRound();
  }
  Post([self = shared_from_this()] { self->Step(); });
}

void PreviewRun::JudgeSome() {
  for (size_t left = kPeoplePerStep; left > 0 && side_ < sides_.size();) {
    Side& side = *sides_[side_];
    if (person_ == side.aside().size()) {
      side.ForgetAside();
      ++side_;
      person_ = 0;
      continue;
    }
    side.Judge(side.aside()[person_++], round_->TakeFeatures(number_++));
    --left;
  }
}

void PreviewRun::EndRound() {
  round_.reset();
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
