// Whether contact policies let an offer through, what they counted, and when they would.
//
// Caps, gaps and pressure count reservations that have neither expired nor failed, by the log time
// of the reservation or, if that is later, the time before which it must not be sent, within
// (now - window, now], or since the beginning of the period that now is in; a contact stamped later
// than `now` (it waits, or came with a merge from a partition whose log time is ahead) counts too.
// Suppressions count refusals by the log time of the outcome, and preferred channels all outcomes.
// Pure; no threads.
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
  std::string_view group;       // "" when the action has none: policies by group leave it alone
  std::string_view issue = {};  // the same
  std::string_view channel;
  std::string_view placement;
  ActionClass action_class = MARKETING;
  bool outbound = false;  // the company speaks first: quiet hours concern it
  bool waits = false;     // in quiet hours it is put off, not held back
};

// The offer's value of the scope: "" for a person.
std::string_view ScopeValue(Scope scope, const Offer& offer);

// Whether the offer is of what is selected.
bool Fits(const Selection& only, const Offer& offer);

// Whether the policy has a say about this offer.
bool Applies(const Policy& policy, const Offer& offer);

// A policy that holds an offer back.
struct Violation {
  size_t policy = 0;           // index in Policies::all()
  int64_t seen = 0;            // contacts or refusals that count; pressure, rate: in millionths
  base::Time passes_at = {};   // when it would let the offer through if nothing else happened
  int64_t adds = 0;            // of a pressure: what the offer weighs, in millionths
  std::string_view than = {};  // of a preferred channel: the best one, where the rate is `adds`
};

// What a block or a cool-down says of the person.
struct Hold {
  bool holds = false;
  base::Time until = base::kDistantFuture;  // kDistantFuture: no end is known
};

// What policies look up beside contacts.
class Lookups {
 public:
  virtual ~Lookups() = default;
  // Requires: the policy with that index is a block or a cool-down.
  virtual Hold HoldOf(size_t policy) const = 0;
  // How often people accept what they are shown on the channel, in millionths.
  virtual int64_t UsualOn(std::string_view channel) const = 0;
  // Whether the person has said that they want the channel.
  virtual bool Wants(std::string_view channel) const = 0;
};

// What policies ask of a person.
class History {
 public:
  virtual ~History() = default;
  // The times that a policy counts for one value of its scope, oldest first. Valid as long as the
  // history.
  virtual absl::Span<const base::Time> Times(size_t policy, std::string_view scope_value) const = 0;
  // Of a pressure: what the contacts at these times weigh, in millionths. Of a preferred channel:
  // kOneContact for what was accepted, else 0.
  virtual absl::Span<const int64_t> Weights(size_t policy, std::string_view scope_value) const = 0;
  // When the period ends that the policy counts; of a policy by calendar.
  virtual base::Time EndOf(size_t policy) const = 0;
  // Of quiet hours: the first time from `at` on that is in none of the policy's windows.
  virtual base::Time QuietUntil(size_t policy, base::Time at) const = 0;
  // Of a block or a cool-down.
  virtual Hold HoldOf(size_t policy) const = 0;
  // Of a preferred channel, on one where it counts something: how often people accept there.
  virtual int64_t UsualOn(size_t policy, std::string_view channel) const = 0;
};

// The history that a person's contacts give at log time `now`, in the person's zone. All that is
// given must outlive it.
class ContactHistory : public History {
 public:
  // `lookups` is needed where there are blocks, cool-downs or preferred channels.
  ContactHistory(const Policies& policies, const ContactState& contacts, base::Time now,
                 absl::TimeZone zone, const Lookups* lookups = nullptr);
  absl::Span<const base::Time> Times(size_t policy, std::string_view scope_value) const override;
  absl::Span<const int64_t> Weights(size_t policy, std::string_view scope_value) const override;
  base::Time EndOf(size_t policy) const override;
  base::Time QuietUntil(size_t policy, base::Time at) const override;
  Hold HoldOf(size_t policy) const override;
  int64_t UsualOn(size_t policy, std::string_view channel) const override;

 private:
  // What one policy counts for one value of its scope: a run of times_.
  struct Row {
    size_t policy = 0;
    std::string_view scope_value = {};
    size_t begin = 0;
    size_t size = 0;
  };
  // A run of nothing if the policy counts nothing for the value.
  Row Find(size_t policy, std::string_view scope_value) const;
  bool CountsNothing(const Policy& policy) const;
  void Count(size_t policy, const ContactState& contacts, base::Time since);

  const Policies& policies_;
  absl::TimeZone zone_;
  const Lookups* lookups_;
  std::vector<Row> rows_;          // by policy, then by value
  std::vector<base::Time> times_;  // of each row, oldest first
  std::vector<int64_t> weights_;   // parallel; 0 where nothing is weighed
  std::vector<base::Time> ends_;   // by policy
};

// The verdict of a cap, a gap or a suppression on the times it counts. `pending` is the number of
// reservations that the decision being made has already put against a cap; they count at `now`.
// `ends` is needed of a policy by calendar.
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
// by (name, kind). Quiet hours do not hold back an offer that waits, unless they never end.
std::optional<Violation> Check(const CheckContext& context, const Offer& offer);

// The first time from now on at which no quiet hours concern the offer: now, if none do.
base::Time QuietEnd(const CheckContext& context, const Offer& offer);

}  // namespace batuta::policy
