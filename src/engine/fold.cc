#include "engine/fold.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "identity/refs.h"

namespace batuta::engine {
namespace {

template <typename Payload>
Payload Parse(const log::Record& record) {
  Payload payload;
  BATUTA_CHECK(payload.ParseFromString(record.payload), "a record of the log does not parse");
  return payload;
}

}  // namespace

Fold::Fold(const FoldSettings& settings, store::Database& database)
    : settings_(settings), state_(database), applied_(database.Applied()) {
  BATUTA_CHECK(settings.partitions > 0);
  std::vector<resource::Problem> problems;
  UseDefinitions(Definitions::Compile({}, problems));
  const auto stored = state_.rows.Get(std::string(1, static_cast<char>(RowKind::kDefinitions)));
  if (stored.has_value()) SwitchDefinitions(*stored);
  LoadReach();
  LoadTables();
  LoadMeasuring();
  LoadSegments();
  LoadModels();
}

void Fold::Apply(const log::Record& record, Effects& effects) {
  BATUTA_CHECK(record.position.partition == settings_.partition);
  BATUTA_CHECK(record.position.offset == base::Next(applied_), "records must come without a gap");
  current_ = {.position = record.position, .id = record.id, .effects = &effects};
  Take(record);
  applied_ = record.position.offset;
}

void Fold::LeaveOut(const log::Record& record) {
  BATUTA_CHECK(record.position == (base::Position{settings_.partition, base::Next(applied_)}));
  state_.self.set_log_time(std::max(state_.self.log_time(), record.stamp.micros));
  applied_ = record.position.offset;
  sent_before_ = 0;
}

void Fold::ApplyBetween(const log::Record& record, Effects& effects) {
  BATUTA_CHECK(record.position == (base::Position{settings_.partition, applied_}));
  current_ = {
      .position = record.position, .id = record.id, .effects = &effects, .sent = sent_before_};
  Take(record);
}

void Fold::Take(const log::Record& record) {
  BATUTA_CHECK(local_.empty());
  state_.self.set_log_time(std::max(state_.self.log_time(), record.stamp.micros));
  switch (static_cast<RecordType>(record.type)) {
    case RecordType::kEvent:
      OnEvent(Parse<Event>(record));
      break;
    case RecordType::kRejection:
      OnRejection(Parse<Rejection>(record));
      break;
    case RecordType::kDecisionAsk:
      OnDecisionAsk(Parse<DecisionAsk>(record));
      break;
    case RecordType::kOutcomeAsk:
      OnOutcomeAsk(Parse<OutcomeAsk>(record));
      break;
    case RecordType::kEraseAsk:
      OnEraseAsk(Parse<EraseAsk>(record));
      break;
    case RecordType::kTick:
      OnTick();
      break;
    case RecordType::kMessage:
      ApplyMessage(Parse<Message>(record));
      break;
    case RecordType::kOutboxDone:
      OnOutboxDone(Parse<OutboxDone>(record));
      break;
    case RecordType::kDefinitionsAsk:
      OnDefinitionsAsk(Parse<DefinitionsAsk>(record));
      break;
    case RecordType::kKeyAsk:
      OnKeyAsk(Parse<KeyAsk>(record));
      break;
    case RecordType::kAudit:
      OnAudit(Parse<Audit>(record));
      break;
    case RecordType::kFeaturesFound:
      OnFeaturesFound(Parse<FeaturesFound>(record));
      break;
    case RecordType::kTablePartAsk:
      OnTablePartAsk(Parse<TablePartAsk>(record));
      break;
    case RecordType::kPopulationAsk:
      OnPopulationAsk(Parse<PopulationAsk>(record));
      break;
    default:
      BATUTA_CHECK(false, "a record of an unknown type: made by a newer release?");
  }
  while (!local_.empty()) {
    Message message = std::move(local_.front());
    local_.pop_front();
    Handle(std::move(message));
  }
  EvaluateTouched();
  sent_before_ = current_.sent;
  current_ = {};
}

// A message is taken once: those at or below the watermark were sent again after a crash.
void Fold::ApplyMessage(Message message) {
  const base::PartitionId source{static_cast<uint16_t>(message.source())};
  const MessageNumber number = NumberOf(message);
  if (number <= state_.WatermarkOf(source)) return;
  state_.SetWatermark(source, number);
  Handle(std::move(message));
}

void Fold::Handle(Message message) {
  switch (message.body_case()) {
    case Message::kIdentity:
      return OnIdentityMessage(std::move(*message.mutable_identity()));
    case Message::kEvent: {
      EventOnWay& event = *message.mutable_event();
      if (!event.has_person()) return RouteEvent(std::move(event));
      const base::PersonId person = identity::FromRef(event.person());
      return EventAtPerson(std::move(event), person);
    }
    case Message::kDecision:
      return DecisionAtPerson(std::move(*message.mutable_decision()));
    case Message::kMade:
      return OnDecisionMade(std::move(*message.mutable_made()));
    case Message::kOutcome:
      return OutcomeAtPerson(std::move(*message.mutable_outcome()));
    case Message::kTraining:
      return OnTraining(message.training());
    case Message::kModels:
      return OnModels(message.models());
    case Message::kAddressConsent:
      return OnAddressConsent(message.address_consent());
    case Message::kConsentCopy:
      return OnConsentCopy(message.consent_copy());
    case Message::kGroup:
      return OnGroup(message.group());
    case Message::kGroupCopy:
      return OnGroupCopy(message.group_copy());
    case Message::kErasure:
      return OnErasure(message.erasure());
    case Message::kDecisionRefused:
      return OnDecisionRefused(message.decision_refused());
    case Message::kSegmentsChanged:
      return OnSegmentsChanged(message.segments_changed());
    case Message::kLease:
      return OnLeaseMessage(message.lease());
    case Message::kForgetLessons:
      return OnForgetLessons(message.forget_lessons());
    case Message::kLifeOver:
      return OnLifeOver(message.life_over());
    case Message::kHoldsChanged:
      return OnHoldsChanged(message.holds_changed());
    default:
      return HandleDefinition(message);
  }
}

// What comes with definitions, tables and populations, which concern everybody.
void Fold::HandleDefinition(const Message& message) {
  switch (message.body_case()) {
    case Message::kDefinitions:
      return OnDefinitions(message.definitions());
    case Message::kDefinitionsApplied:
      return OnDefinitionsApplied(message.definitions_applied());
    case Message::kSweepDone:
      return OnSweepDone(message.sweep_done());
    case Message::kSegmentsReady:
      return OnSegmentsReady(message.segments_ready());
    case Message::kReachDone:
      return OnReachDone(message.reach_done());
    case Message::kFeaturesReady:
      return OnFeaturesReady(message.features_ready());
    case Message::kTablePart:
      return OnTablePart(message.table_part());
    case Message::kTableApplied:
      return OnTableApplied(message.table_applied());
    case Message::kPopulationBegin:
      return OnPopulationBegin(message.population_begin());
    case Message::kPopulationCounted:
      return OnPopulationCounted(message.population_counted());
    case Message::kPopulationProbe:
      return OnPopulationProbe(message.population_probe());
    case Message::kPopulationCounts:
      return OnPopulationCounts(message.population_counts());
    case Message::kPopulationFound:
      return OnPopulationFound(message.population_found());
    default:
      break;
  }
  BATUTA_CHECK(false, "a message without a known body: made by a newer release?");
}

void Fold::OnTick() {
  for (const Timer& timer : state_.timers.TakeDue(log_time())) {
    switch (timer.kind) {
      case TimerKind::kDecisionSettle:
        DecideNext(base::PersonId::FromBytes(timer.target));
        break;
      case TimerKind::kChoiceDeadline:
        OnChoiceTimer(timer);
        break;
      case TimerKind::kFeatures:
        OnFeatureTimer(timer);
        break;
      case TimerKind::kPublishModels:
        PublishModels();
        break;
      case TimerKind::kSegmentTurn:
        OnSegmentTurn(base::PersonId::FromBytes(timer.target));
        break;
      case TimerKind::kSegmentSweep:
        OnSweep();
        break;
      case TimerKind::kPopulation:
        BeginDuePopulations();
        break;
      case TimerKind::kMeasuring:
        OnMeasuring();
        break;
      case TimerKind::kPopulationSweep:
        OnPopulationSweep();
        break;
      case TimerKind::kLeases:
        OnLeaseTimer();
        break;
    }
  }
}

bool Fold::SetNoLater(TimerKind kind, const base::PersonId& person, std::optional<int64_t> set,
                      base::Time next) {
  if (next == base::kDistantFuture || (set.has_value() && *set <= next.micros)) return false;
  BATUTA_CHECK(next > log_time(), "what time changes it changes later or not at all");
  const std::string target = person.ToBytes();
  if (set.has_value()) state_.timers.Cancel({.due = {*set}, .kind = kind, .target = target});
  state_.timers.Set({.due = next, .kind = kind, .target = target});
  return true;
}

void Fold::Send(base::PartitionId destination, Message message) {
  if (destination == settings_.partition) {
    local_.push_back(std::move(message));
  } else {
    SendThroughLog(destination, std::move(message));
  }
}

void Fold::SendThroughLog(base::PartitionId destination, Message message) {
  BATUTA_CHECK(base::Index(destination) <= settings_.partitions);
  current_.effects->messages.push_back({.destination = destination,
                                        .id = current_.id,
                                        .offset = current_.position.offset,
                                        .number = ++current_.sent,
                                        .message = std::move(message)});
}

void Fold::Reply(std::string_view request_id, std::string bytes) {
  if (request_id.empty()) return;
  current_.effects->answers.push_back(
      {.request = base::RecordId::FromBytes(request_id), .result = std::move(bytes)});
}

void Fold::ReplyError(std::string_view request_id, const absl::Status& status) {
  if (request_id.empty()) return;
  current_.effects->answers.push_back(
      {.request = base::RecordId::FromBytes(request_id), .result = status});
}

base::PartitionId Fold::HomeOfIdentifier(const base::IdentifierHash& hash) const {
  return identity::HomeOf(hash, settings_.partitions);
}

}  // namespace batuta::engine
