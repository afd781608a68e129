// The fold of one partition: the deterministic state machine that turns records into state.
//
//     apply(record, state, definitions) -> changes to state, effects
//
// No clock (log time comes from the records' stamps), no dice (draws are keyed by the ids that the
// records carry), no I/O but reads of the partition's own state. Everything that is said to another
// partition is a message; what is said to the own one is done in the same step, unless it has to be
// durable first. Two folds of the same log have the same StateHash().
//
// The handlers stand in files of their own, by what they are about: fold_event.cc,
// fold_identity.cc, fold_decision.cc, fold_outcome.cc, fold_holdout.cc, fold_lease.cc,
// fold_model.cc, fold_example.cc, fold_group.cc, fold_consent.cc, fold_erasure.cc, fold_feature.cc,
// fold_reach.cc, fold_ask.cc, fold_segment.cc, fold_table.cc, fold_population.cc,
// fold_measure.cc, fold_control.cc. Used by one thread, the partition's.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/ids.h"
#include "base/shared_pool.h"
#include "base/time.h"
#include "decision/decide.h"
#include "decision/decision.pb.h"
#include "decision/lifecycle.h"
#include "engine/definitions.h"
#include "engine/effects.h"
#include "engine/fold_observer.h"
#include "engine/reach_slice.h"
#include "engine/record.h"
#include "engine/state.h"
#include "feature/set.h"
#include "identity/outbox.h"
#include "identity/person_protocol.h"
#include "learn/models.h"
#include "log/record.h"
#include "policy/lease.h"
#include "population/population.pb.h"
#include "profile/apply.h"
#include "rule/person.h"
#include "segment/evaluation.h"
#include "segment/populations.h"
#include "segment/segments.h"
#include "table/content.h"

namespace batuta::engine {

// What the partitions of a process need not have once each.
struct Shared {
  base::SharedPool<table::Content> tables;    // by upload
  base::SharedPool<Definitions> definitions;  // by the resources' bytes
  learn::Models::ScorerPool scorers;          // by the hash of the published models
};

struct FoldSettings {
  uint64_t hub_seed = 0;
  base::PartitionId partition{};
  uint16_t partitions = 1;  // without the control partition, whose number this is
  // With the other partitions of the process; null: nothing is shared.
  std::shared_ptr<Shared> shared = nullptr;
  // For a simulation. Not owned; null: nobody looks on.
  FoldObserver* observer = nullptr;
  // False: it trains and publishes nothing, and scores by the models that it is given.
  bool learns = true;
};

class Fold {
 public:
  // Takes up the state that the database holds. The database outlives the fold.
  Fold(const FoldSettings& settings, store::Database& database);

  // Applies the next record. Requires: record.position is this partition's, one after applied().
  void Apply(const log::Record& record, Effects& effects);

  // For a simulation, which folds a history that holds records of another course of things.
  // Leaves out the next record, as if it said nothing; and applies, before the next one, a record
  // that the history does not have: its position is that of the last one.
  void LeaveOut(const log::Record& record);
  void ApplyBetween(const log::Record& record, Effects& effects);
  void UseModels(const learn::Models& models) { models_ = models; }

  base::Offset applied() const { return applied_; }
  base::Time log_time() const { return state_.log_time(); }
  base::Time NextDue() { return state_.timers.NextDue(); }
  const Definitions& definitions() const { return *definitions_; }
  std::shared_ptr<const Definitions> shared_definitions() const { return definitions_; }
  std::shared_ptr<const table::Tables> tables() const { return tables_; }
  const learn::Models& models() const { return models_; }  // as they are published
  const FoldSettings& settings() const { return settings_; }

  // The edition of the segment whose members count; 0 if there is none yet.
  uint64_t ActiveEdition(std::string_view segment) const;
  // Of each segment, which edition is kept true.
  std::span<const uint64_t> editions() const { return evaluation_->editions(); }
  // The segments that a person is in, while neither the row nor the definitions change.
  std::vector<std::string_view> SegmentsOf(const PersonRow& row) const;
  // The person as rules see them now. All is borrowed, `segments` for those that ask for them.
  rule::PersonState PersonOf(const PersonRow& row,
                             std::span<const std::string_view> segments = {}) const;

  // Whether a feature is complete for everybody, in every partition. Until then, and for the people
  // below, rules know nothing of it.
  bool IsFeatureComplete(uint64_t number) const;
  // Features, ascending, that are being found of this person: they are not right yet. While the row
  // is unchanged.
  std::span<const uint64_t> MissingFeatures(const PersonRow& row) const;
  // Both: what rules know nothing of, of this person.
  std::span<const uint64_t> UntoldFeatures(const PersonRow& row) const;
  // How far that is.
  const ReachRow& reach() const { return reach_; }
  // Asks for what some more people lack, at most `count` of them; true if the slice is full, or has
  // everybody. What was in it is dropped if the definitions have changed since.
  bool AskReach(ReachSlice& slice, size_t count);

  // For reading by the api; changes go through records only.
  PartitionState& state() { return state_; }
  base::Id128 StateHash() { return state_.Hash(); }

  void Freeze() { state_.Freeze(); }
  bool EncodeSome(size_t count) { return state_.EncodeSome(count); }
  FrozenState TakeFrozen() { return state_.TakeFrozen(); }
  void FrozenWritten() { state_.FrozenWritten(); }
  size_t dirty_bytes() const { return state_.dirty_bytes(); }
  size_t unwritten_bytes() const { return state_.unwritten_bytes(); }
  void Trim(size_t bytes) { state_.Trim(bytes); }
  // Reads ahead some of what later records will ask for; false when there is nothing left to read.
  bool WarmUp() { return !state_.dedup.FillFilter(); }

 private:
  // A record's place and id, while it is applied.
  struct Current {
    base::Position position;
    base::RecordId id;
    Effects* effects = nullptr;
    uint32_t sent = 0;  // messages
  };

  // fold.cc
  void Take(const log::Record& record);
  void ApplyMessage(Message message);
  void Handle(Message message);
  void HandleDefinition(const Message& message);
  void OnTick();
  // The timer of that kind, which is set for `set`, has to come at `next` or before; one that fires
  // early finds nothing changed and is set anew. True if it is moved to `next`.
  bool SetNoLater(TimerKind kind, const base::PersonId& person, std::optional<int64_t> set,
                  base::Time next);
  void Send(base::PartitionId destination, Message message);
  void SendThroughLog(base::PartitionId destination, Message message);
  void Reply(std::string_view request_id, std::string bytes);
  base::PartitionId HomeOfIdentifier(const base::IdentifierHash& hash) const;
  Tallies& tallies() { return *state_.self.mutable_tallies(); }

  // fold_event.cc
  void OnEvent(Event event);
  void OnRejection(const Rejection& rejection);
  void NoteRejection(std::string_view code);
  void RouteEvent(EventOnWay event);
  void EventAtPerson(EventOnWay event, const base::PersonId& person);
  void ApplyToProfile(const EventOnWay& event, const base::PersonId& person, PersonRow& row);
  void ApplyTimelineChanges(const base::PersonId& person, const profile::TimelineChanges& changes);
  void AddToTimeline(const base::PersonId& person, profile::EntryKind kind, base::Time time,
                     base::Position position);
  profile::Cause CauseOf(const Event& event) const;

  // fold_feature.cc
  void ApplyFeatures(const EventOnWay& on_way, const profile::EventChanges& changes,
                     const base::PersonId& person, PersonRow& row);
  base::Time NextChangeOf(const PersonRow& row) const;
  void SetFeatureTimer(const base::PersonId& person, PersonRow& row, base::Time next);
  void OnFeatureTimer(const Timer& timer);
  void TouchByTime(const base::PersonId& person, const PersonRow& row, base::Time due);
  void RefreshFeatureTimer(const base::PersonId& person);
  void DropFeatures(const base::PersonId& person, PersonRow& row);
  void MergeFeatures(const PersonBaggage& baggage, const base::PersonId& person, PersonRow& row);

  // fold_reach.cc
  bool IsInReach(uint32_t number) const;
  void NoteLive(const base::Position& position, PersonRow& row);
  void BeginAgain(const std::vector<uint64_t>& features, PersonRow& row);
  void TakeMissing(const PersonRow& row, PersonBaggage& baggage) const;
  void MergeMissing(const PersonBaggage& baggage, PersonRow& row);
  void LeaveReach(PersonRow& row);
  std::vector<uint64_t> FeatureNumbers() const;
  void LoadReach();
  void StoreReach();
  void BeginReach(const std::vector<uint64_t>& before);
  std::vector<uint32_t> PeopleAgain(uint32_t from, size_t count);
  void OnFeaturesFound(const FeaturesFound& found);
  void PlaceInReach(const FoundPerson& found, const base::PersonId& person);
  void PlaceAgain(const FoundPerson& found, const base::PersonId& person);
  void PlaceStates(const FoundPerson& found, const base::PersonId& person, PersonRow& row);
  void CheckReachDone();
  void ExpectReach();
  void OnReachDone(const ReachDone& done);
  void OnFeaturesReady(const FeaturesReady& ready);

  // fold_ask.cc
  void BeginSlice(ReachSlice& slice) const;
  void AskInReach(size_t count, size_t bytes_end, ReachSlice& slice);
  void AskPerson(const base::PersonId& id, const PersonRow& row, ReachSlice& slice);
  void CollectEvents(const base::PersonId& id, const PersonRow& row,
                     const std::vector<uint64_t>& features, bool has_live, ReachSlice& slice);
  int64_t HorizonOf(const std::vector<uint64_t>& features) const;
  bool IsToldAnyway(const std::vector<uint64_t>& features, bool has_live,
                    const PersonRow& row) const;

  // fold_identity.cc
  identity::Context IdentityContext() const;
  void OnIdentityMessage(identity::IdentityMessage message);
  void AtIdentifier(const identity::IdentityMessage& message);
  void AtPerson(identity::IdentityMessage message);
  void SendAll(identity::Outbox& outbox);
  void CreatePerson(const base::PersonId& person, const identity::IdentifierRow& row,
                    const identity::EventIdentifiers& event);
  std::string TakeBaggage(const base::PersonId& person, PersonRow& row);
  void AddBaggage(const base::PersonId& person, PersonRow& row, const base::PersonId& from,
                  std::string_view bytes);
  void DropBaggage(const base::PersonId& from, std::string_view bytes);
  // The person who this tombstone merged into; empty if it is none.
  static std::optional<base::PersonId> MergedInto(const PersonRow& row);

  // fold_decision.cc
  void OnDecisionAsk(DecisionAsk ask);
  void DecisionByPersonId(DecisionAsk ask);
  void DecisionAtPerson(DecisionOnWay on_way);
  void DecideNext(const base::PersonId& person);
  void Decide(const base::PersonId& person, PersonRow& row, const DecisionAsk& ask);
  void RefuseDecision(const DecisionAsk& ask, const absl::Status& why);
  void OnDecisionRefused(const DecisionRefused& refused);
  void OnDecisionMade(DecisionMade made);
  void DropChoices(const decision::Decision& decision);
  void TakeChoices(const DecisionMade& made, const decision::Decision& decision, PersonRow& row);
  void ReplyError(std::string_view request_id, const absl::Status& status);

  // fold_outcome.cc
  void OnOutcomeAsk(OutcomeAsk ask);
  void OutcomeAtPerson(OutcomeOnWay on_way);
  void OnChoiceTimer(const Timer& timer);
  bool Holds(const rule::Rule& where, const Event& event, base::Time event_time,
             const PersonRow& row) const;
  void MatchOutcomes(const Event& event, base::Time event_time, const base::PersonId& person,
                     PersonRow& row);
  void CountForHoldouts(decision::OutcomeKind kind, const Event& event, base::Time event_time,
                        PersonRow& row);
  void TakeChoiceEffects(const base::PersonId& person, const decision::OpenDecision& open,
                         decision::Effects effects, PersonRow& row);
  void CloseLives(PersonRow& row);
  void OnLifeOver(const LifeOver& over);
  void SetChoiceTimers(const base::PersonId& person, const decision::OpenDecision& open);

  // fold_holdout.cc
  void MeetHoldouts(const DecisionMade& made, base::Time time, PersonRow& row);
  void MergeHoldouts(const PersonBaggage& baggage, PersonRow& row);
  void LeaveHoldouts(const PersonRow& row);
  void AcceptByReport(const decision::OpenDecision& open, const decision::Outcome& outcome,
                      PersonRow& row);
  void CountAcceptance(const decision::Acceptance& acceptance, PersonRow& row);
  bool IsPastHoldout(std::string_view name, uint64_t version) const;
  void Tally(const decision::HoldoutPerson& person, decision::TallyStep step);
  void DropHoldouts();

  // fold_lease.cc
  using LeaseChange = absl::FunctionRef<std::optional<policy::LeaseMessage>(policy::Lease& lease)>;
  void ChangeLease(const policy::LeaseKey& key, LeaseChange how);
  void WaitForLeases(const base::PersonId& person, const DecisionAsk& ask,
                     const decision::Decision& made, std::vector<decision::Shortage> shortages,
                     PersonRow& row);
  void KeepLeases(const decision::Decision& made, std::string_view awaited,
                  WaitingDecision& waiting);
  void ReturnKept(WaitingDecision& waiting);
  void TryAgain(const base::PersonId& person);
  void WakeForLease(const std::string& key);
  void KeepPlace(const std::string& lease, const std::string& row);
  std::vector<std::string> FirstWaiting(const std::string& lease, uint64_t woken, size_t count);
  void TakeHolds(const decision::Decision& made);
  void SendHoldChanges(base::PartitionId partition,
                       const std::vector<decision::HoldChange>& changes);
  void DropChoices(const decision::OpenDecisions& open);
  void OnHoldsChanged(const policy::HoldsChanged& changed);
  void SettleHold(const policy::Stake& hold, policy::HoldFate fate);
  void OnLeaseMessage(const policy::LeaseMessage& message);
  void HearLease(const policy::LeaseMessage& message);
  void NoteInLedger(const policy::LeaseMessage& message);
  void ServeLedger(const policy::LeaseKey& key, const policy::LeaseMessage* top_up,
                   policy::Ledger& ledger);
  void TellOwner(const std::optional<policy::LeaseMessage>& message);
  void OnLeaseTimer();
  void CloseLeases();
  void ServeLedgers();
  void SendLease(policy::LeaseMessage message);
  void RedefineLeases(const Definitions& before);
  policy::Holder HolderOf(const policy::LeaseKey& key) const;

  // fold_lesson.cc
  void Teach(learn::TrainingMessage training, PersonRow& row);
  void TeachAt(uint64_t owner_hash, learn::TrainingMessage training, PersonRow& row);
  void ForgetLessons(std::string_view lessons);
  bool KeepLesson(const learn::TrainingMessage& training);
  void PutLesson(const std::string& key, const learn::Lesson& lesson);
  void OnForgetLessons(const engine::ForgetLessons& forget);
  void LetLessonsGo();

  // fold_model.cc
  void OnTraining(const learn::TrainingMessage& training);
  void Learn(const learn::TrainingMessage& training);
  void TeachRates(const learn::TrainingMessage& training);
  void PublishModels();
  void TeachAdaptive(const learn::TrainingMessage& training);
  void PublishAdaptive(learn::PublishedModels& published);
  void OnModels(const learn::PublishedModels& published);
  learn::Models::ScorerPool* ScorerPool() const;  // null: nothing is shared
  void LoadModels();

  // fold_example.cc
  void KeepExample(const learn::TrainingMessage& training, uint64_t most,
                   learn::AdaptiveState& state);
  void DropExamples(learn::AdaptiveState& state, uint64_t count);

  // fold_group.cc
  void SendGroup(const EventOnWay& event, const base::PersonId& person);
  void OnGroup(const GroupOnWay& on_way);
  void OnGroupCopy(const GroupCopy& copy);
  void SendGroupCopies(const profile::GroupRow& row, std::string_view only);
  void MoveMemberships(const profile::Profile& from, const base::PersonId& gone,
                       const base::PersonId& survivor);
  void LeaveGroups(const profile::Profile& profile, const base::PersonId& person);

  // fold_consent.cc
  void SendAddressConsents(const EventOnWay& event);
  void OnAddressConsent(const AddressConsentOnWay& on_way);
  void CopyConsents(const base::IdentifierHash& address);
  void ForgetGrants(const base::IdentifierHash& address);
  void OnConsentCopy(const ConsentCopy& copy);

  // fold_erasure.cc
  void OnEraseAsk(const EraseAsk& ask);
  void OnErasure(const ErasureOnWay& on_way);
  void DropPerson(const base::PersonId& person, PersonRow& row,
                  const std::vector<base::IdentifierHash>& erased);
  void OnOutboxDone(const OutboxDone& done);

  // fold_segment.cc
  // What a record did to a person, as far as segments may ask for it.
  struct Touched {
    base::PersonId person;
    profile::Cause cause = profile::Cause::kLive;
    bool everything = false;
    bool time = false;
    bool wanted = false;  // whatever is not active yet
    std::array<bool, segment::kFacets> facets = {};
    std::vector<std::string> traits = {};
    std::vector<uint64_t> features = {};   // their numbers
    std::vector<std::string> tables = {};  // whose rows, or cut points, are others
    segment::Memberships inherited = {};   // of who has merged into the person
    void Add(segment::Facet facet) { facets[static_cast<size_t>(facet)] = true; }
  };
  // Valid until the next call.
  Touched& Touch(const base::PersonId& person);
  void TouchByEvent(const base::PersonId& person, const profile::EventChanges& changes);
  void NumberPerson(const base::PersonId& person, PersonRow& row);
  void LeaveSegments(const base::PersonId& person, PersonRow& row);
  void OnSegmentTurn(const base::PersonId& person);
  bool HasSegments() const;
  void EvaluateTouched();
  std::vector<bool> DueSegments(const Touched& touched, const PersonRow& row) const;
  bool IsActive(size_t segment) const;
  bool CanAsk(const segment::Segment& segment, const PersonRow& row) const;
  bool IsSweepReady() const;
  void EvaluateSegments(const Touched& touched, const PersonRow& row);
  void EnterSegment(size_t segment, const Touched& touched, PersonRow& row);
  void ForgetEditions(const base::PersonId& person, const PersonRow& row);
  void OnSegmentsChanged(const SegmentsChanged& changed);
  void LoadSegments();
  void BeginSweep();
  void ContinueSweep();
  uint64_t NewEdition(const segment::Segment& segment) const;
  void OnSweep();
  void FinishSweep(SweepRow sweep);
  void OnSweepDone(const SweepDone& done);
  void ExpectSweeps();
  void OnSegmentsReady(const SegmentsReady& ready);

  // fold_table.cc
  void OnTablePartAsk(TablePartAsk ask);
  void OnTablePart(const TablePart& part);
  void OnTableApplied(const TableApplied& applied);
  bool LayUpTablePart(const TablePart& part);
  void DropTableParts(std::string_view upload, uint32_t parts);
  void SwitchTable(const table::Head& head);
  void DropTables();
  void LoadTables();
  std::shared_ptr<const table::Content> ContentOf(const table::Head& head);
  // Another with each change of the definitions or of a table's rows, and the same in all
  // partitions.
  uint64_t Generation() const;
  // A segment's definition with the rows that it looks up in.
  uint64_t MeaningOf(const segment::Segment& segment) const;

  // fold_population.cc
  void OnPopulationAsk(const PopulationAsk& ask);
  void BeginPopulations();
  void BeginDuePopulations();
  void BeginPopulation(const segment::Population& population);
  void SetPopulationTimer();
  void OnPopulationCounted(const PopulationCounted& counted);
  void OnPopulationCounts(const PopulationCounts& counts);
  void GoOnSelecting(std::string_view name, PopulationRunRow run);
  void PublishPopulation(std::string_view name, const PopulationRunRow& run);
  void SendToAll(const Message& message);
  void DropPopulations();
  void LoadPopulations(table::Tables& tables);
  void UsePopulation(const population::Version& version);

  // fold_measure.cc
  void OnPopulationBegin(const PopulationBegin& begin);
  void BeginMeasuring();
  void OnMeasuring();
  void MeasureSome(const std::string& name, MeasuringRow row);
  void MeasureEarly(const PersonRow& row);
  void ForgetMeasured(const PersonRow& row);
  std::string MeasureOf(const segment::Population& population, const MeasuringRow& measuring,
                        const PersonRow& row);
  void OnPopulationProbe(const PopulationProbe& probe);
  void OnPopulationFound(const population::Version& version);
  void DropMeasuring(const std::string& name);
  void DropAllMeasuring();
  void LoadMeasuring();
  void SweepPopulation(const population::Version& version, profile::Cause cause);
  void OnPopulationSweep();

  // fold_waiting.cc
  void WaitForAll(RowKind kind, std::string_view key, std::string_view request_id = "");
  // A partition is through with it. Who is not, and the row is gone if that is nobody; nothing if
  // it is not waited for any more.
  std::optional<WaitingRow> CrossOff(RowKind kind, std::string_view key, uint32_t partition);
  void WaitForNone(RowKind kind);

  // fold_control.cc
  bool IsControl() const { return base::Index(settings_.partition) == settings_.partitions; }
  void OnDefinitionsAsk(const DefinitionsAsk& ask);
  void OnDefinitions(const NewDefinitions& definitions);
  void OnDefinitionsApplied(const DefinitionsApplied& applied);
  void OnKeyAsk(const KeyAsk& ask);
  void OnAudit(const Audit& audit);
  void SwitchDefinitions(std::string_view resources);
  void UseDefinitions(std::shared_ptr<const Definitions> definitions);

  const FoldSettings settings_;
  PartitionState state_;
  std::shared_ptr<const Definitions> definitions_;
  std::shared_ptr<const table::Tables> tables_ = std::make_shared<const table::Tables>();
  std::unique_ptr<feature::FeatureFold> features_;  // of these definitions
  ReachRow reach_;                                  // as in its row
  learn::Models models_;
  base::Offset applied_;
  Current current_;           // while a record is applied
  uint32_t sent_before_ = 0;  // messages by records at the place of the last one
  std::vector<char> decision_block_ = std::vector<char>(size_t{64} << 10);  // see Decide()
  std::deque<Message> local_;     // messages to this partition, done before the step ends
  std::vector<Touched> touched_;  // by this record, each person once
  std::unique_ptr<segment::Evaluation> evaluation_;               // of definitions_
  std::unique_ptr<segment::PopulationReader> measures_;           // of definitions_
  std::map<std::string, MeasuringRow, std::less<>> measuring_;    // as in their rows
  std::map<std::string, uint64_t, std::less<>> active_editions_;  // by name, as in their rows
  absl::flat_hash_map<uint64_t, std::string_view> active_names_;  // the same, by edition
};

}  // namespace batuta::engine
