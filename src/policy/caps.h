// Whether contact policies let an offer through, what they counted, and when they would.
//
// Caps and gaps count reservations that have neither expired nor failed, by the log time of the
// reservation, within (now - window, now], or since the beginning of the period that now is in; a
// contact stamped later than `now` (it came with a merge from a
// partition whose log time is ahead) counts too. Suppressions count refusals by the log time of the
// outcome. Pure; no threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "base/time.h"
#include "policy/contact.pb.h"
#include "policy/policies.h"

namespace batuta::policy {

// What a policy looks at in an action that could be offered. The texts must outlive the offer.
struct Offer {
  std::string_view action;
  std::string_view group;  // "" when the action has none: policies by group leave it alone
  std::string_view channel;
  std::string_view placement;
  ActionClass action_class = MARKETING;
};

// The offer's value of the scope: "" for a person.
std::string_view ScopeValue(Scope scope, const Offer& offer);

// Whether the policy has a say about this offer.
bool Applies(const Policy& policy, const Offer& offer);

// A policy that holds an offer back.
struct Violation {
  size_t policy = 0;          // index in Policies::all()
  int64_t seen = 0;           // contacts or refusals that count
  base::Time passes_at = {};  // when it would let the offer through if nothing else happened
};

// The times that a policy counts for one value of its scope, oldest first.
class History {
 public:
  virtual ~History() = default;
  // Valid as long as the history.
  virtual absl::Span<const base::Time> Times(size_t policy, std::string_view scope_value) const = 0;
  // When the period ends that the policy counts; of a policy by calendar.
  virtual base::Time EndOf(size_t policy) const = 0;
};

// The history that a person's contacts give at log time `now`, in the person's zone. The policies
// and contacts must outlive it.
class ContactHistory : public History {
 public:
  ContactHistory(const Policies& policies, const ContactState& contacts, base::Time now,
                 absl::TimeZone zone);
  absl::Span<const base::Time> Times(size_t policy, std::string_view scope_value) const override;
  base::Time EndOf(size_t policy) const override;

 private:
  struct Row {
    std::string_view scope_value;
    std::vector<base::Time> times;
  };
  std::vector<std::vector<Row>> rows_;  // by policy
  std::vector<base::Time> ends_;        // parallel
};

// The verdict of one policy on the times it counts. `pending` is the number of reservations that
// the decision being made has already put against a cap; they count at `now`. `ends` is needed of
// a policy by calendar.
std::optional<Violation> Judge(const Policy& policy, absl::Span<const base::Time> times,
                               int64_t pending, base::Time now,
                               base::Time ends = base::kDistantFuture);

// What Check needs beside the offer. `pending` are the offers chosen so far by the same decision.
struct CheckContext {
  const Policies& policies;
  const History& history;
  absl::Span<const Offer> pending;
  base::Time now;
};

// The policy that holds the offer back longest, or none if all let it through. Ties go to the first
// by (name, kind).
std::optional<Violation> Check(const CheckContext& context, const Offer& offer);

}  // namespace batuta::policy
