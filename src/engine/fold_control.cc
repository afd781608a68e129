// The control partition: definitions, API keys and the audit trail; and the switch of a partition
// to new definitions at a record of its own log.
#include <string>
#include <utility>

#include "base/status.h"
#include "engine/fold.h"

namespace batuta::engine {
namespace {

// Entries of the audit trail kept for listing; their records stay in the log.
constexpr uint64_t kKeptAudits = 10'000;

}  // namespace

void Fold::OnDefinitionsAsk(const DefinitionsAsk& ask) {
  BATUTA_CHECK(IsControl());
  if (ask.replaces() != definitions_->version()) {
    return ReplyError(ask.request_id(),
                      absl::AbortedError("somebody else changed the definitions meanwhile; look at "
                                         "the difference again"));
  }
  const uint64_t before = definitions_->version();
  const std::vector<uint64_t> features = FeatureNumbers();
  SwitchDefinitions(ask.resources());
  if (definitions_->version() == before) {  // nothing differs, so nobody has to switch
    return Reply(ask.request_id(), std::to_string(before));
  }
  WaitForAll(RowKind::kPublishing, NumberKey(definitions_->version()), ask.request_id());
  for (uint16_t partition = 0; partition < settings_.partitions; ++partition) {
    Message message;
    message.mutable_definitions()->set_version(definitions_->version());
    message.mutable_definitions()->set_resources(ask.resources());
    Send(base::PartitionId{partition}, std::move(message));
  }
  BeginReach(features);
  ExpectSweeps();
  BeginPopulations();
}

void Fold::OnDefinitions(const NewDefinitions& definitions) {
  const std::vector<uint64_t> features = FeatureNumbers();
  DropAllMeasuring();
  const std::shared_ptr<const Definitions> before = definitions_;
  SwitchDefinitions(definitions.resources());
  RedefineLeases(*before);
  DropHoldouts();
  BeginReach(features);
  BeginSweep();
  Message message;
  message.mutable_definitions_applied()->set_version(definitions.version());
  message.mutable_definitions_applied()->set_partition(base::Index(settings_.partition));
  Send(base::PartitionId{settings_.partitions}, std::move(message));
}

// Publishing is answered when all partitions have switched.
void Fold::OnDefinitionsApplied(const DefinitionsApplied& applied) {
  const auto publishing =
      CrossOff(RowKind::kPublishing, NumberKey(applied.version()), applied.partition());
  BATUTA_CHECK(publishing.has_value());
  if (!publishing->waiting_for().empty()) return;
  Reply(publishing->request_id(), std::to_string(applied.version()));
}

void Fold::OnKeyAsk(const KeyAsk& ask) {
  BATUTA_CHECK(IsControl());
  state_.PutRow(RowKind::kApiKey, ask.key().id(), ask.key());
  Reply(ask.request_id(), ask.key().id());
}

void Fold::OnAudit(const Audit& audit) {
  BATUTA_CHECK(IsControl());
  AuditRow row;
  row.set_offset(base::Number(current_.position.offset));
  row.set_log_time(log_time().micros);
  *row.mutable_entry() = audit;
  const uint64_t number = state_.self.audit_next();
  state_.PutRow(RowKind::kAudit, NumberKey(number), row);
  state_.self.set_audit_next(number + 1);
  if (number - state_.self.audit_first() < kKeptAudits) return;
  state_.EraseRow(RowKind::kAudit, NumberKey(state_.self.audit_first()));
  state_.self.set_audit_first(state_.self.audit_first() + 1);
}

void Fold::UseDefinitions(std::shared_ptr<const Definitions> definitions) {
  definitions_ = std::move(definitions);
  features_ = std::make_unique<feature::FeatureFold>(definitions_->features->set());
  evaluation_ =
      std::make_unique<segment::Evaluation>(definitions_->segments, definitions_->meaning());
  evaluation_->UseTables(tables_);
  measures_ = std::make_unique<segment::PopulationReader>(definitions_->populations,
                                                          definitions_->meaning());
}

void Fold::SwitchDefinitions(std::string_view resources) {
  const auto compile = [resources]() -> std::shared_ptr<const Definitions> {
    auto set = resource::ResourceSet::Decode(resources);
    BATUTA_CHECK_OK(set.status());
    std::vector<resource::Problem> problems;
    return Definitions::Compile(*std::move(set), problems);
  };
  UseDefinitions(settings_.shared == nullptr
                     ? compile()
                     : settings_.shared->definitions.Get(resources, compile));
  state_.self.set_definitions_version(definitions_->version());
  state_.rows.Put(std::string(1, static_cast<char>(RowKind::kDefinitions)), std::string(resources));
  DropTables();
  DropPopulations();
}

}  // namespace batuta::engine
