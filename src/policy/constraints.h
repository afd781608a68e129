// Limits on the whole, compiled from resources: what all choices together may cost, or how many
// there may be, in a period of the company's calendar.
//
//     budget     so much money      per day, week, month or campaign
//     capacity   so many choices    the same, or per hour; what a channel can take
//     agreement  so many choices    the same as a budget; what a partner was promised at most
//                                   (what else was promised is in agreements.h)
//
// Immutable values, safe to share. How partitions share what a constraint allows is in lease.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "base/time.h"
#include "policy/caps.h"
#include "policy/lease.pb.h"
#include "policy/policies.h"
#include "resource/set.h"

namespace batuta::policy {

// Kept in rows and traces: never renumber.
enum class ConstraintKind : uint8_t { kBudget = 1, kCapacity = 2, kAgreement = 3 };
std::string_view ConstraintKindName(ConstraintKind kind);  // "budget"

// Kept in rows and traces: never renumber.
enum class Per : uint8_t { kCampaign = 1, kHour, kDay, kWeek, kMonth };
std::string_view PerName(Per per);  // "day"

// No limit is more: 10^12 units of money.
inline constexpr int64_t kLargestLimit = 1'000'000'000'000'000'000;

struct Constraint {
  std::string name = {};
  ConstraintKind kind = ConstraintKind::kBudget;
  int64_t limit =
      0;  // of a period: millionths of the hub's currency, or choices; from 0 to the largest
  Per per = Per::kDay;
  bool even = false;                       // over the period, not as soon as it can be
  base::Time starts = base::kDistantPast;  // outside of these dates nothing is allowed
  base::Time ends = base::kDistantFuture;
  Selection only = {};  // what it is about; all if empty
  // Of an agreement: how many choices a period is to have, 0 if that was not promised; and what is
  // added to the worth of one at most while there are too few, in millionths of the currency.
  int64_t at_least = 0;
  int64_t boost = 0;

  // An agreement may have none; then what it holds is counted all the same.
  bool HasLimit() const { return limit < kLargestLimit; }
  // Whether redefining the one as the other leaves everything that was leased as good as it was.
  bool AllowsAs(const Constraint& other) const;
};

// What a choice of the offer takes of the constraint; 0 if it is not about it. `cost` is in
// millionths; beyond the limit all is the same.
int64_t UseOf(const Constraint& constraint, const Offer& offer, int64_t cost);

struct Period {
  base::Time start;
  base::Time end;       // kDistantFuture if there is none
  bool is_open = true;  // false outside of the constraint's dates
};
// The period that `now` is in. Hours, days, weeks (from Monday on) and months are those of the
// zone; an hour that the clock repeats is two.
Period PeriodOf(const Constraint& constraint, base::Time now, const absl::TimeZone& zone);

LeaseKey KeyOf(const Constraint& constraint, const Period& period);
// The same as bytes that no other key begins with, sorted by kind, name and start.
std::string Encode(const LeaseKey& key);
LeaseKey DecodeLeaseKey(std::string_view bytes);

// What may be leased out at `now`: with an even pace the part of the limit that the period's age
// is of its length, and a hundredth more; it rises in steps of a thousandth.
int64_t AllowedAt(const Constraint& constraint, const LeaseKey& key, base::Time ends,
                  base::Time now);
// When AllowedAt reaches `amount`; kDistantFuture if it never does.
base::Time AllowsFrom(const Constraint& constraint, const LeaseKey& key, base::Time ends,
                      int64_t amount);

class Constraints {
 public:
  Constraints() = default;
  // Requires: the specs fit their schema.
  static Constraints Compile(const resource::ResourceSet& resources);

  absl::Span<const Constraint> all() const { return all_; }  // by kind and name
  // Null if there is none, or if it is of another kind of period.
  const Constraint* Find(const LeaseKey& key) const;
  const Constraint* Find(ConstraintKind kind, std::string_view name) const;

 private:
  std::vector<Constraint> all_;
};

}  // namespace batuta::policy
