#include "api/value_side.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/status.h"
#include "base/text.h"
#include "engine/decision_person.h"

namespace batuta::api {
namespace {

// Of whom no more than their ids are read.
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
      runs_(question_->definitions->version(), question_->wish.segment),
      reader_(*question_->fields),
      tally_(question_->wish.weak_below),
      cohort_people_(question_->fields->all().size(), cohort_people) {
  request_.set_placement(question_->wish.placement);
  request_.set_dry_run(true);
  *request_.mutable_context() = question_->wish.context;
}

absl::Status ValueSide::Turn(engine::Fold& fold, base::Clock& clock) {
  BATUTA_RETURN_IF_ERROR(runs_.BeginTurn(fold, clock));
  if (!draws_) return LookSome(fold, clock);
  DrawSome(fold);
  return absl::OkStatus();
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
  for (size_t looked = 0; looked < DryRuns::kPeoplePerTurn && !is_done_;
       looked += DryRuns::kPeoplePerLook) {
    std::vector<base::PersonId> ids;
    for (const Numbered& one : NextPeople(fold, DryRuns::kPeoplePerLook)) ids.push_back(one.second);
    std::sort(ids.begin(), ids.end());
    BATUTA_RETURN_IF_ERROR(runs_.Read(fold, ids, [&](size_t i, const engine::PersonRow& row) {
      // The same draws whenever it is asked.
      request_.set_request_id(base::Hash128(ids[i].ToBytes(), kSeed).ToBytes());
      return runs_.Decide(fold, {ids[i], row, request_},
                          [&](const decision::Decision& made, const rule::PersonState& state) {
                            Take(fold, ids[i], made, state);
                          });
    }));
    if (runs_.IsTurnOver(clock)) break;
  }
  return absl::OkStatus();
}

void ValueSide::Take(const engine::Fold& fold, const base::PersonId& person,
                     const decision::Decision& made, const rule::PersonState& state) {
  const decision::PersonValue value = tally_.Add(made);
  const engine::DecisionPerson view(*question_->definitions, *fold.tables(), state,
                                    &question_->plan);
  cohort_people_.Add(
      HashOf(person), value,
      reader_.Read(view, question_->wish.context, runs_.now(), cohort_people_.texts()));
  if (question_->wish.sample == 0) ++people_;
}

}  // namespace batuta::api
