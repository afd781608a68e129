// What a holdout is measured by: who was met by it, what they did since, and the sums over people.
//
// The unit is the person, as it is the person who is drawn. A person is met by a holdout at the
// first decision in which something that it concerns had passed all stages before it: there the
// holdout mattered, or would have. That is known of both arms alike, and nothing that the arm has
// changed can decide it. From then on the person's arm is kept, and what they do counts.
//
// The yardstick is one for both arms, so it counts nothing that only people of one arm can do:
//
//   - An action that names an `accept` event is measured by the person's events, whether or not it
//     was shown, was shown often, or has an open choice. An event counts once, also where several
//     actions name it; not if it was imported, or happened before the person was met. It is worth
//     what it states in the hub's currency; else the least value of those actions. Acceptances of
//     such an action that are reported through the api are not counted: the event says it.
//   - An action that names none is measured by reports. These count where both arms are offered
//     something; under the arm "none" only the treated can have any, so they are shown apart.
//
// What counts are acceptances of what the holdout is about (holdouts.h).
//
// Who was met in both arms, because two people turned out to be one, is held out from then on,
// counted as contaminated, and left out of all else.
//
// Sums are exact: what is taken off is what was added, so any order of additions, merges and
// erasures gives the same bytes. Pure functions over values; any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/numeric/int128.h"
#include "base/ids.h"
#include "base/money.h"
#include "base/time.h"
#include "decision/catalogue.h"
#include "decision/decision.pb.h"
#include "decision/holdout.pb.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace batuta::decision {

using HoldoutPeople = google::protobuf::RepeatedPtrField<HoldoutPerson>;  // by name and version

// What a person's acceptances can be worth at most, either way: 10^11 units. Beyond it all is the
// same, so that the sums of squares of many people fit.
inline constexpr int64_t kLargestWorth = 100'000'000'000'000'000;

// The holdouts that the decision met, with the arm it was made under. Empty for a dry run.
std::vector<HoldoutMeeting> MeetingsOf(const Catalogue& catalogue, const Decision& decision);

// The person as a decision at `time` met them for the first time.
HoldoutPerson MetBy(const HoldoutMeeting& meeting, base::Time time);

// Null if the person was not met.
const HoldoutPerson* FindMet(const HoldoutPeople& people, std::string_view name, uint64_t version);

// Two people who are one, of the same holdout and version.
// Invariant: commutative and associative.
HoldoutPerson Merge(const HoldoutPerson& a, const HoldoutPerson& b);
// Adds, or merges with the one that is there.
void AddMet(HoldoutPeople& people, const HoldoutPerson& one);

// An acceptance: `offers` are the actions whose acceptance it may be.
struct Acceptance {
  std::vector<const Action*> offers = {};
  base::Money stated = {};  // no currency: nothing was stated
  base::Time at = {};       // event time
  bool is_reported = false;
  bool is_refund = false;  // it takes back what one was worth, of who has any
};
// Counts it for the person if the holdout concerns it; true if anything changed.
bool Count(const Acceptance& acceptance, const Holdout& holdout, base::Currency currency,
           HoldoutPerson& person);

enum class TallyStep : int8_t { kAdd = 1, kTakeOff = -1 };
void Apply(const HoldoutPerson& person, TallyStep step, HoldoutTally& tally);
// Of two partitions.
void Add(const HoldoutTally& from, HoldoutTally& into);

absl::int128 SumOf(const HoldoutSum& sum);
absl::uint128 SquaresOf(const HoldoutSum& sum);

}  // namespace batuta::decision
