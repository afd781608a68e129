// Decides for everybody, or for the members of a segment, at once: all are scored first, then what
// there is of budgets and capacities goes to those whose choices are worth most.
//
// Three stages. Everybody is decided for as a dry run, some at a time beside live traffic; that
// says who could get what, and what it is worth. Then their bids are admitted
// (decision/admission.h), by what is left of constraints just now. At last those who were admitted
// are decided for among the actions that were admitted, and written into the file, the one worth
// most first: by recorded decisions, that keep to every policy and constraint at their record and
// count from there on; or, if nothing is to be changed, by dry runs again. Internal to this folder.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "api/batch_side.h"
#include "api/batch_wish.h"
#include "api/core.h"
#include "api/job.h"
#include "decision/admission.h"

namespace batuta::api {

class BatchJob : public Job {
 public:
  // For a key of that source, which the audit names by its id.
  BatchJob(Core& core, BatchWish wish, std::string source, std::string key);

  absl::StatusOr<JobResult> Run(JobContext& context) override;

 private:
  absl::Status Score(JobContext& context);
  absl::Status ScoreOnce(JobContext& context);
  absl::Status Ask();
  absl::Status Gather(JobContext& context);
  absl::Status Admit(JobContext& context);
  absl::Status WriteAll(JobContext& context);
  std::vector<BatchItem> ItemsFrom(size_t& next);
  absl::Status Decide(JobContext& context, std::vector<BatchItem>& items);
  absl::Status Try(JobContext& context, std::vector<BatchItem>& items);
  void Count(const BatchItem& item, size_t choices);
  base::Value Summary() const;
  base::Value ConstraintsValue() const;

  Core& core_;
  const BatchWish wish_;
  const std::string source_;
  const std::string key_;
  const base::Id128 batch_;
  std::shared_ptr<const BatchQuestion> question_;
  std::vector<std::unique_ptr<BatchSide>> sides_;

  std::vector<base::PersonId> people_;     // who could get something
  std::vector<decision::Bidder> bidders_;  // parallel
  std::vector<decision::Bid> bids_;
  decision::AdmissionLimits limits_;
  decision::Admission admission_;

  // What came of it.
  uint64_t looked_ = 0;
  uint64_t could_ = 0;
  uint64_t decided_ = 0;  // people with a choice
  uint64_t choices_ = 0;
  uint64_t held_out_ = 0;  // admitted, and kept from it by a holdout
  uint64_t changed_ = 0;   // admitted, and with nothing in the end
  double net_value_ = 0;
};

}  // namespace batuta::api
