// The real course of things, record by record, and at each what the other course has to know of it.
//
// Folds the real world on. Used by one thread at a time, which may be another than the one that
// uses what it gave.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "base/time.h"
#include "decision/decision.pb.h"
#include "decision/open_decision.pb.h"
#include "engine/effects.h"
#include "engine/fold_observer.h"
#include "engine/record.h"
#include "engine/row.pb.h"
#include "learn/models.h"
#include "log/record.h"
#include "policy/contact.pb.h"
#include "whatif/record_reader.h"
#include "whatif/world.h"

namespace batuta::whatif {

// What a person had behind them when they were really decided about.
struct RealState {
  base::DecisionId decision{};
  policy::ContactState contacts;
  google::protobuf::RepeatedPtrField<decision::HoldoutPerson> holdouts;
};

// A message that the real course sent: where it is going, what kind, and by which number.
struct RealMessage {
  base::PartitionId destination{};
  engine::Message::BodyCase kind{};
  base::Offset offset{};
  uint32_t number = 0;
};

struct RealStep {
  log::Record record;
  engine::Message message;                   // that it is, if it is one
  std::optional<decision::Decision> made;    // by the record
  bool had_due = false;                      // timers were due when it came
  std::vector<RealState> asked;              // decisions that were answered, yet to be made
  std::vector<decision::OpenDecision> life;  // what went on in the lives of choices
  std::vector<RealMessage> sent;
  std::optional<learn::Models> models;  // of the record's partition, if they are others now
  uint64_t reach = 0;                   // which round of finding features the hub was in
};

// Looks on while the real world is folded. Sees nothing until it is given a step to note it in.
class RealObserver : public engine::FoldObserver {
 public:
  void NoteIn(RealStep* step) { step_ = step; }
  void OnDecided(engine::Fold& fold, const engine::Decided& decided) override;
  void OnLife(const decision::OpenDecision& open) override;

 private:
  RealStep* step_ = nullptr;
};

class RealCourse {
 public:
  // All outlive it. The observer is the world's. Up to and with records of that time.
  RealCourse(World& world, RealObserver& observer,
             std::vector<std::unique_ptr<RecordReader>>& readers, base::Time to);

  // The next record, of whichever partition has the oldest, but a message only after the record
  // that sent it; nothing at the end.
  absl::StatusOr<std::optional<RealStep>> Next();

 private:
  std::optional<size_t> Oldest() const;
  std::optional<base::PartitionId> WaitsFor(const log::Record& record);
  void Fold(RealStep& step);

  World& world_;
  RealObserver& observer_;
  std::vector<std::unique_ptr<RecordReader>>& readers_;  // by partition
  const base::Time to_;
  std::vector<uint64_t> models_;  // by partition: the version that was told last
  base::Position read_{};         // the record that message_ is of
  engine::Message message_;
  engine::Effects effects_;
  uint64_t records_ = 0;
};

}  // namespace batuta::whatif
