// The leases of a partition, as decisions see them.
#pragma once

#include <string>
#include <string_view>

#include "engine/definitions.h"
#include "engine/state.h"
#include "policy/constraints.h"
#include "policy/lease.h"

namespace batuta::engine {

class LeaseRows : public policy::LeaseView {
 public:
  // Of one of so many partitions.
  struct Place {
    uint32_t partition = 0;
    uint32_t partitions = 1;
  };
  // At the state's log time. Both must outlive this.
  LeaseRows(const Definitions& definitions, PartitionState& state, const Place& place)
      : definitions_(definitions), state_(state), place_(place) {}
  policy::LeaseReading Read(const policy::Constraint& constraint) const override;

 private:
  const Definitions& definitions_;
  PartitionState& state_;
  Place place_;
};

}  // namespace batuta::engine
