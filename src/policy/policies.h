// The contact policies of a hub, compiled from resources of kind `policy`.
//
// A resource may state a cap, a suppression, or both: each becomes one Policy of that name.
// Immutable values, safe to share. What a policy says about a person is in caps.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "base/time.h"
#include "policy/contact.pb.h"
#include "policy/contacts.h"
#include "resource/problem.h"
#include "resource/set.h"

namespace batuta::policy {

enum class Scope : uint8_t { kPerson = 1, kAction, kGroup, kChannel, kPlacement };
std::string_view ScopeName(Scope scope);

enum class PolicyKind : uint8_t {
  kCap = 1,   // at most `limit` contacts within `window`
  kSuppress,  // `limit` refusals within `window` of each other silence for `window` from the last
  kGap,       // `window` between one contact and the next: a cap of one
};
std::string_view KindName(PolicyKind kind);

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

struct Policy {
  std::string name;
  PolicyKind kind = PolicyKind::kCap;
  Scope scope = Scope::kPerson;
  int64_t limit = 0;           // contacts allowed, or refusals that silence; never negative
  base::Duration window = {};  // positive; with a calendar the longest that its period can be
  Calendar calendar = Calendar::kNone;  // of a cap: it counts the period that now is in
  Classes classes = {};         // of the contacts it counts and of the actions it holds back
  bool counts_ignored = false;  // of a suppression: "ignored" is a refusal too
};

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
