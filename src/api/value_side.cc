#include "api/value_side.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/status.h"
#include "base/text.h"
#include "engine/decision_person.h"
#include "engine/dry_run.h"
#include "google/protobuf/arena.h"

namespace batuta::api {
namespace {

// A turn looks at people until about a millisecond is over, some at once in the order in which they
// are stored. Drawing reads no more of them than their ids.
constexpr size_t kPeoplePerLook = 16;
constexpr size_t kPeoplePerTurn = 256;
constexpr int64_t kTurnMicros = 1000;
constexpr size_t kDrawnPerTurn = 2048;
constexpr uint64_t kSeed = 0x76616c7565;  // of hashes that tell who is drawn

uint64_t HashOf(const base::PersonId& person) { return base::Hash64(person.ToBytes(), kSeed); }

}  // namespace

ValueSide::ValueSide(std::shared_ptr<const ValueQuestion> question, base::PartitionId partition,
                     size_t cohort_people)
    : question_(std::move(question)),
      partition_(partition),
      draws_(question_->wish.sample > 0),
      walk_(question_->wish.segment),
      reader_(*question_->fields),
      tally_(question_->wish.weak_below),
      cohort_people_(question_->fields->all().size(), cohort_people) {
  request_.set_placement(question_->wish.placement);
  request_.set_dry_run(true);
  *request_.mutable_context() = question_->wish.context;
}

absl::Status ValueSide::Turn(engine::Fold& fold, base::Clock& clock) {
  BATUTA_RETURN_IF_ERROR(Check(fold));
  if (!is_begun_) models_ = fold.models();
  is_begun_ = true;
  if (!draws_) return LookSome(fold, clock);
  DrawSome(fold);
  return absl::OkStatus();
}

absl::Status ValueSide::Check(const engine::Fold& fold) const {
  if (fold.definitions().version() != question_->definitions->version()) {
    return absl::AbortedError("the definitions changed meanwhile");
  }
  const std::string& segment = question_->wish.segment;
  if (segment.empty() || fold.ActiveEdition(segment) != 0) return absl::OkStatus();
  return absl::FailedPreconditionError("the members of the segment are not found yet");
}

// In the order of their numbers.
std::vector<ValueSide::Numbered> ValueSide::NextPeople(engine::Fold& fold, size_t count) {
  if (drawn_.empty() || draws_) {
    std::vector<Numbered> people = walk_.Next(fold, count);
    is_done_ = walk_.is_done();
    return people;
  }
  std::vector<Numbered> people;
  const size_t end = std::min(next_drawn_ + count, drawn_.size());
  for (; next_drawn_ < end; ++next_drawn_) {
    const uint32_t number = drawn_[next_drawn_].second;
    if (const auto person = fold.state().PersonOf(number)) people.emplace_back(number, *person);
  }
  is_done_ = next_drawn_ == drawn_.size();
  return people;
}

// The smallest hashes are drawn: everybody has the same chance, and the same people are drawn
// again.
void ValueSide::DrawSome(engine::Fold& fold) {
  for (const auto& [number, person] : NextPeople(fold, kDrawnPerTurn)) {
    ++people_;
    drawn_.emplace_back(HashOf(person), number);
    std::push_heap(drawn_.begin(), drawn_.end());
    if (drawn_.size() <= question_->wish.sample) continue;
    std::pop_heap(drawn_.begin(), drawn_.end());
    drawn_.pop_back();
  }
}

void ValueSide::LookAtThose(uint64_t limit) {
  std::erase_if(drawn_, [limit](const auto& one) { return one.first > limit; });
  std::sort(drawn_.begin(), drawn_.end(),
            [](const auto& a, const auto& b) { return a.second < b.second; });
  draws_ = false;
  is_done_ = drawn_.empty();
}

absl::Status ValueSide::LookSome(engine::Fold& fold, base::Clock& clock) {
  now_ = std::max(fold.log_time(), clock.Wall());
  const int64_t end = clock.Monotonic().micros + kTurnMicros;
  for (size_t looked = 0; looked < kPeoplePerTurn && !is_done_; looked += kPeoplePerLook) {
    std::vector<base::PersonId> ids;
    for (const Numbered& one : NextPeople(fold, kPeoplePerLook)) ids.push_back(one.second);
    std::sort(ids.begin(), ids.end());
    absl::Status status;
    fold.state().people.PeekMany(ids, [&](size_t i, const engine::PersonRow* cached,
                                          std::string_view stored) {
      if (!status.ok()) return;
      if (cached == nullptr) {
        const int size = static_cast<int>(stored.size());
        BATUTA_CHECK(scratch_.ParseFromArray(stored.data(), size), "a stored row does not parse");
      }
      status = LookAt(fold, ids[i], cached != nullptr ? *cached : scratch_);
    });
    BATUTA_RETURN_IF_ERROR(status);
    if (clock.Monotonic().micros >= end) break;
  }
  return absl::OkStatus();
}

absl::Status ValueSide::LookAt(engine::Fold& fold, const base::PersonId& person,
                               const engine::PersonRow& row) {
  if (row.identity().has_merged_into() || row.identity().erased()) return absl::OkStatus();
  const std::vector<std::string_view> segments = fold.SegmentsOf(row);
  rule::PersonState state = fold.PersonOf(row, segments);
  state.now = now_;
  const uint64_t hash = HashOf(person);
  // The same draws whenever it is asked.
  request_.set_request_id(base::Hash128(person.ToBytes(), kSeed).ToBytes());
  google::protobuf::ArenaOptions options;
  options.initial_block = block_.data();
  options.initial_block_size = block_.size();
  google::protobuf::Arena arena(options);
  auto& made = *google::protobuf::Arena::CreateMessage<decision::Decision>(&arena);
  BATUTA_RETURN_IF_ERROR(engine::DryRun(
      fold, {.request = request_, .models = models_, .person = person, .row = row, .state = state},
      made));
  const decision::PersonValue value = tally_.Add(made);
  const engine::DecisionPerson view(*question_->definitions, *fold.tables(), state,
                                    &question_->plan);
  cohort_people_.Add(hash, value,
                     reader_.Read(view, question_->wish.context, now_, cohort_people_.texts()));
  if (question_->wish.sample == 0) ++people_;
  return absl::OkStatus();
}

}  // namespace batuta::api
