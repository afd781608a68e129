// A partition's side of a batch of decisions: whom it has looked at, what they could get, and what
// those get who were admitted. Internal to this folder.
//
// Used by the partition's thread while it takes turns, by the job's in between.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/batch_wish.h"
#include "api/dry_runs.h"
#include "api/people_walk.h"
#include "base/clock.h"
#include "base/ids.h"
#include "decision/admission.h"
#include "decision/decision.pb.h"
#include "engine/definitions.h"
#include "engine/fold.h"

namespace batuta::api {

// By one version of the definitions. Immutable; shared.
struct BatchQuestion {
  BatchWish wish;
  base::Id128 batch;  // names the requests, with the person of each
  std::shared_ptr<const engine::Definitions> definitions;
  const decision::Placement* placement = nullptr;
  decision::AdmissionActions actions;
  uint32_t slots = 1;

  // The same for the dry run and for what is recorded, so that both draw alike.
  base::RecordId RequestOf(const base::PersonId& person) const;
  // The request of a person who may get these actions; all, and as a random arm draws, if empty.
  decision::DecisionRequest Request(const base::PersonId& person,
                                    const std::vector<uint32_t>& only) const;
};

// Somebody who was admitted, and what became of it.
struct BatchItem {
  base::PersonId id;
  std::vector<uint32_t> only;  // actions; empty in a random arm
  bool is_held_out = false;
  decision::Decision decision;                // without its trace; no choices if there was none
  std::vector<std::string> identifiers = {};  // of the types that are wished, once they are read
};

class BatchSide {
 public:
  BatchSide(std::shared_ptr<const BatchQuestion> question, base::PartitionId partition);

  // Looks at some more people: about a millisecond. Aborted if the partition's definitions are not
  // the question's, FailedPrecondition if the segment's members are not found yet.
  absl::Status Look(engine::Fold& fold, base::Clock& clock);
  bool is_done() const { return walk_.is_done(); }

  uint64_t total() const {
    return total_.value_or(0);
  }  // people to look at, about; from the first turn on
  uint64_t looked() const { return looked_; }

  // What was found, once it is done. Bidders are counted from 0 within the side.
  std::vector<base::PersonId> people;     // who could get something
  std::vector<decision::Bidder> bidders;  // parallel
  std::vector<decision::Bid> bids;

  // Decides for some of them as a dry run, by the models with which it has looked. False when all
  // are through.
  absl::StatusOr<bool> Try(engine::Fold& fold, base::Clock& clock);
  std::vector<BatchItem*> to_try;  // by id; what was tried is taken out

 private:
  void AddBidder(const base::PersonId& person, const decision::Decision& made);

  const std::shared_ptr<const BatchQuestion> question_;
  const base::PartitionId partition_;
  PeopleWalk walk_;
  DryRuns runs_;
  std::optional<uint64_t> total_;  // once it has begun
  uint64_t looked_ = 0;
  decision::DecisionRequest request_;
};

}  // namespace batuta::api
