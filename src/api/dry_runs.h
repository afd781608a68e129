// Decisions for many people of a partition that nobody asked for, some at a time beside its
// records: what the value finder and batches look through. Internal to this folder.
//
// Used by the partition's thread, in turns of about a millisecond.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/time.h"
#include "decision/decision.pb.h"
#include "engine/fold.h"
#include "engine/row.pb.h"
#include "learn/models.h"
#include "rule/person.h"

namespace batuta::api {

class DryRuns {
 public:
  // People who are read at once, in the order in which they are stored; and those of a turn.
  static constexpr size_t kPeoplePerLook = 16;
  static constexpr size_t kPeoplePerTurn = 256;

  // By these definitions, about the members of the segment ("": everybody).
  DryRuns(uint64_t definitions, std::string segment)
      : definitions_(definitions), segment_(std::move(segment)) {}

  // A turn, with its moment; the first one takes the models for all. Aborted if the partition's
  // definitions are others, FailedPrecondition if the segment's members are not found yet.
  absl::Status BeginTurn(const engine::Fold& fold, base::Clock& clock);
  bool IsTurnOver(base::Clock& clock) const { return clock.Monotonic().micros >= turn_ends_; }

  base::Time now() const { return now_; }
  const learn::Models& models() const { return models_; }

  // Reads these people, who are sorted, and calls `found` with the index and the row of each but
  // those who have merged into others or were erased, until it fails.
  using Found = absl::FunctionRef<absl::Status(size_t index, const engine::PersonRow& row)>;
  absl::Status Read(engine::Fold& fold, const std::vector<base::PersonId>& people, Found found);

  // Decides, and calls `use` with the decision, which is gone then, and the person's state.
  struct Subject {
    const base::PersonId& person;
    const engine::PersonRow& row;
    const decision::DecisionRequest& request;  // a dry run
  };
  using Use =
      absl::FunctionRef<void(const decision::Decision& made, const rule::PersonState& state)>;
  absl::Status Decide(engine::Fold& fold, const Subject& subject, Use use);

 private:
  const uint64_t definitions_;
  const std::string segment_;
  bool has_begun_ = false;
  int64_t turn_ends_ = 0;
  base::Time now_;
  learn::Models models_;
  engine::PersonRow scratch_;
  std::vector<char> block_ = std::vector<char>(size_t{64} << 10);  // of a decision
};

}  // namespace batuta::api
