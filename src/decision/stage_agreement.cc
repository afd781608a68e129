// Agreements: who gives way to a partner, and what is added for one that is behind its minimum
// (policy/agreements.h). What an agreement allows at most is a constraint like others.
//
// Competitors of a partner fall out at the placements that the partner has alone, and elsewhere as
// soon as a slot holds what is the partner's; and what is the partner's, as soon as one holds a
// competitor. What is transactional is nobody's competitor. Outside of its dates nothing is
// promised.
#include <algorithm>
#include <string>

#include "decision/pipeline.h"

namespace batuta::decision {
namespace {

bool Has(const google::protobuf::RepeatedField<uint32_t>& candidates, size_t candidate) {
  return std::binary_search(candidates.begin(), candidates.end(), candidate);  // ascending
}

Operands OperandsOf(const ExclusiveTrace& exclusive, const Run& run) {
  Operands operands;
  operands.set_policy(exclusive.agreement());
  if (exclusive.ends_in() != 0) {
    operands.set_at((run.now + base::Duration{exclusive.ends_in()}).micros);
  }
  return operands;
}

}  // namespace

void ReadExclusives(const std::vector<policy::Exclusivity>& exclusivities, base::Time now,
                    Decision& decision) {
  Trace& trace = *decision.mutable_trace();
  for (const policy::Exclusivity& exclusivity : exclusivities) {
    if (now < exclusivity.starts || now >= exclusivity.ends) continue;
    ExclusiveTrace read;
    for (int i = 0; i < trace.candidates_size(); ++i) {
      const policy::Offer offer = OfferOf(decision, trace.candidates(i));
      if (policy::Fits(exclusivity.of, offer)) {
        read.add_partners(static_cast<uint32_t>(i));
      } else if (offer.action_class != policy::TRANSACTIONAL &&
                 policy::Fits(exclusivity.rivals, offer)) {
        read.add_rivals(static_cast<uint32_t>(i));
      }
    }
    const auto& places = exclusivity.placements;
    read.set_alone(std::find(places.begin(), places.end(), decision.placement()) != places.end());
    if (read.rivals().empty() || (read.partners().empty() && !read.alone())) continue;
    read.set_agreement(exclusivity.agreement);
    if (exclusivity.ends != base::kDistantFuture) read.set_ends_in((exclusivity.ends - now).micros);
    *trace.add_exclusives() = std::move(read);
  }
}

void StageAgreement(Run& run) {
  Trace& trace = run.trace();
  for (const ExclusiveTrace& exclusive : trace.exclusives()) {
    if (!exclusive.alone()) continue;
    for (const uint32_t rival : exclusive.rivals()) {
      CandidateTrace& candidate = *trace.mutable_candidates(static_cast<int>(rival));
      if (!IsAdmissible(candidate)) continue;
      FallOut(candidate, ALLOWED, EXCLUSIVE);
      *candidate.mutable_operands() = OperandsOf(exclusive, run);
      candidate.mutable_operands()->set_subject("placement");
    }
  }
}

std::optional<Operands> ExclusionOf(const Run& run, size_t candidate,
                                    absl::Span<const size_t> chosen) {
  const Trace& trace = run.decision.trace();
  for (const ExclusiveTrace& exclusive : trace.exclusives()) {
    const bool is_partner = Has(exclusive.partners(), candidate);
    if (!is_partner && !Has(exclusive.rivals(), candidate)) continue;
    for (const size_t before : chosen) {
      if (!Has(is_partner ? exclusive.rivals() : exclusive.partners(), before)) continue;
      Operands operands = OperandsOf(exclusive, run);
      operands.set_subject("slate");
      operands.set_level_name(trace.candidates(static_cast<int>(before)).action());
      return operands;
    }
  }
  return std::nullopt;
}

double BoostOf(const CandidateTrace& candidate) {
  int64_t micros = 0;
  for (const BoostTrace& boost : candidate.boosts()) micros += boost.micros();
  return static_cast<double>(micros) / 1e6;
}

void AddBoosts(Trace& trace) {
  for (const LeaseTrace& lease : trace.leases()) {
    if (lease.boost() <= 0) continue;
    for (const uint32_t index : lease.candidates()) {
      CandidateTrace& candidate = *trace.mutable_candidates(static_cast<int>(index));
      if (!IsAdmissible(candidate)) continue;
      BoostTrace& boost = *candidate.add_boosts();
      boost.set_agreement(lease.key().name());
      boost.set_micros(lease.boost());
    }
  }
}

}  // namespace batuta::decision
