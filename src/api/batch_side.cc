#include "api/batch_side.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/hash.h"
#include "base/status.h"

namespace batuta::api {
namespace {

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
    : question_(std::move(question)),
      partition_(partition),
      walk_(question_->wish.segment),
      runs_(question_->definitions->version(), question_->wish.segment) {
  request_ = question_->Request({}, {});
  request_.set_dry_run(true);
}

absl::Status BatchSide::Look(engine::Fold& fold, base::Clock& clock) {
  BATUTA_CHECK(fold.settings().partition == partition_);
  BATUTA_RETURN_IF_ERROR(runs_.BeginTurn(fold, clock));
  if (!total_.has_value()) total_ = walk_.Count(fold);
  for (size_t looked = 0; looked < DryRuns::kPeoplePerTurn && !is_done();
       looked += DryRuns::kPeoplePerLook) {
    std::vector<base::PersonId> ids;
    for (const auto& [number, id] : walk_.Next(fold, DryRuns::kPeoplePerLook)) ids.push_back(id);
    std::sort(ids.begin(), ids.end());
    looked_ += ids.size();
    BATUTA_RETURN_IF_ERROR(runs_.Read(fold, ids, [&](size_t i, const engine::PersonRow& row) {
      request_.set_request_id(question_->RequestOf(ids[i]).ToBytes());
      return runs_.Decide(fold, {ids[i], row, request_},
                          [&](const decision::Decision& made, const rule::PersonState&) {
                            AddBidder(ids[i], made);
                          });
    }));
    if (runs_.IsTurnOver(clock)) break;
  }
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
  BATUTA_RETURN_IF_ERROR(runs_.BeginTurn(fold, clock));
  while (!to_try.empty() && !runs_.IsTurnOver(clock)) {
    const size_t count = std::min(DryRuns::kPeoplePerLook, to_try.size());
    const std::vector<BatchItem*> items(to_try.end() - static_cast<std::ptrdiff_t>(count),
                                        to_try.end());
    std::vector<base::PersonId> ids;
    for (const BatchItem* item : items) ids.push_back(item->id);
    BATUTA_RETURN_IF_ERROR(runs_.Read(fold, ids, [&](size_t i, const engine::PersonRow& row) {
      decision::DecisionRequest request = question_->Request(ids[i], items[i]->only);
      request.set_dry_run(true);
      return runs_.Decide(fold, {ids[i], row, request},
                          [&](const decision::Decision& made, const rule::PersonState&) {
                            *items[i]->decision.mutable_chosen() = made.chosen();
                          });
    }));
    to_try.resize(to_try.size() - count);
  }
  return !to_try.empty();
}

}  // namespace batuta::api
