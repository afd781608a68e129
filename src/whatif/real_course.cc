#include "whatif/real_course.h"

#include "base/status.h"
#include "decision/decide.h"

namespace batuta::whatif {
namespace {

constexpr uint64_t kRecordsPerSettle = 256;

bool IsMessage(const log::Record& record) {
  return record.type == static_cast<uint8_t>(engine::RecordType::kMessage);
}

}  // namespace

void RealObserver::OnDecided(engine::Fold&, const engine::Decided& decided) {
  if (step_ == nullptr || decided.request.has_imported()) return;
  step_->asked.push_back({base::DecisionId::FromBytes(decided.made.id()), decided.row.contacts(),
                          decided.row.holdouts()});
}

void RealObserver::OnLife(const decision::OpenDecision& open) {
  if (step_ != nullptr) step_->life.push_back(open);
}

RealCourse::RealCourse(World& world, RealObserver& observer,
                       std::vector<std::unique_ptr<RecordReader>>& readers, base::Time to)
    : world_(world), observer_(observer), readers_(readers), to_(to) {
  for (uint16_t i = 0; i <= base::Index(world.control()); ++i) {
    models_.push_back(world.fold(base::PartitionId{i}).models().version());
  }
}

absl::StatusOr<std::optional<RealStep>> RealCourse::Next() {
  const std::optional<size_t> oldest = Oldest();
  if (!oldest.has_value()) {
    for (const auto& reader : readers_) BATUTA_RETURN_IF_ERROR(reader->status());
    return std::nullopt;
  }
  size_t at = *oldest;
  while (const auto source = WaitsFor(*readers_[at]->Peek())) {
    at = base::Index(*source);
    // It was sent while the end of the history was being looked up: all before it is folded.
    if (readers_[at]->Peek() == nullptr) {
      BATUTA_RETURN_IF_ERROR(readers_[at]->status());
      return std::nullopt;
    }
  }
  RealStep step;
  step.record = readers_[at]->Take();
  Fold(step);
  if (++records_ % kRecordsPerSettle == 0) {
    BATUTA_RETURN_IF_ERROR(world_.Settle(step.record.position.partition));
  }
  return step;
}

std::optional<size_t> RealCourse::Oldest() const {
  std::optional<size_t> found;
  base::Time oldest = base::kDistantFuture;
  for (size_t i = 0; i < readers_.size(); ++i) {
    const log::Record* record = readers_[i]->Peek();
    if (record == nullptr || record->stamp > to_ || record->stamp >= oldest) continue;
    oldest = record->stamp;
    found = i;
  }
  return found;
}

// The partition whose records have to be taken before this one can be; nothing if none has.
std::optional<base::PartitionId> RealCourse::WaitsFor(const log::Record& record) {
  if (!IsMessage(record)) return std::nullopt;
  if (read_ != record.position) {
    BATUTA_CHECK(message_.ParseFromString(record.payload), "a message of the log does not parse");
    read_ = record.position;
  }
  const base::PartitionId source{static_cast<uint16_t>(message_.source())};
  const bool is_sent = source == record.position.partition ||
                       base::Number(world_.fold(source).applied()) >= message_.offset();
  return is_sent ? std::nullopt : std::optional(source);
}

void RealCourse::Fold(RealStep& step) {
  const log::Record& record = step.record;
  engine::Fold& fold = world_.fold(record.position.partition);
  if (IsMessage(record)) {
    step.message = std::move(message_);  // WaitsFor() has read it
    read_ = {};
    if (step.message.has_made() && step.message.made().offset() == 0) {
      const std::string& bytes = step.message.made().decision();
      BATUTA_CHECK(decision::Parse(bytes, step.made.emplace()), "a logged decision does not parse");
    }
  }
  step.had_due = fold.NextDue() <= record.stamp;
  effects_.Clear();
  observer_.NoteIn(&step);
  fold.Apply(record, effects_);
  observer_.NoteIn(nullptr);
  for (const engine::Outgoing& one : effects_.messages) {
    step.sent.push_back({one.destination, one.message.body_case(), one.offset, one.number});
  }
  uint64_t& told = models_[base::Index(record.position.partition)];
  if (fold.models().version() != told) step.models = fold.models();
  told = fold.models().version();
  step.reach = world_.fold(world_.control()).reach().id();
}

}  // namespace batuta::whatif
