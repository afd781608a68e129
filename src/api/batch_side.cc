#include "api/batch_side.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/encoding.h"
#include "base/hash.h"
#include "base/status.h"
#include "engine/dry_run.h"
#include "google/protobuf/arena.h"

namespace batuta::api {
namespace {

// A turn looks at people until about a millisecond is over, some at once in the order in which they
// are stored.
constexpr size_t kPeoplePerLook = 16;
constexpr size_t kPeoplePerTurn = 256;
constexpr int64_t kTurnMicros = 1000;
constexpr uint64_t kTieSeed = 0x7469657321;

}  // namespace

base::RecordId BatchQuestion::RequestOf(const base::PersonId& person) const {
  base::ByteWriter name;
  name.Raw(batch.ToBytes());
  name.Raw(person.ToBytes());
  return {base::Hash128(name.bytes())};
}

decision::DecisionRequest BatchQuestion::Request(const base::PersonId& person,
                                                 const std::vector<uint32_t>& only) const {
  decision::DecisionRequest request;
  request.set_request_id(RequestOf(person).ToBytes());
  request.set_placement(wish.placement);
  request.set_slots(only.empty() ? 1 : static_cast<uint32_t>(only.size()));
  request.set_greedy(true);
  *request.mutable_context() = wish.context;
  for (const uint32_t action : only) request.add_only(actions.names[action]);
  return request;
}

BatchSide::BatchSide(std::shared_ptr<const BatchQuestion> question, base::PartitionId partition)
    : question_(std::move(question)), partition_(partition), walk_(question_->wish.segment) {
  request_ = question_->Request({}, {});
  request_.set_dry_run(true);
}

absl::Status BatchSide::Check(const engine::Fold& fold) const {
  if (fold.definitions().version() != question_->definitions->version()) {
    return absl::AbortedError("the definitions changed meanwhile");
  }
  const std::string& segment = question_->wish.segment;
  if (segment.empty() || fold.ActiveEdition(segment) != 0) return absl::OkStatus();
  return absl::FailedPreconditionError("the members of the segment are not found yet");
}

absl::Status BatchSide::Look(engine::Fold& fold, base::Clock& clock) {
  BATUTA_CHECK(fold.settings().partition == partition_);
  BATUTA_RETURN_IF_ERROR(Check(fold));
  if (!has_begun_) {
    models_ = fold.models();
    total_ = walk_.Count(fold);
    has_begun_ = true;
  }
  now_ = std::max(fold.log_time(), clock.Wall());
  const int64_t end = clock.Monotonic().micros + kTurnMicros;
  for (size_t looked = 0; looked < kPeoplePerTurn && !is_done(); looked += kPeoplePerLook) {
    std::vector<base::PersonId> ids;
    for (const auto& [number, id] : walk_.Next(fold, kPeoplePerLook)) ids.push_back(id);
    std::sort(ids.begin(), ids.end());
    looked_ += ids.size();
    BATUTA_RETURN_IF_ERROR(Peek(fold, ids, [&](size_t i, const engine::PersonRow& row) {
      request_.set_request_id(question_->RequestOf(ids[i]).ToBytes());
      return Decide(fold, ids[i], row, request_,
                    [&](const decision::Decision& made) { AddBidder(ids[i], made); });
    }));
    if (clock.Monotonic().micros >= end) break;
  }
  return absl::OkStatus();
}

absl::Status BatchSide::Peek(engine::Fold& fold, const std::vector<base::PersonId>& ids,
                             const Found& found) {
  absl::Status status;
  fold.state().people.PeekMany(
      ids, [&](size_t i, const engine::PersonRow* cached, std::string_view stored) {
        if (!status.ok()) return;
        if (cached == nullptr) {
          const int size = static_cast<int>(stored.size());
          BATUTA_CHECK(scratch_.ParseFromArray(stored.data(), size), "a stored row does not parse");
        }
        const engine::PersonRow& row = cached != nullptr ? *cached : scratch_;
        if (row.identity().has_merged_into() || row.identity().erased()) return;
        status = found(i, row);
      });
  return status;
}

absl::Status BatchSide::Decide(engine::Fold& fold, const base::PersonId& person,
                               const engine::PersonRow& row,
                               const decision::DecisionRequest& request,
                               const std::function<void(const decision::Decision&)>& use) {
  const std::vector<std::string_view> segments = fold.SegmentsOf(row);
  rule::PersonState state = fold.PersonOf(row, segments);
  state.now = now_;
  google::protobuf::ArenaOptions options;
  options.initial_block = block_.data();
  options.initial_block_size = block_.size();
  google::protobuf::Arena arena(options);
  auto& made = *google::protobuf::Arena::CreateMessage<decision::Decision>(&arena);
  BATUTA_RETURN_IF_ERROR(engine::DryRun(
      fold, {.request = request, .models = models_, .person = person, .row = row, .state = state},
      made));
  use(made);
  return absl::OkStatus();
}

void BatchSide::AddBidder(const base::PersonId& person, const decision::Decision& made) {
  const auto index = static_cast<uint32_t>(people.size());
  if (decision::AppendBids(question_->actions, made, index, question_->slots, bids) == 0) return;
  people.push_back(person);
  const bool draws = made.arm() == decision::RANDOM_ARM;
  bidders.push_back(
      {.tie = static_cast<uint32_t>(base::Hash64(person.ToBytes(), kTieSeed)),
       .drawn = draws ? decision::DrawnAction(question_->actions, made) : decision::kNoAction,
       .arm = made.arm()});
}

absl::StatusOr<bool> BatchSide::Try(engine::Fold& fold, base::Clock& clock) {
  BATUTA_RETURN_IF_ERROR(Check(fold));
  now_ = std::max(fold.log_time(), clock.Wall());
  const int64_t end = clock.Monotonic().micros + kTurnMicros;
  while (!to_try.empty() && clock.Monotonic().micros < end) {
    const size_t count = std::min(kPeoplePerLook, to_try.size());
    const std::vector<BatchItem*> items(to_try.end() - static_cast<std::ptrdiff_t>(count),
                                        to_try.end());
    std::vector<base::PersonId> ids;
    for (const BatchItem* item : items) ids.push_back(item->id);
    BATUTA_RETURN_IF_ERROR(Peek(fold, ids, [&](size_t i, const engine::PersonRow& row) {
      decision::DecisionRequest request = question_->Request(ids[i], items[i]->only);
      request.set_dry_run(true);
      return Decide(fold, ids[i], row, request, [&](const decision::Decision& made) {
        *items[i]->decision.mutable_chosen() = made.chosen();
      });
    }));
    to_try.resize(to_try.size() - count);
  }
  return !to_try.empty();
}

}  // namespace batuta::api
