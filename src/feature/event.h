// An event as features see it.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "base/time.h"
#include "base/value.pb.h"

namespace batuta::feature {

// Everything is borrowed.
struct Event {
  std::string_view name = {};  // as `events("…")` names it: "Order Completed", "page: Pricing"
  std::string_view kind = {};  // another name it goes by: "page" of a named page; may be empty
  std::string_view source = {};
  base::Time time = {};
  // Which event it is, whatever copies there are; see IdentityOf. Events of one person are ordered
  // by (time, identity): the order within one microsecond has no meaning but is always the same.
  uint64_t identity = 0;
  const base::Fields* properties = nullptr;  // nullptr: none
  const base::Fields* context = nullptr;
};

uint64_t IdentityOf(std::string_view source, std::string_view message_id);

// A person's events as they are kept elsewhere, for features that have more than fit into the
// record.
class EventHistory {
 public:
  virtual ~EventHistory() = default;
  // Calls `visit` with every event after that time, in any order, each at least once. Errors are
  // passed on: then the value is not known.
  virtual absl::Status Visit(base::Time after,
                             absl::FunctionRef<void(const Event&)> visit) const = 0;
};

}  // namespace batuta::feature
