// Segments: who is in which, kept true as people change and time passes; and finding the members of
// new definitions while everything else goes on.
//
// A new definition begins an edition, which is `wanted` until everybody in every partition has been
// asked; then it becomes `active` everywhere, and its members those that count. Meanwhile those of
// the active one count, as of the change.
#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/hash.h"
#include "base/status.h"
#include "engine/fold.h"
#include "identity/refs.h"
#include "population/measures.h"

namespace batuta::engine {
namespace {

// People asked per tick: a few milliseconds of work.
constexpr size_t kSweepStep = 128;

}  // namespace

Fold::Touched& Fold::Touch(const base::PersonId& person) {
  for (Touched& touched : touched_) {
    if (touched.person == person) return touched;
  }
  Touched& touched = touched_.emplace_back();
  touched.person = person;
  return touched;
}

void Fold::NumberPerson(const base::PersonId& person, PersonRow& row) {
  const uint32_t number = state_.self.last_number() + 1;
  state_.self.set_last_number(number);
  row.set_number(number);
  state_.rows.Put(PartitionState::KeyOf(RowKind::kNumber, PersonNumberKey(number)),
                  person.ToBytes());
  Touch(person).everything = true;
}

// Of somebody who is here no more: merged away, or erased.
void Fold::LeaveSegments(const base::PersonId& person, PersonRow& row) {
  for (const segment::Membership& membership : row.segments()) {
    state_.members.Remove(membership.edition(), row.number());
  }
  row.clear_segments();
  if (row.has_segments_due()) {
    state_.timers.Cancel(
        {.due = {row.segments_due()}, .kind = TimerKind::kSegmentTurn, .target = person.ToBytes()});
  }
  row.clear_segments_due();
  if (row.number() != 0) state_.EraseRow(RowKind::kNumber, PersonNumberKey(row.number()));
  row.clear_number();
}

void Fold::OnSegmentTurn(const base::PersonId& person) {
  state_.people.Mutable(person).clear_segments_due();
  Touch(person).time = true;
}

bool Fold::HasSegments() const { return !definitions_->segments->all().empty(); }

void Fold::EvaluateTouched() {
  if (!HasSegments()) return touched_.clear();
  for (const Touched& touched : touched_) {
    const PersonRow* row = state_.people.Find(touched.person);
    if (row != nullptr && row->number() != 0) EvaluateSegments(touched, *row);
  }
  touched_.clear();
}

std::vector<bool> Fold::DueSegments(const Touched& touched, const PersonRow& row) const {
  const segment::Segments& segments = *definitions_->segments;
  std::vector<bool> due(segments.all().size(), touched.everything);
  const auto add = [&due](std::span<const uint32_t> indexes) {
    for (const uint32_t index : indexes) due[index] = true;
  };
  for (const std::string& trait : touched.traits) add(segments.OfTrait(trait));
  for (const uint64_t feature : touched.features) add(segments.OfFeature(feature));
  for (const std::string& table : touched.tables) add(segments.OfTable(table));
  for (size_t facet = 0; facet < segment::kFacets; ++facet) {
    if (touched.facets[facet]) add(segments.OfFacet(static_cast<segment::Facet>(facet)));
  }
  // The tick of a turn that has come may be on its way still.
  const bool is_turned = row.has_segments_due() && row.segments_due() <= log_time().micros;
  if (touched.time || is_turned) add(segments.WithTurns());
  if (row.has_features_due() && row.features_due() <= log_time().micros) {
    add(segments.WithFeatures());
  }
  for (size_t i = 0; touched.wanted && i < due.size(); ++i) {
    if (!IsActive(i)) due[i] = true;
  }
  return due;
}

std::vector<std::string_view> Fold::SegmentsOf(const PersonRow& row) const {
  std::vector<std::string_view> names;
  for (const segment::Membership& membership : row.segments()) {
    const auto found = active_names_.find(membership.edition());
    if (found != active_names_.end()) names.push_back(found->second);
  }
  return names;
}

rule::PersonState Fold::PersonOf(const PersonRow& row,
                                 std::span<const std::string_view> segments) const {
  return {.profile = row.profile(),
          .identity = &row.identity(),
          .features = &row.features(),
          .missing = UntoldFeatures(row),
          .segments = segments,
          .now = log_time()};
}

uint64_t Fold::ActiveEdition(std::string_view segment) const {
  const auto found = active_editions_.find(segment);
  return found == active_editions_.end() ? 0 : found->second;
}

bool Fold::IsActive(size_t segment) const {
  return ActiveEdition(definitions_->segments->all()[segment].name) ==
         evaluation_->editions()[segment];
}

// While a feature of theirs is being found, people stay where they are.
bool Fold::CanAsk(const segment::Segment& segment, const PersonRow& row) const {
  const std::span<const uint64_t> untold = UntoldFeatures(row);
  return untold.empty() ||
         std::none_of(segment.features.begin(), segment.features.end(), [&](uint64_t number) {
           return std::binary_search(untold.begin(), untold.end(), number);
         });
}

// The row is changed through people.Mutable alone, so that who stays the same is not written.
void Fold::EvaluateSegments(const Touched& touched, const PersonRow& row) {
  const std::span<const segment::Segment> all = definitions_->segments->all();
  std::vector<bool> due = DueSegments(touched, row);
  if (std::find(due.begin(), due.end(), true) == due.end()) return;
  evaluation_->Bind(PersonOf(row), row.segments());
  SegmentsChanged changed;
  for (size_t i = 0; i < all.size(); ++i) {
    if (!due[i]) continue;
    const segment::Segment& segment = all[i];
    if (!CanAsk(segment, row)) continue;
    const bool fits = evaluation_->Fits(segment);
    const uint64_t edition = evaluation_->editions()[i];
    if (fits == (segment::Find(row.segments(), edition) != nullptr)) continue;
    PersonRow& changing = state_.people.Mutable(touched.person);
    if (fits) {
      EnterSegment(i, touched, changing);
    } else {
      segment::Leave(edition, *changing.mutable_segments());
      state_.members.Remove(edition, row.number());
    }
    evaluation_->Changed();
    for (const uint32_t user : segment.users) due[user] = true;
    if (!IsActive(i)) continue;
    (fits ? changed.add_entered(segment.name) : changed.add_left(segment.name));
  }
  ForgetEditions(touched.person, row);
  // The others turn no earlier than the timer that is set.
  base::Time turn = base::kDistantFuture;
  for (const uint32_t i : definitions_->segments->WithTurns()) {
    if (due[i]) turn = std::min(turn, evaluation_->NextTurn(all[i]));
  }
  const auto set = row.has_segments_due() ? std::optional(row.segments_due()) : std::nullopt;
  if (SetNoLater(TimerKind::kSegmentTurn, touched.person, set, turn)) {
    state_.people.Mutable(touched.person).set_segments_due(turn.micros);
  }
  if (changed.entered().empty() && changed.left().empty()) return;
  *changed.mutable_person() = identity::ToRef(touched.person);
  changed.set_log_time(log_time().micros);
  changed.set_cause(static_cast<uint32_t>(touched.cause));
  Message message;
  *message.mutable_segments_changed() = std::move(changed);
  SendThroughLog(settings_.partition, std::move(message));
}

// Who was in the segment already, by the edition before or as somebody who has merged since, stays
// in it.
void Fold::EnterSegment(size_t segment, const Touched& touched, PersonRow& row) {
  const uint64_t edition = evaluation_->editions()[segment];
  base::Time since = log_time();
  profile::Cause cause = touched.cause;
  const auto take_earlier = [&](const segment::Membership* before) {
    if (before == nullptr || before->since() >= since.micros) return;
    since = {before->since()};
    cause = static_cast<profile::Cause>(before->cause());
  };
  take_earlier(segment::Find(touched.inherited, edition));
  take_earlier(
      segment::Find(row.segments(), ActiveEdition(definitions_->segments->all()[segment].name)));
  segment::Enter(edition, since, cause, *row.mutable_segments());
  state_.members.Add(edition, row.number());
}

// Memberships of editions that are neither active nor wanted any more; until somebody is asked
// again they stay, and mean nothing.
void Fold::ForgetEditions(const base::PersonId& person, const PersonRow& row) {
  for (int i = row.segments_size() - 1; i >= 0; --i) {
    const uint64_t edition = row.segments(i).edition();
    if (evaluation_->FindEdition(edition).has_value()) continue;
    const bool is_active =
        std::any_of(active_editions_.begin(), active_editions_.end(),
                    [edition](const auto& active) { return active.second == edition; });
    if (!is_active) state_.people.Mutable(person).mutable_segments()->DeleteSubrange(i, 1);
  }
}

void Fold::OnSegmentsChanged(const SegmentsChanged& changed) {
  const base::PersonId person = identity::FromRef(changed.person());
  const PersonRow* row = state_.people.Find(person);
  BATUTA_CHECK(row != nullptr);
  if (const auto survivor = MergedInto(*row)) {
    Message message;
    *message.mutable_segments_changed() = changed;
    *message.mutable_segments_changed()->mutable_person() = identity::ToRef(*survivor);
    return Send(survivor->partition, std::move(message));
  }
  if (row->identity().erased()) return;
  AddToTimeline(person, profile::EntryKind::kSegment, {changed.log_time()}, current_.position);
}

// ---- New definitions

void Fold::LoadSegments() {
  active_editions_.clear();
  active_names_.clear();
  std::map<std::string, uint64_t, std::less<>> wanted;
  for (const auto& [name, row] : state_.RowsOf<SegmentRow>(RowKind::kSegment)) {
    if (row.active() != 0) active_editions_[name] = row.active();
    wanted[name] = row.wanted();
  }
  for (const auto& [name, edition] : active_editions_) active_names_[edition] = name;
  std::vector<uint64_t> editions;
  for (const segment::Segment& segment : definitions_->segments->all()) {
    editions.push_back(wanted[segment.name]);
  }
  evaluation_->UseEditions(std::move(editions));
}

// Sorts out which definitions are new, and begins to find their members. Editions that nobody wants
// any more lose theirs.
void Fold::BeginSweep() {
  for (const auto& [name, row] : state_.RowsOf<SegmentRow>(RowKind::kSegment)) {
    if (definitions_->segments->Find(name) != nullptr) continue;
    state_.members.Drop(row.active());
    state_.members.Drop(row.wanted());
    state_.EraseRow(RowKind::kSegment, name);
  }
  bool any_new = false;
  bool any_begun = false;
  for (const segment::Segment& segment : definitions_->segments->all()) {
    SegmentRow row;
    if (auto known = state_.GetRow<SegmentRow>(RowKind::kSegment, segment.name)) row = *known;
    if (row.definition() != MeaningOf(segment)) {
      if (row.wanted() != row.active()) state_.members.Drop(row.wanted());
      row.set_definition(MeaningOf(segment));
      row.set_wanted(NewEdition(segment));
      any_begun = true;
      state_.PutRow(RowKind::kSegment, segment.name, row);
    }
    any_new |= row.active() != row.wanted();
  }
  LoadSegments();
  // What is looked for already goes on where it is.
  SweepRow sweep;
  if (auto running = state_.GetRow<SweepRow>(RowKind::kSweep, ""); running && !any_begun) {
    sweep = *std::move(running);
  }
  sweep.set_generation(Generation());
  if (!any_new || sweep.done()) return FinishSweep(sweep);
  state_.PutRow(RowKind::kSweep, "", sweep);
  ContinueSweep();
}

// The members of new definitions are looked for when all that these read is complete.
bool Fold::IsSweepReady() const {
  const std::span<const segment::Segment> all = definitions_->segments->all();
  for (size_t i = 0; i < all.size(); ++i) {
    const std::vector<uint64_t>& features = all[i].features;
    const bool is_complete = std::all_of(features.begin(), features.end(), [this](uint64_t number) {
      return IsFeatureComplete(number);
    });
    // A population that is not measured yet will be.
    const bool is_measured =
        std::all_of(all[i].tables.begin(), all[i].tables.end(), [this](std::string_view table) {
          const auto name = population::PopulationOf(table);
          return !name.has_value() || tables_->populations.contains(*name) ||
                 definitions_->populations->Find(*name) == nullptr;
        });
    if (!(is_complete && is_measured) && !IsActive(i)) return false;
  }
  return true;
}

void Fold::ContinueSweep() {
  const auto sweep = state_.GetRow<SweepRow>(RowKind::kSweep, "");
  if (!sweep.has_value() || sweep->done() || !IsSweepReady()) return;
  state_.timers.Set({.due = log_time(), .kind = TimerKind::kSegmentSweep, .target = ""});
}

// Generations are never used again.
uint64_t Fold::NewEdition(const segment::Segment& segment) const {
  base::ByteWriter writer;
  writer.U64(MeaningOf(segment));
  writer.U64(Generation());
  return base::Hash64(writer.bytes());
}

void Fold::OnSweep() {
  auto sweep = state_.GetRow<SweepRow>(RowKind::kSweep, "");
  if (!sweep.has_value() || sweep->done() || !IsSweepReady()) return;
  std::vector<base::PersonId> people;
  uint32_t last = 0;
  state_.ScanNumbers(sweep->next(), [&](uint32_t number, const base::PersonId& person) {
    people.push_back(person);
    last = number;
    return people.size() < kSweepStep;
  });
  for (const base::PersonId& person : people) {
    Touched& touched = Touch(person);
    touched.wanted = true;
    touched.cause = profile::Cause::kBackfill;
    if (!definitions_->segments->WithFeatures().empty()) RefreshFeatureTimer(person);
  }
  if (people.size() < kSweepStep) return FinishSweep(*sweep);
  sweep->set_next(last + 1);
  state_.PutRow(RowKind::kSweep, "", *sweep);
  state_.timers.Set({.due = log_time(), .kind = TimerKind::kSegmentSweep, .target = ""});
}

void Fold::FinishSweep(SweepRow sweep) {
  sweep.set_done(true);
  state_.PutRow(RowKind::kSweep, "", sweep);
  Message message;
  message.mutable_sweep_done()->set_generation(sweep.generation());
  message.mutable_sweep_done()->set_partition(base::Index(settings_.partition));
  Send(base::PartitionId{settings_.partitions}, std::move(message));
}

// At the control partition. News of versions that others have replaced meanwhile find nothing.
void Fold::OnSweepDone(const SweepDone& done) {
  const auto sweeping =
      CrossOff(RowKind::kSweeping, NumberKey(done.generation()), done.partition());
  if (!sweeping.has_value() || !sweeping->waiting_for().empty()) return;
  for (uint16_t partition = 0; partition < settings_.partitions; ++partition) {
    Message message;
    message.mutable_segments_ready()->set_generation(done.generation());
    Send(base::PartitionId{partition}, std::move(message));
  }
}

void Fold::ExpectSweeps() {
  WaitForNone(RowKind::kSweeping);
  WaitForAll(RowKind::kSweeping, NumberKey(Generation()));
}

void Fold::OnSegmentsReady(const SegmentsReady& ready) {
  if (ready.generation() != Generation()) return;
  for (const segment::Segment& segment : definitions_->segments->all()) {
    auto row = state_.GetRow<SegmentRow>(RowKind::kSegment, segment.name);
    BATUTA_CHECK(row.has_value());
    if (row->active() == row->wanted()) continue;
    if (row->active() != 0) state_.members.Drop(row->active());
    row->set_active(row->wanted());
    state_.PutRow(RowKind::kSegment, segment.name, *row);
  }
  LoadSegments();
}

}  // namespace batuta::engine
