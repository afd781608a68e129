// Survivorship: which of the conflicting statements about a trait is believed.
//
//   mostRecent    the newest statement (the default)
//   mostTrusted   the newest statement of the first source in `trust` that made one; sources that
//                 are not listed come last, all alike
//   mostFrequent  the value stated most often among the newest 64 statements; then the newest one
//   first         the oldest statement
//   list          all distinct values, newest first; elements of stated lists count one by one
//
// "Newest" is by (event time, log time, partition, offset), never by arrival. A null removes: under
// mostRecent and mostTrusted a winning null means "absent"; under mostFrequent and list only what
// was stated after the newest null counts; once there was a null, `first` is the oldest of the
// sources' current statements made after the newest one.
//
// Invariant: what is kept of the statements is a function of the set of all statements taken, so
// adding and merging are commutative, associative and idempotent (merge.h relies on it). Kept are
//   - the newest statement of each source, of at most 16 sources: the listed ones in order of trust
//     before the others, then those that spoke last;
//   - the newest null;
//   - under `first` the oldest statement, as long as there was no null; under `mostFrequent` the
//     newest 64 statements after the newest null; under `list` the newest statement of each of the
//     100 newest distinct values after it.
// A change of rules needs no rewriting: resolution works on whatever is kept. A trait that changes
// to `first`, `mostFrequent` or `list` starts from what the old rule kept.
//
// Pure; no threads, no clock. Sealed values are equal when their equality hashes are.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "profile/order.h"
#include "profile/profile.pb.h"

namespace batuta::profile {

inline constexpr int kMaxSources = 16;
inline constexpr int kMaxFrequencyStatements = 64;
inline constexpr int kMaxListValues = 100;
inline constexpr int kMaxTraits = 1000;
inline constexpr size_t kMaxTraitNameBytes = 256;
inline constexpr size_t kMaxValueBytes = 16 * 1024;     // larger values are not taken
inline constexpr size_t kMaxRepeatedValueBytes = 1024;  // the same under mostFrequent and list

enum class RuleKind { kMostRecent, kMostTrusted, kMostFrequent, kFirst, kList };
std::string_view RuleName(RuleKind kind);  // "mostRecent", ...

struct Rule {
  RuleKind kind = RuleKind::kMostRecent;
  std::vector<std::string> trust;  // most trusted first; not empty under mostTrusted only
};

// A resource of kind `trait`. The trait is named by `spec.trait`, or else by the resource itself.
struct TraitResource {
  std::string_view name;
  const base::Fields* spec = nullptr;  // not owned; needed while compiling only
};

// The rules of all traits; those without a resource are settled by mostRecent. Immutable.
class Rules {
 public:
  Rules() = default;
  // InvalidArgument names the resource and field, and what would be right; all errors at once.
  static absl::StatusOr<Rules> Compile(std::span<const TraitResource> resources);

  const Rule& Of(std::string_view trait) const;
  bool Declares(std::string_view trait) const;

 private:
  struct Named {
    std::string trait;
    Rule rule;
  };
  const Named* Find(std::string_view trait) const;
  std::vector<Named> named_;  // sorted by trait
  Rule default_;
};

// The answer, pointing into the state it was resolved from.
struct Resolution {
  RuleKind rule = RuleKind::kMostRecent;
  const Statement* winner = nullptr;     // nullptr: the trait is absent
  const Statement* runner_up = nullptr;  // of another source or value; what would be next
  int support = 0;                       // mostFrequent: how many statements agree with the winner
  // Under `list` all values, newest first; `winner` is the newest statement. Otherwise empty.
  std::vector<const base::Value*> list;
};

Resolution Resolve(const Rule& rule, const TraitState& state);

// The value that `Resolve` would answer as the winner's (under `list` the newest value); nullptr if
// absent.
const base::Value* Winner(const Rule& rule, const TraitState& state);

// Who said it, and when.
struct Provenance {
  std::string_view source;
  Stamp stamp;
};

// Takes one statement. False if nothing changed: known, older than what is kept, or too large.
bool AddStatement(const Rule& rule, const base::Value& value, const Provenance& provenance,
                  TraitState& state);

// Takes all statements of `from`, of the same trait.
void MergeTrait(const Rule& rule, const TraitState& from, TraitState& into);

// Traits as they stand in a profile or group: sorted by name, at most kMaxTraits. Beyond that
// declared traits stay before others, then the smaller name: a fixed order, so the laws hold.
using TraitStates = google::protobuf::RepeatedPtrField<TraitState>;
const TraitState* FindTrait(const TraitStates& traits, std::string_view name);

// Takes one statement about the trait `name` (1 to 256 bytes, else it is not taken). True if the
// winner's value is another one than before; under `list` any change of what is kept.
bool StateTrait(const Rules& rules, const base::Field& trait, const Provenance& provenance,
                TraitStates& traits);
void MergeTraits(const Rules& rules, const TraitStates& from, TraitStates& into);

}  // namespace batuta::profile
