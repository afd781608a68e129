// New features reach back: what they are of the events before their definition is found from the
// history, by a job of the runtime (runtime_reach.h), while everything else goes on.
//
// A change of definitions that adds features begins a reach, named by its version. The job asks for
// the events of people in the order of their numbers (AskReach), works out the states, and logs
// them; folding that record adds them to the row. What is logged is of all events but those that
// the row's states hold already, which Reaching.live lists: so nothing has to stand still in
// between, and states are merged that have no event in common.
//
// When more than listed events has changed the history of somebody (two people became one, too many
// events came), their features begin anew, and are asked for and found by themselves: `again`.
#include <algorithm>
#include <iterator>
#include <utility>

#include "base/encoding.h"
#include "base/status.h"
#include "engine/fold.h"
#include "engine/person_traits.h"
#include "engine/reach_slice.h"

namespace batuta::engine {
namespace {

// Events of one person that come while their features are being found; then these begin anew.
constexpr int kLiveMax = 4096;

using Numbers = google::protobuf::RepeatedField<uint64_t>;

std::span<const uint64_t> SpanOf(const Numbers& numbers) {
  return {numbers.data(), static_cast<size_t>(numbers.size())};
}

void SetNumbers(std::span<const uint64_t> from, Numbers& to) {
  to.Assign(from.begin(), from.end());
}

std::vector<uint64_t> UnionOf(std::span<const uint64_t> a, std::span<const uint64_t> b) {
  std::vector<uint64_t> both;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

void DropStates(std::span<const uint64_t> features, PersonRow& row) {
  auto& states = *row.mutable_features()->mutable_states();
  states.erase(std::remove_if(states.begin(), states.end(),
                              [&](const feature::FeatureState& state) {
                                return std::binary_search(features.begin(), features.end(),
                                                          state.feature());
                              }),
               states.end());
}

}  // namespace

uint64_t PackPosition(const base::Position& position) {
  return uint64_t{base::Index(position.partition)} << kOffsetBits | base::Number(position.offset);
}

bool Fold::IsFeatureComplete(uint64_t number) const {
  return !std::binary_search(reach_.features().begin(), reach_.features().end(), number);
}

bool Fold::IsInReach(uint32_t number) const {
  return !reach_.features().empty() && number >= reach_.next() && number <= reach_.last();
}

std::span<const uint64_t> Fold::MissingFeatures(const PersonRow& row) const {
  if (row.reaching().again()) return SpanOf(row.reaching().features());
  if (IsInReach(row.number())) return SpanOf(reach_.features());
  return {};
}

// Who is asked for by themselves lacks all that is being found.
std::span<const uint64_t> Fold::UntoldFeatures(const PersonRow& row) const {
  return row.reaching().again() ? SpanOf(row.reaching().features()) : SpanOf(reach_.features());
}

// Before the event is applied to the features.
void Fold::NoteLive(const base::Position& position, PersonRow& row) {
  if (MissingFeatures(row).empty()) return row.clear_reaching();
  Reaching& reaching = *row.mutable_reaching();
  if (!reaching.again() && reaching.reach() != reach_.id()) {
    reaching.Clear();
    reaching.set_reach(reach_.id());
    DropStates(SpanOf(reach_.features()), row);
  }
  if (reaching.live_size() >= kLiveMax) {
    const std::span<const uint64_t> missing = MissingFeatures(row);
    BeginAgain({missing.begin(), missing.end()}, row);
  }
  reaching.add_live(PackPosition(position));
}

// From here on the states hold no event, and the job is to ask for all.
void Fold::BeginAgain(const std::vector<uint64_t>& features, PersonRow& row) {
  DropStates(features, row);
  Reaching& reaching = *row.mutable_reaching();
  reaching.Clear();
  reaching.set_reach(reach_.id());
  reaching.set_again(true);
  reaching.set_mark(base::Number(current_.position.offset));
  SetNumbers(features, *reaching.mutable_features());
  state_.rows.Put(PartitionState::KeyOf(RowKind::kReachAgain, PersonNumberKey(row.number())), "");
  current_.effects->reach_changed = true;
}

void Fold::TakeMissing(const PersonRow& row, PersonBaggage& baggage) const {
  baggage.set_reach(reach_.id());
  SetNumbers(MissingFeatures(row), *baggage.mutable_missing());
}

// After the states of who has merged were taken. What either lacks both lack now; of somebody from
// where the definitions are others nothing is known to be complete.
void Fold::MergeMissing(const PersonBaggage& baggage, PersonRow& row) {
  std::vector<uint64_t> missing = UnionOf(MissingFeatures(row), SpanOf(baggage.missing()));
  if (baggage.reach() != reach_.id()) missing = FeatureNumbers();
  if (!missing.empty()) BeginAgain(missing, row);
}

void Fold::LeaveReach(PersonRow& row) {
  const bool was_again = row.reaching().again();
  row.clear_reaching();
  if (!was_again) return;
  state_.EraseRow(RowKind::kReachAgain, PersonNumberKey(row.number()));
  CheckReachDone();
}

std::vector<uint64_t> Fold::FeatureNumbers() const {
  std::vector<uint64_t> numbers;
  for (const feature::Feature& feature : features_->set().features()) {
    numbers.push_back(feature.number);
  }
  return numbers;
}

// ---- New definitions

void Fold::LoadReach() {
  if (auto stored = state_.GetRow<ReachRow>(RowKind::kReach, "")) reach_ = *std::move(stored);
}

void Fold::StoreReach() { state_.PutRow(RowKind::kReach, "", reach_); }

// `before` are the features that there were until now.
void Fold::BeginReach(const std::vector<uint64_t>& before) {
  const std::vector<uint64_t> now = FeatureNumbers();
  std::vector<uint64_t> added;
  std::set_difference(now.begin(), now.end(), before.begin(), before.end(),
                      std::back_inserter(added));
  std::vector<uint64_t> unfinished;
  std::set_intersection(now.begin(), now.end(), reach_.features().begin(), reach_.features().end(),
                        std::back_inserter(unfinished));
  const bool goes_on = added.empty();
  if (goes_on && unfinished.size() == static_cast<size_t>(reach_.features_size())) return;
  const std::vector<uint64_t> wanted = UnionOf(unfinished, added);
  SetNumbers(wanted, *reach_.mutable_features());
  if (!goes_on) {
    reach_.set_id(definitions_->version());
    reach_.set_next(1);
    reach_.set_last(state_.self.last_number());
    reach_.set_done(false);
    for (const uint32_t number : PeopleAgain(1, std::numeric_limits<size_t>::max())) {
      PersonRow& row = state_.people.Mutable(*state_.PersonOf(number));
      BeginAgain(UnionOf(SpanOf(row.reaching().features()), wanted), row);
    }
    current_.effects->reach_changed = true;
  }
  StoreReach();
  if (IsControl()) {
    if (!goes_on) ExpectReach();
  } else {
    CheckReachDone();
  }
}

std::vector<uint32_t> Fold::PeopleAgain(uint32_t from, size_t count) {
  std::vector<uint32_t> numbers;
  if (count == 0) return numbers;
  const std::string to(1, static_cast<char>(static_cast<char>(RowKind::kReachAgain) + 1));
  state_.rows.Scan(PartitionState::KeyOf(RowKind::kReachAgain, PersonNumberKey(from)), to,
                   [&](std::string_view key, std::string_view) {
                     base::ByteReader reader(key.substr(1));
                     numbers.push_back(reader.U32());
                     return numbers.size() < count;
                   });
  return numbers;
}

// ---- What was found

void Fold::OnFeaturesFound(const FeaturesFound& found) {
  const bool is_next = found.reach() == reach_.id() && !reach_.features().empty() &&
                       found.from() == reach_.next() && found.to() > found.from();
  for (const FoundPerson& one : found.people()) {
    const std::optional<base::PersonId> person = state_.PersonOf(one.number());
    if (!person.has_value()) continue;  // gone meanwhile
    if (one.mark() != 0) {
      PlaceAgain(one, *person);
    } else if (is_next) {
      PlaceInReach(one, *person);
    }
  }
  if (is_next) {
    reach_.set_next(found.to());
    StoreReach();
  }
  current_.effects->reach_changed = true;
  CheckReachDone();
}

void Fold::PlaceInReach(const FoundPerson& found, const base::PersonId& person) {
  PersonRow& row = state_.people.Mutable(person);
  if (row.reaching().again()) return;  // asked for by themselves
  if (row.reaching().reach() != reach_.id()) DropStates(SpanOf(reach_.features()), row);
  row.clear_reaching();
  PlaceStates(found, person, row);
}

void Fold::PlaceAgain(const FoundPerson& found, const base::PersonId& person) {
  PersonRow& row = state_.people.Mutable(person);
  if (!row.reaching().again() || row.reaching().mark() != found.mark()) return;
  row.clear_reaching();
  state_.EraseRow(RowKind::kReachAgain, PersonNumberKey(row.number()));
  PlaceStates(found, person, row);
  Touched& touched = Touch(person);
  touched.everything = true;
  touched.cause = profile::Cause::kBackfill;
}

void Fold::PlaceStates(const FoundPerson& found, const base::PersonId& person, PersonRow& row) {
  const feature::FeatureSet& set = features_->set();
  // The tick of their timer may be on its way still, and would not see what is expired here.
  if (row.has_features_due() && row.features_due() <= log_time().micros) {
    TouchByTime(person, row, {row.features_due()});
  }
  set.Merge(found.features(), *row.mutable_features());
  set.Expire(log_time(), *row.mutable_features());
  SetFeatureTimer(person, row, NextChangeOf(row));
}

// ---- Complete everywhere

void Fold::CheckReachDone() {
  if (reach_.features().empty() || reach_.done() || reach_.next() <= reach_.last()) return;
  if (!PeopleAgain(1, 1).empty()) return;
  reach_.set_done(true);
  StoreReach();
  Message message;
  message.mutable_reach_done()->set_reach(reach_.id());
  message.mutable_reach_done()->set_partition(base::Index(settings_.partition));
  Send(base::PartitionId{settings_.partitions}, std::move(message));
}

// At the control partition. Only the newest reach is waited for.
void Fold::ExpectReach() {
  WaitForNone(RowKind::kReaching);
  WaitForAll(RowKind::kReaching, NumberKey(reach_.id()));
}

void Fold::OnReachDone(const ReachDone& done) {
  const auto reaching = CrossOff(RowKind::kReaching, NumberKey(done.reach()), done.partition());
  if (!reaching.has_value() || !reaching->waiting_for().empty()) return;
  for (uint16_t partition = 0; partition <= settings_.partitions; ++partition) {
    Message message;
    message.mutable_features_ready()->set_reach(done.reach());
    Send(base::PartitionId{partition}, std::move(message));
  }
}

void Fold::OnFeaturesReady(const FeaturesReady& ready) {
  if (ready.reach() != reach_.id()) return;
  reach_.clear_features();
  StoreReach();
  BeginMeasuring();
  ContinueSweep();
}

}  // namespace batuta::engine
