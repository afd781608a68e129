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
  // At the state's log time. Both must outlive this.
  LeaseRows(const Definitions& definitions, PartitionState& state)
      : definitions_(definitions), state_(state) {}
  policy::LeaseReading Read(const policy::Constraint& constraint) const override;

 private:
  const Definitions& definitions_;
  PartitionState& state_;
};

}  // namespace batuta::engine
