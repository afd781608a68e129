#include "engine/state.h"

#include <utility>

#include "base/encoding.h"
#include "base/hash.h"
#include "base/status.h"
#include "profile/hash.h"

namespace batuta::engine {
namespace {

// The sum of the hashes of the rows: it does not depend on their order.
class ContentHash {
 public:
  void Add(std::string_view table, std::string_view key, std::string_view value) {
    base::ByteWriter writer;
    writer.Bytes(table);
    writer.Bytes(key);
    writer.Bytes(value);
    const base::Id128 hash = base::Hash128(writer.bytes());
    const uint64_t low = sum_.low + hash.low;
    sum_.high += hash.high + (low < sum_.low ? 1 : 0);
    sum_.low = low;
  }
  base::Id128 sum() const { return sum_; }

 private:
  base::Id128 sum_;
};

std::string CanonicalPerson(const PersonRow& row) {
  base::ByteWriter writer;
  writer.Bytes(row.identity().SerializeAsString());
  profile::HashInto(writer, row.profile());
  writer.Bytes(row.contacts().SerializeAsString());
  writer.Bytes(row.open().SerializeAsString());
  for (const WaitingDecision& waiting : row.waiting()) writer.Bytes(waiting.SerializeAsString());
  writer.Bytes(row.deciding());
  writer.U32(row.number());
  for (const segment::Membership& one : row.segments()) writer.Bytes(one.SerializeAsString());
  writer.Signed(row.segments_due());
  if (row.has_features() || row.has_features_due()) {
    writer.Bytes(row.features().SerializeAsString());
    writer.Signed(row.features_due());
  }
  if (row.has_reaching()) writer.Bytes(row.reaching().SerializeAsString());
  for (const decision::HoldoutPerson& one : row.holdouts()) {
    writer.Bytes(one.SerializeAsString());
  }
  writer.Bytes(row.lessons());
  return writer.Take();
}

}  // namespace

std::string TimelineKey(const base::PersonId& person, uint32_t block) {
  base::ByteWriter writer;
  writer.Raw(person.ToBytes());
  writer.U32(block);
  return writer.Take();
}

std::string PersonNumberKey(uint32_t number) {
  base::ByteWriter writer;
  writer.U32(number);
  return writer.Take();
}

PartitionState::PartitionState(store::Database& database)
    : people(database, store::Table::people),
      identifiers(database, store::Table::identifiers),
      models(database, store::Table::models),
      dedup(database),
      timers(database),
      timeline(database, store::Table::timeline),
      rows(database, store::Table::rows),
      members(rows, std::string(1, static_cast<char>(RowKind::kMembersPart))) {
  if (auto stored = GetRow<PartitionRow>(RowKind::kPartition, "")) self = *std::move(stored);
}

std::string PartitionState::KeyOf(RowKind kind, std::string_view key) {
  std::string full;
  full.reserve(key.size() + 1);
  full.push_back(static_cast<char>(kind));
  full.append(key);
  return full;
}

void PartitionState::ScanRows(RowKind kind,
                              absl::FunctionRef<bool(std::string_view, std::string_view)> visit) {
  const std::string from = KeyOf(kind, "");
  const std::string to(1, static_cast<char>(static_cast<char>(kind) + 1));
  rows.Scan(from, to, [&](std::string_view key, std::string_view bytes) {
    return visit(key.substr(1), bytes);
  });
}

std::vector<std::string> PartitionState::KeysOf(RowKind kind) {
  std::vector<std::string> keys;
  ScanRows(kind, [&keys](std::string_view key, std::string_view) {
    keys.emplace_back(key);
    return true;
  });
  return keys;
}

MessageNumber PartitionState::WatermarkOf(base::PartitionId source) const {
  for (const Watermark& mark : self.watermarks()) {
    if (mark.source() == base::Index(source)) return {mark.offset(), mark.number()};
  }
  return {};
}

void PartitionState::SetWatermark(base::PartitionId source, MessageNumber number) {
  BATUTA_CHECK(number > WatermarkOf(source));
  auto& marks = *self.mutable_watermarks();
  int at = 0;
  while (at < marks.size() && marks[at].source() < base::Index(source)) ++at;
  if (at == marks.size() || marks[at].source() != base::Index(source)) {
    marks.Add()->set_source(base::Index(source));
    for (int i = marks.size() - 1; i > at; --i) marks.SwapElements(i, i - 1);
  }
  marks[at].set_offset(number.offset);
  marks[at].set_number(number.number);
}

void PartitionState::Freeze() {
  frozen_bytes_ = dirty_bytes();
  members.Store();
  people.Freeze();
  identifiers.Freeze();
  models.Freeze();
  frozen_.dedup = dedup.Freeze();
  frozen_.timers = timers.Freeze();
  frozen_.timeline = timeline.Freeze();
  frozen_.rows = rows.Freeze();
  frozen_.self = self.SerializeAsString();
}

bool PartitionState::EncodeSome(size_t count) {
  return people.EncodeSome(count) && identifiers.EncodeSome(count) && models.EncodeSome(count);
}

FrozenState PartitionState::TakeFrozen() {
  frozen_.people = people.TakeEncoded();
  frozen_.identifiers = identifiers.TakeEncoded();
  frozen_.models = models.TakeEncoded();
  return std::exchange(frozen_, {});
}

store::Batch FrozenState::TakeBatch() {
  store::Batch batch;
  const auto take_rows = [&batch](store::Table table, std::vector<EncodedRow>& changes) {
    for (auto& [key, value] : changes) batch.Add(table, {std::move(key), std::move(value)});
    changes = {};
  };
  take_rows(store::Table::people, people);
  take_rows(store::Table::identifiers, identifiers);
  take_rows(store::Table::models, models);
  for (const auto& [id, entry] : *dedup) {  // the batch sorts
    batch.Put(store::Table::dedup, id.ToBytes(), Dedup::EncodeEntry(entry));
  }
  const auto add_layer = [&batch](store::Table table, const LayeredRows::Layer& layer) {
    for (const auto& [key, value] : layer) batch.Add(table, {key, value});
  };
  add_layer(store::Table::timers, *timers);
  add_layer(store::Table::timeline, *timeline);
  add_layer(store::Table::rows, *rows);
  batch.Put(store::Table::rows, PartitionState::KeyOf(RowKind::kPartition, ""), self);
  return batch;
}

void PartitionState::FrozenWritten() {
  people.Written();
  identifiers.Written();
  models.Written();
  dedup.Written();
  timers.Written();
  timeline.Written();
  rows.Written();
  frozen_bytes_ = 0;
}

void PartitionState::ScanNumbers(uint32_t from,
                                 absl::FunctionRef<bool(uint32_t, const base::PersonId&)> visit) {
  const std::string to(1, static_cast<char>(static_cast<char>(RowKind::kNumber) + 1));
  rows.Scan(KeyOf(RowKind::kNumber, PersonNumberKey(from)), to,
            [&](std::string_view key, std::string_view bytes) {
              base::ByteReader reader(key.substr(1));
              return visit(reader.U32(), base::PersonId::FromBytes(bytes));
            });
}

std::optional<base::PersonId> PartitionState::PersonOf(uint32_t number) {
  const auto bytes = rows.Get(KeyOf(RowKind::kNumber, PersonNumberKey(number)));
  if (!bytes.has_value()) return std::nullopt;
  return base::PersonId::FromBytes(*bytes);
}

size_t PartitionState::dirty_bytes() const {
  return people.dirty_bytes() + identifiers.dirty_bytes() + models.dirty_bytes() +
         dedup.dirty_bytes() + timers.dirty_bytes() + timeline.dirty_bytes() + rows.dirty_bytes();
}

// Identifiers are small and looked up by every event; they get a quarter. Models are few.
void PartitionState::Trim(size_t bytes_max) {
  people.Trim(bytes_max - bytes_max / 4 - bytes_max / 8);
  identifiers.Trim(bytes_max / 4);
  models.Trim(bytes_max / 8);
}

ModelKey ModelKey::Of(std::string_view model, std::string_view action, std::string_view placement,
                      bool natural) {
  base::ByteWriter writer;
  writer.Bytes(model);
  writer.Bytes(action);
  writer.Bytes(placement);
  if (natural) writer.U8(1);
  return {writer.Take()};
}

std::string HoldoutKey::ToBytes() const {
  base::ByteWriter writer;
  writer.Bytes(name);
  writer.U64(version);
  return writer.Take();
}

HoldoutKey HoldoutKey::FromBytes(std::string_view bytes) {
  base::ByteReader reader(bytes);
  HoldoutKey key;
  key.name = reader.Bytes();
  key.version = reader.U64();
  BATUTA_CHECK(reader.ok() && reader.AtEnd());
  return key;
}

std::string NumberKey(uint64_t number) {
  base::ByteWriter writer;
  writer.U64(number);
  return writer.Take();
}

base::Id128 PartitionState::Hash() {
  ContentHash hash;
  people.ForEach([&](std::string_view key, const PersonRow& row) {
    hash.Add("people", key, CanonicalPerson(row));
  });
  identifiers.ForEach([&](std::string_view key, const identity::IdentifierRow& row) {
    hash.Add("identifiers", key, row.SerializeAsString());
  });
  models.ForEach([&](std::string_view key, const learn::AdaptiveState& row) {
    hash.Add("models", key, row.SerializeAsString());
  });
  dedup.ForEach(log_time(), [&](const base::Id128& id, const Dedup::Entry& entry) {
    hash.Add("dedup", id.ToBytes(), Dedup::EncodeEntry(entry));
  });
  timers.ForEach([&](const Timer& timer) {
    base::ByteWriter writer;
    writer.Signed(timer.due.micros);
    writer.U8(static_cast<uint8_t>(timer.kind));
    writer.Bytes(timer.target);
    hash.Add("timers", writer.bytes(), "");
    return true;
  });
  rows.Scan("", "", [&](std::string_view key, std::string_view value) {
    const auto kind = static_cast<RowKind>(key.front());
    const bool is_derived = kind == RowKind::kPartition || kind == RowKind::kMembersPart;
    if (!is_derived) hash.Add("rows", key, value);
    return true;
  });
  PartitionRow logical = self;
  logical.clear_watermarks();
  hash.Add("self", "", logical.SerializeAsString());
  return hash.sum();
}

}  // namespace batuta::engine
