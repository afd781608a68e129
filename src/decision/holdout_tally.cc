#include "decision/holdout_tally.h"

#include <algorithm>
#include <tuple>

#include "base/status.h"
#include "decision/holdouts.h"
#include "decision/pipeline.h"

namespace batuta::decision {
namespace {

auto KeyOf(const HoldoutPerson& person) {
  return std::pair(std::string_view(person.name()), person.version());
}

int64_t Worth(int64_t micros) { return std::clamp(micros, -kLargestWorth, kLargestWorth); }

// The first that does not stand before the key.
int PlaceOf(const HoldoutPeople& people, std::string_view name, uint64_t version) {
  const auto at =
      std::lower_bound(people.begin(), people.end(), std::pair(name, version),
                       [](const HoldoutPerson& one, const auto& key) { return KeyOf(one) < key; });
  return static_cast<int>(at - people.begin());
}

// Unsigned, so that taking off what was added gives what there was, whatever the order.
void Step(int64_t value, TallyStep step, HoldoutSum& sum) {
  const auto number = absl::uint128(absl::int128(value));
  absl::uint128 total = absl::MakeUint128(sum.high(), sum.low());
  absl::uint128 squares = absl::MakeUint128(sum.squares_high(), sum.squares_low());
  total = step == TallyStep::kAdd ? total + number : total - number;
  squares = step == TallyStep::kAdd ? squares + number * number : squares - number * number;
  sum.set_high(absl::Uint128High64(total));
  sum.set_low(absl::Uint128Low64(total));
  sum.set_squares_high(absl::Uint128High64(squares));
  sum.set_squares_low(absl::Uint128Low64(squares));
}

uint64_t Stepped(uint64_t count, uint64_t by, TallyStep step) {
  BATUTA_CHECK(step == TallyStep::kAdd || count >= by, "more is taken off than was counted");
  return step == TallyStep::kAdd ? count + by : count - by;
}

void Add(const HoldoutSum& from, HoldoutSum& into) {
  const absl::uint128 total =
      absl::MakeUint128(from.high(), from.low()) + absl::MakeUint128(into.high(), into.low());
  const absl::uint128 squares = SquaresOf(from) + SquaresOf(into);
  into.set_high(absl::Uint128High64(total));
  into.set_low(absl::Uint128Low64(total));
  into.set_squares_high(absl::Uint128High64(squares));
  into.set_squares_low(absl::Uint128Low64(squares));
}

void Add(const HoldoutArmSums& from, HoldoutArmSums& into) {
  into.set_people(into.people() + from.people());
  into.set_decisions(into.decisions() + from.decisions());
  into.set_acceptors(into.acceptors() + from.acceptors());
  Add(from.acceptances(), *into.mutable_acceptances());
  Add(from.worth(), *into.mutable_worth());
  into.set_reports(into.reports() + from.reports());
  Add(from.reported(), *into.mutable_reported());
}

}  // namespace

std::vector<HoldoutMeeting> MeetingsOf(const Catalogue& catalogue, const Decision& decision) {
  std::vector<HoldoutMeeting> meetings;
  if (decision.dry_run()) return meetings;
  const auto& candidates = decision.trace().candidates();
  const auto& reads = decision.trace().holdouts();
  for (const Holdout& holdout : catalogue.holdouts()) {
    const bool is_met =
        std::any_of(candidates.begin(), candidates.end(), [&](const CandidateTrace& candidate) {
          return CameToHoldouts(candidate) &&
                 Concerns(holdout.arm, holdout.only, OfferOf(decision, candidate));
        });
    if (!is_met) continue;
    HoldoutMeeting& meeting = meetings.emplace_back();
    meeting.set_name(holdout.name);
    meeting.set_version(holdout.version);
    meeting.set_held(std::any_of(reads.begin(), reads.end(), [&](const HoldoutRead& read) {
      return read.name() == holdout.name;
    }));
  }
  return meetings;
}

HoldoutPerson MetBy(const HoldoutMeeting& meeting, base::Time time) {
  HoldoutPerson person;
  person.set_name(meeting.name());
  person.set_version(meeting.version());
  person.set_held(meeting.held());
  person.set_since(time.micros);
  person.set_decisions(1);
  return person;
}

const HoldoutPerson* FindMet(const HoldoutPeople& people, std::string_view name, uint64_t version) {
  const int at = PlaceOf(people, name, version);
  if (at == people.size() || KeyOf(people[at]) != std::pair(name, version)) return nullptr;
  return &people[at];
}

HoldoutPerson Merge(const HoldoutPerson& a, const HoldoutPerson& b) {
  BATUTA_CHECK(KeyOf(a) == KeyOf(b));
  HoldoutPerson both;
  both.set_name(a.name());
  both.set_version(a.version());
  both.set_held(a.held() || b.held());
  both.set_contaminated(a.contaminated() || b.contaminated() || a.held() != b.held());
  both.set_since(std::min(a.since(), b.since()));
  both.set_decisions(a.decisions() + b.decisions());
  both.set_acceptances(a.acceptances() + b.acceptances());
  both.set_worth(a.worth() + b.worth());
  both.set_reports(a.reports() + b.reports());
  both.set_reported(a.reported() + b.reported());
  return both;
}

void AddMet(HoldoutPeople& people, const HoldoutPerson& one) {
  const int at = PlaceOf(people, one.name(), one.version());
  if (at < people.size() && KeyOf(people[at]) == KeyOf(one)) {
    people[at] = Merge(people[at], one);
    return;
  }
  *people.Add() = one;
  std::rotate(people.begin() + at, people.end() - 1, people.end());
}

bool Count(const Acceptance& acceptance, const Holdout& holdout, base::Currency currency,
           HoldoutPerson& person) {
  if (acceptance.at.micros < person.since()) return false;
  bool is_concerned = false;
  int64_t worth = 0;
  for (const Action* offer : acceptance.offers) {
    const policy::Offer offered{.action = offer->name,
                                .group = offer->group,
                                .issue = offer->issue,
                                .channel = {},
                                .placement = {},
                                .action_class = offer->action_class};
    if (!Concerns(holdout.arm, holdout.only, offered)) continue;
    worth = is_concerned ? std::min(worth, offer->value.micros) : offer->value.micros;
    is_concerned = true;
  }
  if (!is_concerned) return false;
  const bool is_stated =
      acceptance.stated.currency != base::Currency{} && acceptance.stated.currency == currency;
  if (is_stated) worth = acceptance.stated.micros;
  worth = Worth(worth);
  if (acceptance.is_refund) {
    if (person.acceptances() == 0) return false;
    person.set_worth(Worth(person.worth() - worth));
    return true;
  }
  if (acceptance.is_reported && holdout.arm == NOTHING_ARM) {
    person.set_reports(person.reports() + 1);
    person.set_reported(Worth(person.reported() + worth));
  } else {
    person.set_acceptances(person.acceptances() + 1);
    person.set_worth(Worth(person.worth() + worth));
  }
  return true;
}

void Apply(const HoldoutPerson& person, TallyStep step, HoldoutTally& tally) {
  if (person.contaminated()) {
    return tally.set_contaminated(Stepped(tally.contaminated(), 1, step));
  }
  HoldoutArmSums& arm = person.held() ? *tally.mutable_held() : *tally.mutable_treated();
  arm.set_people(Stepped(arm.people(), 1, step));
  arm.set_decisions(Stepped(arm.decisions(), person.decisions(), step));
  arm.set_acceptors(Stepped(arm.acceptors(), person.acceptances() > 0 ? 1 : 0, step));
  Step(static_cast<int64_t>(person.acceptances()), step, *arm.mutable_acceptances());
  Step(Worth(person.worth()), step, *arm.mutable_worth());
  arm.set_reports(Stepped(arm.reports(), person.reports(), step));
  Step(Worth(person.reported()), step, *arm.mutable_reported());
}

void Add(const HoldoutTally& from, HoldoutTally& into) {
  Add(from.held(), *into.mutable_held());
  Add(from.treated(), *into.mutable_treated());
  into.set_contaminated(into.contaminated() + from.contaminated());
}

absl::int128 SumOf(const HoldoutSum& sum) {
  return absl::int128(absl::MakeUint128(sum.high(), sum.low()));
}

absl::uint128 SquaresOf(const HoldoutSum& sum) {
  return absl::MakeUint128(sum.squares_high(), sum.squares_low());
}

}  // namespace batuta::decision
