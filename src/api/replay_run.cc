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
  end_ = exchange_->core().hub.history().End(partition_);
  Post();
}

void ReplayRun::Post() {
  Core& core = exchange_->core();
  const auto step = [self = shared_from_this()] { self->ReadSome(); };
  if (core.hub.runtime().Pressure() > kPressureMax || !core.long_work.Post(step)) {
    core.long_work.After(kRest, step);
  }
}

void ReplayRun::ReadSome() {
  if (exchange_->Cancelled()) return ended_(absl::CancelledError("the client has gone"), *this);
  const engine::Hub& hub = exchange_->core().hub;
  const log::History& history = hub.history();
  // What retention removes meanwhile is left out.
  next_ = std::max(next_, history.Start(partition_));
  const base::Offset up_to{std::min(base::Number(end_), base::Number(next_) + kRecordsAtOnce)};
  if (next_ < up_to) {
    const absl::Status read = history.Scan(partition_, next_, up_to, [this](const auto& record) {
      Look(record);
      return absl::OkStatus();
    });
    // Removed just now: what is left is looked for again.
    if (!read.ok() && !absl::IsOutOfRange(read)) return ended_(read, *this);
    if (read.ok()) next_ = up_to;
    return Post();
  }
  partition_ = base::PartitionId{static_cast<uint16_t>(base::Index(partition_) + 1)};
  if (base::Index(partition_) == hub.partitions()) return ended_(absl::OkStatus(), *this);
  next_ = base::Offset{0};
  end_ = history.End(partition_);
  Post();
}

void ReplayRun::Look(const log::Record& record) {
  if (record.type != static_cast<uint8_t>(engine::RecordType::kMessage)) return;
  engine::Message message;
  if (!message.ParseFromString(record.payload) || !message.has_made()) return;
  // One that went on to where its person had gone knows where it was made durable.
  if (message.made().offset() != 0) return;
  ++found_;
  if (UniformOf(message.made().decision()) >= share_) return;
  audit_.Add(message.made().decision(), [this](uint64_t version) { return CatalogueOf(version); });
}

const decision::Catalogue* ReplayRun::CatalogueOf(uint64_t version) {
  const auto [at, is_new] = definitions_.try_emplace(version);
  if (is_new) at->second = exchange_->core().definitions.Of(version);
  return at->second == nullptr ? nullptr : at->second->catalogue.get();
}

}  // namespace batuta::api
