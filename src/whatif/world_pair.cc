#include "whatif/world_pair.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/status.h"
#include "engine/reach_round.h"

namespace batuta::whatif {
namespace {

using engine::Message;
using engine::RecordType;

// Messages of the other course are numbered anew, above all that the real one has.
constexpr uint64_t kFirstOther = uint64_t{1} << 56;
constexpr uint64_t kVersionsApart = uint64_t{1} << 40;
constexpr uint64_t kRecordsPerSettle = 256;
constexpr size_t kReachBytes = size_t{64} << 20;
constexpr size_t kPeopleAtOnce = 1024;
constexpr size_t kEventsAtOnce = 65'536;

bool IsOfLearning(const Message& message) { return message.has_training() || message.has_models(); }

template <typename Payload>
Payload Parse(const log::Record& record) {
  Payload payload;
  BATUTA_CHECK(payload.ParseFromString(record.payload), "a record of the log does not parse");
  return payload;
}

}  // namespace

WorldPair::WorldPair(World& other, const log::History& history, const Alteration& alteration,
                     PairListener& listener)
    : other_(other),
      history_(history),
      alteration_(alteration),
      listener_(listener),
      now_(alteration.from),
      real_reach_(other.fold(other.control()).reach().id()) {
  for (uint16_t i = 0; i <= base::Index(other.control()); ++i) {
    forked_at_.push_back(other.fold(base::PartitionId{i}).applied());
  }
}

absl::Status WorldPair::Begin() {
  const resource::ResourceSet& current = other_.fold(other_.control()).definitions().resources;
  engine::DefinitionsAsk ask;
  ask.set_replaces(current.version());
  ask.set_resources(Altered(current));
  if (!is_altered_) return absl::OkStatus();
  Between(other_.control(), RecordType::kDefinitionsAsk, {}, ask.SerializeAsString());
  // Members, measures and features are found before anything else happens.
  for (bool worked = true; worked;) {
    BATUTA_RETURN_IF_ERROR(Drain());
    worked = false;
    for (uint16_t i = 0; i <= base::Index(other_.control()); ++i) {
      engine::Fold& fold = other_.fold(base::PartitionId{i});
      if (fold.NextDue() > now_) continue;
      FireTimers(base::PartitionId{i}, now_);
      BATUTA_RETURN_IF_ERROR(other_.Settle(base::PartitionId{i}));
      worked = true;
    }
  }
  return absl::OkStatus();
}

// From the first difference on the versions of the other course are its own, so that nothing that
// is named by a version means something else in each.
std::string WorldPair::Altered(const resource::ResourceSet& real) {
  resource::ResourceSet altered =
      real.After(alteration_.change, {alteration_.author, alteration_.from});
  is_altered_ |= altered.version() != real.version();
  if (is_altered_) altered.Renumber(real.version() + kVersionsApart);
  return altered.Encode();
}

absl::Status WorldPair::Take(RealStep step) {
  const base::PartitionId partition = step.record.position.partition;
  now_ = std::max(now_, step.record.stamp);
  // Whatever the real course has due as well fires in both at the tick of the log.
  if (!step.had_due) FireTimers(partition, step.record.stamp);
  BATUTA_RETURN_IF_ERROR(Drain());

  TellReal(step);
  effects_.Clear();
  TakeOther(step);
  reach_changed_ |= effects_.reach_changed;
  real_reach_ = step.reach;
  PairMessages(step);
  if (step.models.has_value()) other_.fold(partition).UseModels(*step.models);
  BATUTA_RETURN_IF_ERROR(Drain());
  return ++records_ % kRecordsPerSettle == 0 ? other_.Settle(partition) : absl::OkStatus();
}

void WorldPair::TellReal(RealStep& step) {
  if (step.made.has_value()) listener_.OnRealMade(step.message.made().person(), *step.made);
  for (RealState& state : step.asked) listener_.OnRealAsked(std::move(state));
  for (const decision::OpenDecision& open : step.life) listener_.OnRealLife(open);
}

// ---- A record in the other course

void WorldPair::TakeOther(const RealStep& step) {
  const log::Record& record = step.record;
  switch (static_cast<RecordType>(record.type)) {
    case RecordType::kMessage:
      return TakeOtherMessage(record, step.message);
    case RecordType::kDefinitionsAsk:
      return TakeOtherDefinitions(step);
    case RecordType::kFeaturesFound:
      // The other course finds its own, unless it looks for the same.
      if (Parse<engine::FeaturesFound>(record).reach() != OtherOf(record).reach().id()) break;
      return OtherOf(record).Apply(record, effects_);
    default:
      return OtherOf(record).Apply(record, effects_);
  }
  OtherOf(record).LeaveOut(record);
}

void WorldPair::TakeOtherMessage(const log::Record& record, const Message& real) {
  const base::PartitionId source{static_cast<uint16_t>(real.source())};
  if (IsOfLearning(real)) return OtherOf(record).LeaveOut(record);
  // What was under way when the courses parted is common to both.
  if (real.offset() <= base::Number(forked_at_[base::Index(source)])) {
    return ApplyOther(record, Payload(real));
  }
  const auto found =
      waiting_.find({record.position.partition, source, real.offset(), real.number()});
  if (found == waiting_.end()) return OtherOf(record).LeaveOut(record);
  Message message = std::move(found->second);
  waiting_.erase(found);
  message.set_source(base::Index(source));
  ApplyOther(record, Payload(std::move(message)));
}

void WorldPair::TakeOtherDefinitions(const RealStep& step) {
  const log::Record& record = step.record;
  auto ask = Parse<engine::DefinitionsAsk>(record);
  auto asked = resource::ResourceSet::Decode(ask.resources());
  BATUTA_CHECK_OK(asked.status());
  // What nobody put into force in the real course is not in force in the other.
  if (step.sent.empty()) return OtherOf(record).LeaveOut(record);
  ask.set_replaces(OtherOf(record).definitions().version());
  ask.set_resources(Altered(*asked));
  ApplyOther(record, ask.SerializeAsString());
}

void WorldPair::ApplyOther(const log::Record& record, std::string payload) {
  OtherOf(record).Apply({.position = record.position,
                         .type = record.type,
                         .stamp = record.stamp,
                         .id = record.id,
                         .payload = std::move(payload)},
                        effects_);
}

// The bytes of a message of the other course as its destination takes it.
std::string WorldPair::Payload(Message message) {
  message.set_offset(kFirstOther + ++sent_);
  message.set_number(1);
  if (message.has_made() && message.made().offset() == 0) {
    for (const uint32_t slot : listener_.OnOtherMade(message.made())) {
      message.mutable_made()->add_replaced(slot);
    }
  }
  return message.SerializeAsString();
}

// ---- What the other course says

void WorldPair::PairMessages(const RealStep& step) {
  const base::PartitionId source = step.record.position.partition;
  std::vector<bool> is_taken(step.sent.size());
  std::vector<engine::Outgoing> unpaired;
  for (engine::Outgoing& said : effects_.messages) {
    if (IsOfLearning(said.message)) continue;
    size_t at = 0;
    for (; at < is_taken.size(); ++at) {
      const RealMessage& real = step.sent[at];
      if (!is_taken[at] && real.destination == said.destination &&
          real.kind == said.message.body_case()) {
        break;
      }
    }
    if (at == is_taken.size()) {
      unpaired.push_back(std::move(said));
      continue;
    }
    is_taken[at] = true;
    const RealMessage& real = step.sent[at];
    waiting_.emplace(Place{said.destination, source, base::Number(real.offset), real.number},
                     std::move(said.message));
  }
  for (engine::Outgoing& one : unpaired) one.message.set_source(base::Index(source));
  AddExtras(std::move(unpaired));
}

void WorldPair::AddExtras(std::vector<engine::Outgoing> messages) {
  for (engine::Outgoing& one : messages) {
    if (IsOfLearning(one.message)) continue;
    extras_.push_back({one.destination, one.id, std::move(one.message)});
  }
}

// Until there is nothing left that only the other course has to do.
absl::Status WorldPair::Drain() {
  while (true) {
    while (!extras_.empty()) {
      Extra extra = std::move(extras_.front());
      extras_.pop_front();
      Between(extra.destination, RecordType::kMessage, extra.id, Payload(std::move(extra.message)));
    }
    if (!reach_changed_) return absl::OkStatus();
    reach_changed_ = false;
    BATUTA_RETURN_IF_ERROR(FindFeatures());
  }
}

void WorldPair::FireTimers(base::PartitionId partition, base::Time until) {
  engine::Fold& fold = other_.fold(partition);
  while (fold.NextDue() <= until) {
    const base::Time before = std::exchange(now_, std::max(fold.NextDue(), fold.log_time()));
    Between(partition, RecordType::kTick, {}, "");
    now_ = std::max(before, now_);
  }
}

void WorldPair::Between(base::PartitionId partition, RecordType type, const base::RecordId& id,
                        std::string payload) {
  engine::Fold& fold = other_.fold(partition);
  engine::Effects effects;
  fold.ApplyBetween({.position = {partition, fold.applied()},
                     .type = static_cast<uint8_t>(type),
                     .stamp = now_,
                     .id = id,
                     .payload = std::move(payload)},
                    effects);
  reach_changed_ |= effects.reach_changed;
  for (engine::Outgoing& one : effects.messages) one.message.set_source(base::Index(partition));
  AddExtras(std::move(effects.messages));
}

// Where both courses look for the same features, the log says what was found.
absl::Status WorldPair::FindFeatures() {
  const base::PartitionId control = other_.control();
  if (other_.fold(control).reach().id() == real_reach_) return absl::OkStatus();
  while (true) {
    std::vector<engine::ReachSlice> slices;
    for (uint16_t i = 0; i < base::Index(control); ++i) {
      engine::ReachSlice& slice = slices.emplace_back();
      slice.bytes_max = kReachBytes / base::Index(control);
      while (!other_.fold(base::PartitionId{i}).AskReach(slice, kPeopleAtOnce)) {
      }
    }
    if (engine::ReachRound::IsEmpty(slices)) return absl::OkStatus();
    engine::ReachRound round(history_, std::move(slices));
    while (true) {
      BATUTA_ASSIGN_OR_RETURN(const size_t read, round.ReadSome(kEventsAtOnce));
      if (read == 0) break;
    }
    for (uint16_t i = 0; i < base::Index(control); ++i) {
      const base::PartitionId partition{i};
      while (const std::optional<engine::FeaturesFound> found = round.Next(partition)) {
        Between(partition, RecordType::kFeaturesFound, {}, found->SerializeAsString());
        BATUTA_RETURN_IF_ERROR(other_.Settle(partition));
      }
    }
    reach_changed_ = false;
  }
}

}  // namespace batuta::whatif
