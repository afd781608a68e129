// Constraints: budgets, capacities and the limits of agreements, as far as the partition's leases
// tell (policy/lease.h).
//
// An action falls out if what it takes of a constraint is known not to be had from anywhere. If the
// partition's lease merely does not have it, the decision has to wait for the lease: that is noted
// as a shortage, and what comes of this run is not to be used. A dry run waits for nothing; it
// takes what it would have asked for as given. No class of actions is exempt: money that is spent
// is spent.
#include <algorithm>
#include <string>
#include <utility>

#include "base/status.h"
#include "decision/pipeline.h"
#include "policy/constraints.h"

namespace batuta::decision {
namespace {

int64_t UseBy(const LeaseTrace& lease, size_t candidate) {
  const auto& candidates = lease.candidates();  // ascending
  const auto at = std::lower_bound(candidates.begin(), candidates.end(), candidate);
  if (at == candidates.end() || *at != candidate) return 0;
  return lease.uses(static_cast<int>(at - candidates.begin()));
}

void SetOperands(const LeaseTrace& lease, int64_t short_from, int64_t adds, const Run& run,
                 Operands& operands) {
  const auto kind = static_cast<policy::ConstraintKind>(lease.key().kind());
  operands.set_policy(lease.key().name());
  operands.set_subject(std::string(policy::ConstraintKindName(kind)));
  operands.set_seen(short_from);
  operands.set_limit(lease.limit());
  operands.set_adds(adds);
  if (lease.ends_in() != 0) operands.set_at((run.now + base::Duration{lease.ends_in()}).micros);
}

void NoteShortage(const LeaseTrace& lease, int64_t need, const Run& run) {
  if (run.shortages == nullptr || run.decision.dry_run()) return;
  for (Shortage& shortage : *run.shortages) {
    if (shortage.key.kind() != lease.key().kind() || shortage.key.name() != lease.key().name()) {
      continue;
    }
    shortage.need = std::max(shortage.need, need);
    return;
  }
  run.shortages->push_back({.key = lease.key(), .need = need});
}

}  // namespace

void ReadLeases(const policy::Constraints& constraints, const policy::LeaseView& view,
                Decision& decision) {
  const base::Time now{decision.log_time()};
  Trace& trace = *decision.mutable_trace();
  for (const policy::Constraint& constraint : constraints.all()) {
    const bool is_agreement = constraint.kind == policy::ConstraintKind::kAgreement;
    // Outside of its dates a budget is empty; an agreement is none.
    if (is_agreement && (now < constraint.starts || now >= constraint.ends)) continue;
    LeaseTrace* lease = nullptr;
    for (int i = 0; i < trace.candidates_size(); ++i) {
      const CandidateTrace& candidate = trace.candidates(i);
      const int64_t use =
          policy::UseOf(constraint, OfferOf(decision, candidate), candidate.cost_micros());
      if (use == 0) continue;
      if (lease == nullptr) lease = trace.add_leases();
      lease->add_candidates(static_cast<uint32_t>(i));
      lease->add_uses(use);
    }
    if (lease == nullptr) continue;
    const policy::LeaseReading reading = view.Read(constraint);
    *lease->mutable_key() = reading.key;
    lease->set_limit(constraint.limit);
    lease->set_left(reading.left);
    lease->set_short_from(reading.short_from);
    lease->set_paced(reading.paced);
    lease->set_share(reading.share);
    lease->set_taken(reading.taken);
    lease->set_boost(reading.boost);
    if (reading.ends != base::kDistantFuture) lease->set_ends_in((reading.ends - now).micros);
  }
}

std::optional<Lack> LackOf(const Run& run, size_t candidate, absl::Span<const size_t> chosen) {
  for (const LeaseTrace& lease : run.decision.trace().leases()) {
    const int64_t use = UseBy(lease, candidate);
    if (use == 0) continue;
    int64_t taken = 0;
    // A dry run may take more than there is; it need not be told by how much.
    for (const size_t before : chosen) {
      taken = std::min(taken + UseBy(lease, before), policy::kLargestLimit + 1);
    }
    if (taken + use <= lease.left()) continue;
    if (lease.short_from() == 0 || taken + use < lease.short_from()) {
      NoteShortage(lease, taken + use, run);
      continue;
    }
    Lack lack{.reason = lease.paced() ? PACED : EXHAUSTED};
    SetOperands(lease, std::max<int64_t>(lease.short_from() - taken, 1), use, run, lack.operands);
    return lack;
  }
  return std::nullopt;
}

void StageConstraint(Run& run) {
  Trace& trace = run.trace();
  for (int i = 0; i < trace.candidates_size(); ++i) {
    CandidateTrace& candidate = *trace.mutable_candidates(i);
    if (!IsAdmissible(candidate)) continue;
    if (auto lack = LackOf(run, static_cast<size_t>(i), {})) {
      FallOut(candidate, ALLOWED, lack->reason);
      *candidate.mutable_operands() = std::move(lack->operands);
    }
  }
}

void AddHolds(const Trace& trace, size_t candidate, Chosen& chosen) {
  for (const LeaseTrace& lease : trace.leases()) {
    const int64_t use = UseBy(lease, candidate);
    if (use == 0) continue;
    policy::Stake& hold = *chosen.add_holds();
    *hold.mutable_key() = lease.key();
    hold.set_amount(use);
  }
}

}  // namespace batuta::decision
