#include "api/preview_side.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "base/status.h"
#include "engine/timeline_events.h"
#include "feature/plan.h"

namespace batuta::api {
namespace {

// Work of one step: about a millisecond. Putting somebody aside is more work than asking them, and
// finding somebody by chance more than going on to the next.
constexpr size_t kStep = 512;
constexpr size_t kStepAtRandom = 128;
constexpr size_t kAsideWork = 4;
constexpr size_t kEventsPerWork = 32;
// People asked for an estimate, at least while there are more: fewer where their events are read.
constexpr uint64_t kEstimate = 4000;
constexpr uint64_t kEstimateByHistory = 2400;
// What is kept of a person beside the row, and of an event: its place, and what is found of it.
constexpr size_t kAsideBytes = 256;
constexpr size_t kEventBytes = 2 * sizeof(engine::ReachEvent);

bool Contains(const std::vector<uint64_t>& numbers, uint64_t number) {
  return std::binary_search(numbers.begin(), numbers.end(), number);
}

}  // namespace

PreviewRun::Side::Side(std::shared_ptr<const PreviewQuestion> question, base::PartitionId partition,
                       size_t bytes_max)
    : question_(std::move(question)),
      partition_(partition),
      bytes_max_(bytes_max),
      evaluation_(question_->segments, question_->meaning()),
      random_(question_->seed, base::Id128{0, base::Index(partition)}, "preview", ""),
      reader_(question_->parts_read) {
  part_.conditions.resize(question_->parts.size());
}

void PreviewRun::Side::Begin(engine::Fold& fold) {
  part_.people = fold.state().self.tallies().people();
  const uint64_t wanted = question_->is_counted ? kEstimate : kEstimateByHistory;
  const uint64_t partitions = fold.settings().partitions;
  left_ = (wanted + partitions - 1) / partitions;
  draws_ = question_->is_estimate && part_.people > left_;
}

void PreviewRun::Side::AskSome(engine::Fold& fold, base::Time wall) {
  Prepare(fold, wall);
  draws_ ? AskAtRandom(fold) : AskInOrder(fold);
}

// By the editions and rows that count just now. A record that asked now would have this time.
void PreviewRun::Side::Prepare(engine::Fold& fold, base::Time wall) {
  now_ = std::max(fold.log_time(), wall);
  Context context;
  for (const segment::Segment& segment : question_->segments->all()) {
    context.editions.push_back(fold.ActiveEdition(segment.name));
  }
  context.tables = fold.tables();
  context.wanted = WantedNow(fold);
  const bool is_same = !contexts_.empty() && contexts_.back().editions == context.editions &&
                       contexts_.back().tables == context.tables &&
                       contexts_.back().wanted == context.wanted;
  if (!is_same) {
    context.interest = InterestOf(context.wanted);
    contexts_.push_back(std::move(context));
  }
  UseContext(static_cast<uint32_t>(contexts_.size() - 1));
  if (events_.empty()) events_.resize(fold.settings().partitions);
}

// What the rule asks for and the partition does not keep, or has not found yet.
std::vector<uint64_t> PreviewRun::Side::WantedNow(const engine::Fold& fold) const {
  const feature::FeatureSet& kept = *fold.definitions().features->set();
  std::vector<uint64_t> wanted;
  std::copy_if(question_->aggregates.begin(), question_->aggregates.end(),
               std::back_inserter(wanted), [&](uint64_t number) {
                 return kept.Find(number) == nullptr || !fold.IsFeatureComplete(number);
               });
  return wanted;
}

engine::EventInterest PreviewRun::Side::InterestOf(const std::vector<uint64_t>& features) const {
  engine::EventInterest interest;
  for (const uint64_t number : features) {
    interest.Add(question_->features->set()->Find(number)->spec);
  }
  return interest;
}

// Events at or before this time say nothing about any of these features.
int64_t PreviewRun::Side::HorizonOf(const std::vector<uint64_t>& features) const {
  int64_t horizon = std::numeric_limits<int64_t>::max();
  for (const uint64_t number : features) {
    const feature::Plan& plan = question_->features->set()->Find(number)->plan;
    horizon = std::min(horizon, feature::HorizonOf(plan, now_));
  }
  return horizon;
}

// In the order of their numbers.
void PreviewRun::Side::AskInOrder(engine::Fold& fold) {
  std::vector<Numbered> people;
  fold.state().ScanNumbers(next_, [&](uint32_t number, const base::PersonId& person) {
    people.emplace_back(person, number);
    return people.size() < kStep;
  });
  const bool is_last = people.size() < kStep;
  if (contexts_.back().wanted.empty()) {
    if (!people.empty()) next_ = people.back().second + 1;
    AskTogether(fold, std::move(people));
  } else {
    size_t work = 0;
    for (const auto& [person, number] : people) {
      if (work >= kStep || is_full()) return;
      work += Ask(fold, person);
      next_ = number + 1;
    }
  }
  is_done_ = is_last;
}

// In the order in which they are stored, and no more of their rows than the rule reads.
void PreviewRun::Side::AskTogether(engine::Fold& fold, std::vector<Numbered> people) {
  std::vector<base::PersonId> ids;
  for (const auto& [person, number] : people) ids.push_back(person);
  std::sort(ids.begin(), ids.end());
  fold.state().people.PeekMany(
      ids, [&](size_t i, const engine::PersonRow* cached, std::string_view stored) {
        const engine::PersonRow& row = cached != nullptr ? *cached : reader_.Read(stored);
        if (!OwnWanted(fold, row).empty()) {
          Ask(fold, ids[i]);
          return;
        }
        ++part_.asked;
        AskNow(fold, ids[i], row);
      });
}

// Somebody perhaps twice.
void PreviewRun::Side::AskAtRandom(engine::Fold& fold) {
  for (size_t work = 0; work < kStepAtRandom && left_ > 0 && !is_full(); ++work) {
    const auto number = static_cast<uint32_t>(1 + random_.Below(fold.state().self.last_number()));
    const auto person = fold.state().PersonOf(number);
    if (!person.has_value()) continue;
    --left_;
    work += Ask(fold, *person);
  }
  is_done_ = left_ == 0;
}

// Gives how much work it was.
size_t PreviewRun::Side::Ask(engine::Fold& fold, const base::PersonId& person) {
  const engine::PersonRow* row = fold.state().people.Peek(person, scratch_);
  if (row == nullptr) return 1;
  ++part_.asked;
  const Context& context = contexts_.back();
  std::vector<uint64_t> own = OwnWanted(fold, *row);
  const std::vector<uint64_t>& wanted = own.empty() ? context.wanted : own;
  const auto& states = row->features().states();
  const bool has_any = std::any_of(states.begin(), states.end(), [&](const auto& state) {
    return Contains(wanted, state.feature());
  });
  const bool is_told =
      wanted.empty() ||
      (!has_any && own.empty() && !context.interest.MayHave(row->profile(), HorizonOf(wanted)));
  if (!is_told) {
    return kAsideWork + PutAside(fold, person, *row, std::move(own)) / kEventsPerWork;
  }
  AskNow(fold, person, *row);
  return 1;
}

// Of somebody of whom more is missing than of others: all that is; otherwise nothing.
std::vector<uint64_t> PreviewRun::Side::OwnWanted(const engine::Fold& fold,
                                                  const engine::PersonRow& row) const {
  std::vector<uint64_t> own;
  if (!row.reaching().again()) return own;
  for (const uint64_t number : fold.UntoldFeatures(row)) {
    if (Contains(question_->aggregates, number)) own.push_back(number);
  }
  if (own.empty()) return own;
  std::vector<uint64_t> all;
  const std::vector<uint64_t>& wanted = contexts_.back().wanted;
  std::set_union(own.begin(), own.end(), wanted.begin(), wanted.end(), std::back_inserter(all));
  return all;
}

// Nothing of what the rule reads is missing.
void PreviewRun::Side::AskNow(engine::Fold& fold, const base::PersonId& person,
                              const engine::PersonRow& row) {
  rule::PersonState state = fold.PersonOf(row);
  state.missing = {};
  state.now = now_;
  Count(person, state, row.segments());
}

// Gives the number of events to be read.
size_t PreviewRun::Side::PutAside(engine::Fold& fold, const base::PersonId& person,
                                  const engine::PersonRow& row, std::vector<uint64_t> own) {
  const std::vector<uint64_t>& wanted = own.empty() ? contexts_.back().wanted : own;
  const engine::EventInterest of_own = InterestOf(own);
  const engine::EventInterest& interest = own.empty() ? contexts_.back().interest : of_own;
  const auto index = static_cast<uint32_t>(aside_.size());
  size_t count = 0;
  engine::VisitTimelineEvents(fold.state(), person, row.profile().timeline(), HorizonOf(wanted),
                              [&](const engine::TimelineEvent& event) {
                                if (!interest.IsOf(event.kind)) return;
                                events_[base::Index(event.position.partition)].emplace_back(
                                    event.position.offset, index, event.time);
                                bytes_ += kEventBytes;
                              });
  aside_.push_back(
      {.person = person,
       .now = now_,
       .context = static_cast<uint32_t>(contexts_.size() - 1),
       .row = engine::TakeParts(question_->parts_read, row, wanted).SerializeAsString(),
       .own = std::move(own)});
  bytes_ += kAsideBytes + aside_.back().row.size() + count * kEventBytes;
  return count;
}

const std::vector<uint64_t>& PreviewRun::Side::WantedOf(const Aside& aside) const {
  return aside.own.empty() ? contexts_[aside.context].wanted : aside.own;
}

void PreviewRun::Side::Judge(const Aside& aside, std::unique_ptr<feature::PersonFeatures> found) {
  UseContext(aside.context);
  BATUTA_CHECK(scratch_.ParseFromString(aside.row));
  auto& states = *scratch_.mutable_features()->mutable_states();
  if (found != nullptr) {
    const std::vector<uint64_t>& wanted = WantedOf(aside);
    for (feature::FeatureState& state : *found->mutable_states()) {
      if (Contains(wanted, state.feature())) *states.Add() = std::move(state);
    }
    std::sort(
        states.pointer_begin(), states.pointer_end(),
        [](const auto* left, const auto* right) { return left->feature() < right->feature(); });
  }
  Count(aside.person,
        {.profile = scratch_.profile(),
         .identity = &scratch_.identity(),
         .features = &scratch_.features(),
         .now = aside.now},
        scratch_.segments());
}

void PreviewRun::Side::ForgetAside() {
  aside_.clear();
  aside_.shrink_to_fit();
  contexts_.clear();
  in_use_ = -1;
  bytes_ = 0;
}

void PreviewRun::Side::UseContext(uint32_t context) {
  if (in_use_ == context) return;
  evaluation_.UseEditions(contexts_[context].editions);
  evaluation_.UseTables(contexts_[context].tables);
  in_use_ = context;
}

void PreviewRun::Side::Count(const base::PersonId& person, const rule::PersonState& state,
                             const segment::Memberships& memberships) {
  evaluation_.Bind(state, memberships);
  for (size_t i = 0; i < question_->parts.size(); ++i) {
    if (evaluation_.Evaluate(*question_->parts[i]->program).IsTrue()) ++part_.conditions[i];
  }
  if (!evaluation_.Fits(*question_->segment)) return;
  ++part_.fit;
  if (part_.shown.size() < kPreviewShown) part_.shown.push_back(person);
}

}  // namespace batuta::api
