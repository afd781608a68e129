// The state of one partition: its tables, and what it knows of itself.
//
// Holds and checkpoints; decides nothing (fold.h does). Used by the partition's thread alone.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "engine/cached_rows.h"
#include "engine/dedup.h"
#include "engine/layered_rows.h"
#include "engine/record.h"
#include "engine/row.pb.h"
#include "engine/segment_members.h"
#include "engine/timers.h"
#include "learn/adaptive.pb.h"
#include "store/batch.h"
#include "store/database.h"

namespace batuta::engine {

// What the rows of Table::rows are; the first byte of their keys. Kept: never renumber.
enum class RowKind : char {
  kPartition = 'P',        // PartitionRow; no further key
  kDefinitions = 'D',      // resource.ResourceSet; no further key
  kDecision = 'd',         // decision id → DecisionRow
  kModel = 'm',            // action → learn.ModelState, at the model's owner
  kModelChanged = 'c',     // action → nothing: to be published
  kPublished = 'p',        // action → learn.PublishedModels
  kAdaptiveChanged = 'h',  // ModelKey → nothing: may be worth publishing
  kAdaptive = 'j',         // ModelKey → learn.PublishedModels with this adaptive model
  kAddress = 'a',          // identifier hash → profile.AddressConsent
  kGroup = 'g',            // identifier hash → profile.GroupRow
  kMembers = 'b',          // identifier hash, block → profile.MemberBlock
  kRejection = 'x',        // number → RejectionRow
  kOutbox = 'o',           // moment → OutboxRow
  kApiKey = 'k',           // key id → ApiKey; control partition
  kPublishing = 'q',       // version → WaitingRow; control partition
  kAudit = 'u',            // number → AuditRow; control partition
  kNumber = 'n',           // number → person id
  kSegment = 's',          // name → SegmentRow
  kMembersPart = 't',      // edition, part → a part of segment::MemberSet; as of a checkpoint
  kSweep = 'w',            // SweepRow; no further key
  kSweeping = 'y',         // generation → WaitingRow; control partition
  kReach = 'r',            // ReachRow; no further key
  kReachAgain = 'e',       // person's number → nothing: has Reaching.again
  kReaching = 'v',         // ReachRow.id → WaitingRow; control partition
  kTable = 'T',            // name → TableRow
  kTableUpload = 'U',      // name → TableUploadRow
  kTablePart = 'R',        // upload, number → rows (table/parts.h)
  kTablePublishing = 'Q',  // upload → WaitingRow; control partition
  kPopulation = 'V',       // name → population.Version
  kPopulationState = 'A',  // name → PopulationRow; control partition
  kPopulationRun = 'C',    // name → PopulationRunRow; control partition
  kMeasuring = 'L',        // name → MeasuringRow
  kMeasured = 'W',         // name, part → keys (population/selection.h), 8 bytes each
  kMeasuredEarly = 'B',    // name, person's number → their key, or nothing if they do not count
  kPopulationSweep = 'S',  // name → PopulationSweepRow
  kExample = 'E',          // ModelKey, time, decision, slot → ExampleRow; at the model's owner
  kLease = 'l',            // policy::LeaseKey → policy.Lease
  kLeaseWaiting = 'z',     // LeaseKey, offset, person → nothing: the person's decision waits for it
  kLedger = 'i',           // LeaseKey → policy.Ledger; at the constraint's owner
  kImported = 'I',         // request id → nothing: the imported decision was taken
  kHoldout = 'H',          // holdout, version → decision.HoldoutTally
  kLesson = 'N',           // time, decision, slot → learn.Lesson; at the models' owner
  kLife = 'f',             // decision id → LifeOver, where the decision was made
};

// What a checkpoint writes. The layers are shared with the fold, which reads them on, and
// immutable; any thread may make the batch.
struct FrozenState {
  std::vector<EncodedRow> people;
  std::vector<EncodedRow> identifiers;
  std::vector<EncodedRow> models;
  std::shared_ptr<const Dedup::Layer> dedup;
  std::shared_ptr<const LayeredRows::Layer> timers;
  std::shared_ptr<const LayeredRows::Layer> timeline;
  std::shared_ptr<const LayeredRows::Layer> rows;
  std::string self;

  store::Batch TakeBatch();  // once
};

// The key of a row that is numbered.
std::string NumberKey(uint64_t number);

// The key of what a version of a holdout was measured by.
struct HoldoutKey {
  std::string name;
  uint64_t version = 0;
  std::string ToBytes() const;
  static HoldoutKey FromBytes(std::string_view bytes);
};

// The key of an adaptive model.
struct ModelKey {
  std::string bytes;
  // `natural`: the one that is taught by people who are held out.
  static ModelKey Of(std::string_view model, std::string_view action, std::string_view placement,
                     bool natural = false);
  const std::string& ToBytes() const { return bytes; }
  friend bool operator==(const ModelKey&, const ModelKey&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const ModelKey& key) {
    return H::combine(std::move(h), key.bytes);
  }
};

class PartitionState {
 public:
  explicit PartitionState(store::Database& database);

  CachedRows<base::PersonId, PersonRow> people;
  CachedRows<base::IdentifierHash, identity::IdentifierRow> identifiers;
  CachedRows<ModelKey, learn::AdaptiveState> models;  // at their owner
  Dedup dedup;
  Timers timers;
  LayeredRows timeline;
  LayeredRows rows;
  SegmentMembers members;
  PartitionRow self;

  // A row of Table::rows as a message; empty if there is none.
  template <typename Row>
  std::optional<Row> GetRow(RowKind kind, std::string_view key) {
    const auto bytes = rows.Get(KeyOf(kind, key));
    if (!bytes.has_value()) return std::nullopt;
    Row row;
    BATUTA_CHECK(row.ParseFromString(*bytes), "a stored row does not parse");
    return row;
  }
  template <typename Row>
  void PutRow(RowKind kind, std::string_view key, const Row& row) {
    rows.Put(KeyOf(kind, key), row.SerializeAsString());
  }
  void EraseRow(RowKind kind, std::string_view key) { rows.Erase(KeyOf(kind, key)); }
  // Visits the rows of a kind in the order of their keys (without the kind) until `visit` is false.
  void ScanRows(RowKind kind,
                absl::FunctionRef<bool(std::string_view key, std::string_view bytes)> visit);
  // Their keys, and the rows as messages, in that order.
  std::vector<std::string> KeysOf(RowKind kind);
  template <typename Row>
  std::vector<std::pair<std::string, Row>> RowsOf(RowKind kind) {
    std::vector<std::pair<std::string, Row>> all;
    ScanRows(kind, [&all](std::string_view key, std::string_view bytes) {
      Row& row = all.emplace_back(key, Row()).second;
      BATUTA_CHECK(row.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())),
                   "a stored row does not parse");
      return true;
    });
    return all;
  }

  base::Time log_time() const { return {self.log_time()}; }
  // Visits the people who are here in the order of their numbers, until `visit` is false.
  void ScanNumbers(uint32_t from,
                   absl::FunctionRef<bool(uint32_t number, const base::PersonId& person)> visit);
  // Whom the partition gave that number; nothing if they are gone.
  std::optional<base::PersonId> PersonOf(uint32_t number);
  // The last message taken from the source.
  MessageNumber WatermarkOf(base::PartitionId source) const;
  void SetWatermark(base::PartitionId source, MessageNumber number);

  // Checkpoints: Freeze, EncodeSome until true, TakeFrozen, and after that is durable
  // FrozenWritten. Only EncodeSome takes time, by the row.
  void Freeze();
  bool EncodeSome(size_t count);
  FrozenState TakeFrozen();
  void FrozenWritten();
  size_t dirty_bytes() const;
  // What no trimming can free: dirty, or frozen and not yet written.
  size_t unwritten_bytes() const { return dirty_bytes() + frozen_bytes_; }
  void Trim(size_t bytes_max);

  // A hash of the canonical logical content: equal for two folds of the same log, whatever their
  // checkpoints, caches and bookkeeping. Reads everything.
  base::Id128 Hash();

  // In Table::rows.
  static std::string KeyOf(RowKind kind, std::string_view key);

 private:
  FrozenState frozen_;
  size_t frozen_bytes_ = 0;
};

// The key of a block of a person's timeline in Table::timeline.
std::string TimelineKey(const base::PersonId& person, uint32_t block);
// The key of a person's number in the rows of RowKind::kNumber: sorts by number.
std::string PersonNumberKey(uint32_t number);

}  // namespace batuta::engine
