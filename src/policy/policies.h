// The contact policies of a hub, compiled from resources of kind `policy`.
//
// A resource may state several limits at once: each becomes one Policy of that name. Immutable
// values, safe to share. What a policy says about a person is in caps.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "base/time.h"
#include "policy/contact.pb.h"
#include "policy/contacts.h"
#include "policy/pressure.h"
#include "policy/quiet.h"
#include "resource/problem.h"
#include "resource/set.h"

namespace batuta::policy {

enum class Scope : uint8_t { kPerson = 1, kAction, kGroup, kChannel, kPlacement, kIssue };
std::string_view ScopeName(Scope scope);

enum class PolicyKind : uint8_t {
  kCap = 1,   // at most `limit` contacts within `window`
  kSuppress,  // `limit` refusals within `window` of each other silence for `window` from the last
  kGap,       // `window` between one contact and the next: a cap of one
  kQuiet,     // nothing is sent in the windows `quiet` of the person's local week
  kBlock,     // members of the segment `subject` get nothing
  kCoolDown,  // nothing for `window` after an event called `subject`
  kPressure,  // the pressure of contacts, halved in `half_life`, stays within `limit` millionths
  kPreferChannel,  // accepted at least `limit` millionths as often as on the best of channels
};
std::string_view KindName(PolicyKind kind);
// Whether its contacts have weights.
constexpr bool Weighs(PolicyKind kind) {
  return kind == PolicyKind::kPressure || kind == PolicyKind::kPreferChannel;
}

// A local day, a week from Monday on, or a month, in the time zone of the person.
enum class Calendar : uint8_t { kNone, kDay, kWeek, kMonth };
std::string_view CalendarName(Calendar calendar);  // "" for none

// A set of action classes.
class Classes {
 public:
  constexpr Classes() = default;
  constexpr explicit Classes(uint32_t bits) : bits_(bits) {}
  constexpr Classes With(ActionClass one) const { return Classes(bits_ | (1u << one)); }
  constexpr bool Has(ActionClass one) const { return (bits_ >> one & 1u) != 0; }
  constexpr uint32_t bits() const { return bits_; }

 private:
  uint32_t bits_ = 0;
};

// What a policy is about, beside classes: of each list that is not empty one name must fit.
struct Selection {
  std::vector<std::string> actions = {};
  std::vector<std::string> groups = {};
  std::vector<std::string> issues = {};
  std::vector<std::string> channels = {};
};

// What a contact on a channel weighs, in millionths.
struct ChannelWeight {
  std::string channel;
  int64_t weight = kOneContact;
};

struct Policy {
  std::string name = {};
  PolicyKind kind = PolicyKind::kCap;
  Scope scope = Scope::kPerson;
  int64_t limit = 0;           // contacts allowed, refusals that silence, pressure; never negative
  base::Duration window = {};  // positive; with a calendar the longest that its period can be; of
                               // what is halved how long it weighs; zero where time plays no role
  Calendar calendar = Calendar::kNone;  // of a cap: it counts the period that now is in
  Classes classes = {};           // of the contacts it counts and of the actions it holds back
  Selection only = {};            // the same
  bool counts_ignored = false;    // of a suppression: "ignored" is a refusal too
  std::string subject = {};       // of a block the segment, of a cool-down the event
  base::Duration half_life = {};  // of a pressure and of a preferred channel
  std::vector<ChannelWeight> weights = {};  // of a pressure; other channels weigh one contact
  int64_t after = 0;  // of a preferred channel: outcomes on each that make it count
  std::vector<QuietWindow> quiet = {};  // of quiet hours
};

// What a contact on that channel weighs.
int64_t WeightOn(const Policy& policy, std::string_view channel);

class Policies {
 public:
  Policies() = default;
  // Requires: sorted by (name, kind).
  explicit Policies(std::vector<Policy> all) : all_(std::move(all)) {}

  // Reads the resources of kind `policy`. Problems that their schema cannot see are appended to
  // `problems`; a policy with an error is left out. Requires: the specs fit their schema.
  static Policies Compile(const resource::ResourceSet& resources,
                          std::vector<resource::Problem>& problems);

  absl::Span<const Policy> all() const { return all_; }

  // What must be kept so that every policy sees all it counts; never below the defaults.
  Retention Keep() const;

 private:
  std::vector<Policy> all_;
};

}  // namespace batuta::policy
