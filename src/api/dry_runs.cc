#include "api/dry_runs.h"

#include <algorithm>
#include <string_view>

#include "api/people_walk.h"
#include "base/status.h"
#include "engine/dry_run.h"
#include "google/protobuf/arena.h"

namespace batuta::api {
namespace {

constexpr int64_t kTurnMicros = 1000;

}  // namespace

absl::Status DryRuns::BeginTurn(const engine::Fold& fold, base::Clock& clock) {
  if (fold.definitions().version() != definitions_) {
    return absl::AbortedError("the definitions changed meanwhile");
  }
  if (!segment_.empty() && fold.ActiveEdition(segment_) == 0) {
    return absl::FailedPreconditionError("the members of the segment are not found yet");
  }
  if (!has_begun_) models_ = fold.models();
  has_begun_ = true;
  now_ = std::max(fold.log_time(), clock.Wall());
  turn_ends_ = clock.Monotonic().micros + kTurnMicros;
  return absl::OkStatus();
}

absl::Status DryRuns::Read(engine::Fold& fold, const std::vector<base::PersonId>& people,
                           Found found) {
  absl::Status status;
  ReadLiving(fold, people, scratch_, [&](size_t i, const engine::PersonRow& row) {
    if (status.ok()) status = found(i, row);
  });
  return status;
}

absl::Status DryRuns::Decide(engine::Fold& fold, const Subject& subject, Use use) {
  const std::vector<std::string_view> segments = fold.SegmentsOf(subject.row);
  rule::PersonState state = fold.PersonOf(subject.row, segments);
  state.now = now_;
  google::protobuf::ArenaOptions options;
  options.initial_block = block_.data();
  options.initial_block_size = block_.size();
  google::protobuf::Arena arena(options);
  auto& made = *google::protobuf::Arena::CreateMessage<decision::Decision>(&arena);
  BATUTA_RETURN_IF_ERROR(engine::DryRun(fold,
                                        {.request = subject.request,
                                         .models = models_,
                                         .person = subject.person,
                                         .row = subject.row,
                                         .state = state},
                                        made));
  use(made, state);
  return absl::OkStatus();
}

}  // namespace batuta::api
