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

bool IsMessage(const log::Record& record) {
  return record.type == static_cast<uint8_t>(RecordType::kMessage);
}

}  // namespace

WorldPair::WorldPair(World& real, World& other, const log::History& history,
                     const Alteration& alteration, PairListener& listener)
    : real_(real),
      other_(other),
      history_(history),
      alteration_(alteration),
      listener_(listener),
      now_(alteration.from) {
  for (uint16_t i = 0; i <= base::Index(real.control()); ++i) {
    forked_at_.push_back(real.fold(base::PartitionId{i}).applied());
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
      BATUTA_RETURN_IF_ERROR(SettlePartition(base::PartitionId{i}));
      worked = true;
    }
  }
  return absl::OkStatus();
}

// Until that of another record is asked for.
const Message& WorldPair::MessageOf(const log::Record& record) {
  if (read_ != record.position) message_ = Parse<Message>(record);
  read_ = record.position;
  return message_;
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

std::optional<base::PartitionId> WorldPair::WaitsFor(const log::Record& record) {
  if (!IsMessage(record)) return std::nullopt;
  const Message& message = MessageOf(record);
  const base::PartitionId source{static_cast<uint16_t>(message.source())};
  const bool is_sent = source == record.position.partition ||
                       base::Number(real_.fold(source).applied()) >= message.offset();
  return is_sent ? std::nullopt : std::optional(source);
}

absl::Status WorldPair::Step(const log::Record& record) {
  const base::PartitionId partition = record.position.partition;
  engine::Fold& real = real_.fold(partition);
  now_ = std::max(now_, record.stamp);
  // Whatever the real course has due as well fires in both at the tick of the log.
  if (real.NextDue() > record.stamp) FireTimers(partition, record.stamp);
  BATUTA_RETURN_IF_ERROR(Drain());

  if (IsMessage(record)) {
    const Message& message = MessageOf(record);
    if (message.has_made() && message.made().offset() == 0) listener_.OnRealMade(message.made());
  }
  real_effects_.Clear();
  real.Apply(record, real_effects_);
  other_effects_.Clear();
  TakeOther(record);
  reach_changed_ |= other_effects_.reach_changed;
  PairMessages(partition);
  engine::Fold& other = other_.fold(partition);
  if (other.models().version() != real.models().version()) other.UseModels(real.models());
  BATUTA_RETURN_IF_ERROR(Drain());
  return ++records_ % kRecordsPerSettle == 0 ? SettlePartition(partition) : absl::OkStatus();
}

absl::Status WorldPair::SettlePartition(base::PartitionId partition) {
  BATUTA_RETURN_IF_ERROR(real_.Settle(partition));
  return other_.Settle(partition);
}

// ---- A record in the other course

void WorldPair::TakeOther(const log::Record& record) {
  switch (static_cast<RecordType>(record.type)) {
    case RecordType::kMessage:
      return TakeOtherMessage(record);
    case RecordType::kDefinitionsAsk:
      return TakeOtherDefinitions(record);
    case RecordType::kFeaturesFound:
      // The other course finds its own, unless it looks for the same.
      if (Parse<engine::FeaturesFound>(record).reach() != OtherOf(record).reach().id()) break;
      return OtherOf(record).Apply(record, other_effects_);
    default:
      return OtherOf(record).Apply(record, other_effects_);
  }
  OtherOf(record).LeaveOut(record);
}

void WorldPair::TakeOtherMessage(const log::Record& record) {
  const Message& real = MessageOf(record);
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

void WorldPair::TakeOtherDefinitions(const log::Record& record) {
  auto ask = Parse<engine::DefinitionsAsk>(record);
  auto asked = resource::ResourceSet::Decode(ask.resources());
  BATUTA_CHECK_OK(asked.status());
  // What nobody put into force in the real course is not in force in the other.
  if (real_effects_.messages.empty()) return OtherOf(record).LeaveOut(record);
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
                        other_effects_);
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

void WorldPair::PairMessages(base::PartitionId source) {
  std::vector<bool> is_taken(real_effects_.messages.size());
  std::vector<engine::Outgoing> unpaired;
  for (engine::Outgoing& said : other_effects_.messages) {
    if (IsOfLearning(said.message)) continue;
    size_t at = 0;
    for (; at < is_taken.size(); ++at) {
      const engine::Outgoing& real = real_effects_.messages[at];
      if (!is_taken[at] && real.destination == said.destination &&
          real.message.body_case() == said.message.body_case()) {
        break;
      }
    }
    if (at == is_taken.size()) {
      unpaired.push_back(std::move(said));
      continue;
    }
    is_taken[at] = true;
    const engine::Outgoing& real = real_effects_.messages[at];
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
  if (other_.fold(control).reach().id() == real_.fold(control).reach().id()) {
    return absl::OkStatus();
  }
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
        BATUTA_RETURN_IF_ERROR(SettlePartition(partition));
      }
    }
    reach_changed_ = false;
  }
}

}  // namespace batuta::whatif
