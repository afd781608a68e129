// A partition's side of a search for value: which of its people have been looked at, and what the
// placement has for them. Internal to this folder.
//
// Used by the partition's thread while it looks, by one other afterwards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "api/dry_runs.h"
#include "api/people_walk.h"
#include "api/value_question.h"
#include "base/clock.h"
#include "base/ids.h"
#include "decision/cohort_fields.h"
#include "decision/cohort_people.h"
#include "decision/value_tally.h"
#include "engine/fold.h"

namespace batuta::api {

class ValueSide {
 public:
  // `cohort_people` is how many people at most are kept to be told apart.
  ValueSide(std::shared_ptr<const ValueQuestion> question, base::PartitionId partition,
            size_t cohort_people);

  base::PartitionId partition() const { return partition_; }
  bool is_done() const { return is_done_; }  // with what it was told to do

  // Draws, or looks at, some more people: about a millisecond. Aborted if the partition's
  // definitions are not the question's, FailedPrecondition if the segment's members are not found
  // yet.
  absl::Status Turn(engine::Fold& fold, base::Clock& clock);

  // After drawing: the hashes of whom was drawn; from then on it looks at those up to `limit`.
  const std::vector<std::pair<uint64_t, uint32_t>>& drawn() const { return drawn_; }
  void LookAtThose(uint64_t limit);

  uint64_t people() const { return people_; }  // of whom it could be asked
  uint64_t model_version() const { return runs_.models().version(); }
  const decision::ValueTally& tally() const { return tally_; }
  const decision::CohortPeople& cohort_people() const { return cohort_people_; }

 private:
  using Numbered = PeopleWalk::Numbered;

  std::vector<Numbered> NextPeople(engine::Fold& fold, size_t count);
  void DrawSome(engine::Fold& fold);
  absl::Status LookSome(engine::Fold& fold, base::Clock& clock);
  void Take(const engine::Fold& fold, const base::PersonId& person, const decision::Decision& made,
            const rule::PersonState& state);

  const std::shared_ptr<const ValueQuestion> question_;
  const base::PartitionId partition_;
  bool draws_;
  bool is_done_ = false;
  PeopleWalk walk_;
  DryRuns runs_;
  uint64_t people_ = 0;
  std::vector<std::pair<uint64_t, uint32_t>> drawn_;  // hashes and numbers; a heap while it draws
  size_t next_drawn_ = 0;
  decision::DecisionRequest request_;
  decision::CohortReader reader_;
  decision::ValueTally tally_;
  decision::CohortPeople cohort_people_;
};

}  // namespace batuta::api
