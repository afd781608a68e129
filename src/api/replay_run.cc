#include "api/replay_run.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "api/core.h"
#include "base/hash.h"
#include "engine/record.h"

namespace batuta::api {
namespace {

constexpr uint64_t kRecordsAtOnce = 20'000;
// While the hub has much to do itself, this waits.
constexpr double kPressureMax = 0.5;
constexpr base::Duration kRest = {100'000};

// In [0, 1).
double UniformOf(std::string_view decision) {
  constexpr double kScale = 1.0 / 9007199254740992.0;  // 2^-53
  return static_cast<double>(base::Hash128(decision).high >> 11) * kScale;
}

}  // namespace

ReplayRun::ReplayRun(ExchangePtr exchange, uint64_t wanted, uint64_t made, Ended ended)
    : exchange_(std::move(exchange)),
      share_(wanted >= made ? 1 : static_cast<double>(wanted) / static_cast<double>(made)),
      ended_(std::move(ended)) {}

void ReplayRun::Begin() {
  const engine::Hub& hub = exchange_->core().hub;
  for (uint16_t i = 0; i < hub.partitions(); ++i) {
    const base::PartitionId partition{i};
    parts_.push_back({.partition = partition, .end = hub.history().End(partition)});
  }
  const size_t at_once = std::min(exchange_->core().options.background_threads, parts_.size());
  reading_ = at_once;
  for (size_t i = 0; i < at_once; ++i) BeginNext();
}

void ReplayRun::BeginNext() {
  const size_t next = begun_.fetch_add(1);
  return next < parts_.size() ? Post(parts_[next]) : EndOne();
}

void ReplayRun::Post(Part& part) {
  Core& core = exchange_->core();
  const auto step = [self = shared_from_this(), &part] { self->ReadSome(part); };
  if (core.hub.runtime().Pressure() > kPressureMax || !core.long_work.Post(step)) {
    core.long_work.After(kRest, step);
  }
}

void ReplayRun::ReadSome(Part& part) {
  if (exchange_->Cancelled()) Fail(absl::CancelledError("the client has gone"));
  if (HasFailed()) return EndOne();
  const log::History& history = exchange_->core().hub.history();
  // What retention removes meanwhile is left out.
  part.next = std::max(part.next, history.Start(part.partition));
  if (part.next >= part.end) return BeginNext();
  const base::Offset up_to{
      std::min(base::Number(part.end), base::Number(part.next) + kRecordsAtOnce)};
  const absl::Status read =
      history.Scan(part.partition, part.next, up_to, [&](const log::Record& record) {
        Look(record, part);
        return absl::OkStatus();
      });
  // Removed just now: what is left is looked for again.
  if (!read.ok() && !absl::IsOutOfRange(read)) {
    Fail(read);
    return EndOne();
  }
  if (read.ok()) part.next = up_to;
  Post(part);
}

void ReplayRun::Look(const log::Record& record, Part& part) {
  if (record.type != static_cast<uint8_t>(engine::RecordType::kMessage)) return;
  engine::Message message;
  if (!message.ParseFromString(record.payload) || !message.has_made()) return;
  // One that went on to where its person had gone knows where it was made durable.
  if (message.made().offset() != 0) return;
  ++part.found;
  const std::string& decision = message.made().decision();
  if (share_ < 1 && UniformOf(decision) >= share_) return;
  part.audit.Add(decision, [this](uint64_t version) { return CatalogueOf(version); });
}

const decision::Catalogue* ReplayRun::CatalogueOf(uint64_t version) {
  absl::MutexLock lock(&mutex_);
  const auto [at, is_new] = definitions_.try_emplace(version);
  if (is_new) at->second = exchange_->core().definitions.Of(version);
  return at->second == nullptr ? nullptr : at->second->catalogue.get();
}

void ReplayRun::Fail(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  failed_.Update(status);
}

bool ReplayRun::HasFailed() {
  absl::MutexLock lock(&mutex_);
  return !failed_.ok();
}

uint64_t ReplayRun::Found() const {
  uint64_t found = 0;
  for (const Part& part : parts_) found += part.found;
  return found;
}

// In the order of partitions, whichever ended first.
decision::ReplayAudit ReplayRun::Audit() const {
  decision::ReplayAudit audit;
  for (const Part& part : parts_) audit.Add(part.audit);
  return audit;
}

void ReplayRun::EndOne() {
  if (reading_.fetch_sub(1) > 1) return;
  absl::Status status;
  {
    absl::MutexLock lock(&mutex_);
    status = failed_;
  }
  ended_(status, *this);
}

}  // namespace batuta::api
