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
#include "api/people_walk.h"
#include "api/value_question.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/time.h"
#include "decision/cohort_fields.h"
#include "decision/cohort_people.h"
#include "decision/value_tally.h"
#include "engine/fold.h"
#include "learn/models.h"

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
  uint64_t model_version() const { return models_.version(); }
  const decision::ValueTally& tally() const { return tally_; }
  const decision::CohortPeople& cohort_people() const { return cohort_people_; }

 private:
  using Numbered = PeopleWalk::Numbered;

  absl::Status Check(const engine::Fold& fold) const;
  std::vector<Numbered> NextPeople(engine::Fold& fold, size_t count);
  void DrawSome(engine::Fold& fold);
  absl::Status LookSome(engine::Fold& fold, base::Clock& clock);
  absl::Status LookAt(engine::Fold& fold, const base::PersonId& person,
                      const engine::PersonRow& row);

  const std::shared_ptr<const ValueQuestion> question_;
  const base::PartitionId partition_;
  bool is_begun_ = false;
  bool draws_;
  bool is_done_ = false;
  PeopleWalk walk_;
  uint64_t people_ = 0;
  std::vector<std::pair<uint64_t, uint32_t>> drawn_;  // hashes and numbers; a heap while it draws
  size_t next_drawn_ = 0;
  base::Time now_;
  learn::Models models_;  // as they were published when it began
  decision::DecisionRequest request_;
  decision::CohortReader reader_;
  decision::ValueTally tally_;
  decision::CohortPeople cohort_people_;
  engine::PersonRow scratch_;
  std::vector<char> block_ = std::vector<char>(size_t{64} << 10);  // of a decision
};

}  // namespace batuta::api
