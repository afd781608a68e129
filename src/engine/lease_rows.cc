#include "engine/lease_rows.h"

#include "policy/agreements.h"

namespace batuta::engine {

policy::LeaseReading LeaseRows::Read(const policy::Constraint& constraint) const {
  const policy::Period period =
      policy::PeriodOf(constraint, state_.log_time(), definitions_.features->zone());
  policy::LeaseReading reading{.key = policy::KeyOf(constraint, period), .ends = period.end};
  if (!period.is_open) {
    reading.short_from = 1;  // there is nothing outside of its dates
    return reading;
  }
  const auto lease = state_.GetRow<policy::Lease>(RowKind::kLease, policy::Encode(reading.key));
  if (constraint.at_least > 0) {
    reading.share = policy::ShareOf(constraint.at_least, place_.partition, place_.partitions);
    if (lease) reading.taken = lease->reserved() + lease->spent() + lease->overdrawn();
    const policy::Progress progress{.share = reading.share, .taken = reading.taken};
    reading.boost = policy::PaceOf(constraint, period, progress, state_.log_time()).boost;
  }
  if (!lease.has_value()) return reading;
  reading.left = policy::FreeOf(*lease);
  reading.short_from = lease->short_from();
  reading.paced = lease->paced();
  return reading;
}

}  // namespace batuta::engine
