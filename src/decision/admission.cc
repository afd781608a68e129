#include "decision/admission.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "base/status.h"
#include "policy/constraints.h"

namespace batuta::decision {
namespace {

// Of one person, so many at most take part.
constexpr size_t kBidsPerPerson = 64;

policy::Offer OfferOf(const Placement& placement, const Action& action) {
  return {.action = action.name,
          .group = action.group,
          .issue = action.issue,
          .channel = placement.channel,
          .placement = placement.name,
          .action_class = action.action_class,
          .outbound = placement.direction == Direction::kOutbound,
          .waits = action.quiet_hours == DEFER};
}

// Whether whatever lacks room for `a` lacks it for `b` as well.
bool TakesAllOf(const std::vector<ConstraintUse>& b, const std::vector<ConstraintUse>& a) {
  return std::all_of(a.begin(), a.end(), [&](const ConstraintUse& use) {
    return std::any_of(b.begin(), b.end(), [&](const ConstraintUse& other) {
      return other.constraint == use.constraint && other.amount >= use.amount;
    });
  });
}

bool IsPreferred(const Bid& a, const Bid& b) {
  if (a.is_mandatory != b.is_mandatory) return a.is_mandatory != 0;
  if (a.net_value != b.net_value) return a.net_value > b.net_value;
  return a.action < b.action;
}

// What is left of constraints while bids are admitted.
class Room {
 public:
  explicit Room(const std::vector<int64_t>& left) : left_(left) {}

  // The constraint that lacks room first.
  std::optional<uint32_t> Lacks(const std::vector<ConstraintUse>& uses) const {
    for (const ConstraintUse& use : uses) {
      if (use.amount > left_[use.constraint]) return use.constraint;
    }
    return std::nullopt;
  }
  void Take(const std::vector<ConstraintUse>& uses) {
    for (const ConstraintUse& use : uses) left_[use.constraint] -= use.amount;
  }
  int64_t left(size_t constraint) const { return left_[constraint]; }

 private:
  std::vector<int64_t> left_;
};

void Sort(absl::Span<const Bidder> people, std::vector<Bid>& bids) {
  std::sort(bids.begin(), bids.end(), [people](const Bid& a, const Bid& b) {
    if (a.is_mandatory != b.is_mandatory) return a.is_mandatory != 0;
    if (a.net_value != b.net_value) return a.net_value > b.net_value;
    const uint32_t tie_a = people[a.person].tie;
    const uint32_t tie_b = people[b.person].tie;
    return std::tie(tie_a, a.person) < std::tie(tie_b, b.person) ||
           (a.person == b.person && a.action < b.action);
  });
}

// Each person's together, by the first.
void Gather(size_t people, std::vector<Admitted>& admitted) {
  std::vector<uint32_t> first(people, 0);
  for (size_t i = admitted.size(); i-- > 0;) first[admitted[i].person] = static_cast<uint32_t>(i);
  std::stable_sort(admitted.begin(), admitted.end(), [&first](const auto& a, const auto& b) {
    return first[a.person] < first[b.person];
  });
}

}  // namespace

AdmissionActions AdmissionActions::Of(const Catalogue& catalogue, const Placement& placement) {
  AdmissionActions actions;
  for (const Candidate& candidate : placement.candidates) {
    const Action& action = *candidate.action;
    // Candidates of one action stand together.
    if (actions.names.empty() || actions.names.back() != action.name) {
      actions.names.push_back(action.name);
      std::vector<ConstraintUse>& uses = actions.uses.emplace_back();
      const auto& constraints = catalogue.constraints().all();
      for (size_t i = 0; i < constraints.size(); ++i) {
        const int64_t use =
            policy::UseOf(constraints[i], OfferOf(placement, action), action.cost.micros);
        if (use > 0) uses.push_back({static_cast<uint32_t>(i), use});
      }
    }
    actions.of_candidate.push_back(static_cast<uint32_t>(actions.names.size() - 1));
  }
  return actions;
}

size_t AppendBids(const AdmissionActions& actions, const Decision& made, uint32_t person,
                  uint32_t slots, std::vector<Bid>& bids) {
  const auto& candidates = made.trace().candidates();
  BATUTA_CHECK(static_cast<size_t>(candidates.size()) == actions.of_candidate.size());
  const size_t begin = bids.size();
  for (int i = 0; i < candidates.size(); ++i) {
    const CandidateTrace& candidate = candidates[i];
    if (candidate.reason() != ADMISSIBLE && candidate.reason() != HELD_OUT) continue;
    if (!candidate.mandatory() && !(candidate.net_value() > 0)) continue;
    const uint32_t action = actions.of_candidate[static_cast<size_t>(i)];
    if (bids.size() > begin && bids.back().action == action) {
      bids.back().net_value = std::max(bids.back().net_value, candidate.net_value());
      continue;
    }
    Bid& bid = bids.emplace_back(Bid{.net_value = candidate.net_value(), .person = person});
    bid.action = action & 0x7fffffff;
    bid.is_mandatory = candidate.mandatory() ? 1 : 0;
  }
  const auto first = bids.begin() + static_cast<std::ptrdiff_t>(begin);
  std::sort(first, bids.end(), IsPreferred);
  size_t kept = begin;
  for (size_t i = begin; i < bids.size() && kept - begin < kBidsPerPerson; ++i) {
    uint32_t before = 0;
    for (size_t j = begin; j < kept; ++j) {
      if (TakesAllOf(actions.uses[bids[i].action], actions.uses[bids[j].action])) ++before;
    }
    if (before < slots) bids[kept++] = bids[i];
  }
  bids.resize(kept);
  return kept - begin;
}

uint32_t DrawnAction(const AdmissionActions& actions, const Decision& made) {
  if (made.trace().slots().empty() || made.trace().slots(0).chosen() == 0) return kNoAction;
  return actions.of_candidate[made.trace().slots(0).chosen() - 1];
}

Admission Admit(const AdmissionActions& actions, absl::Span<const Bidder> people,
                std::vector<Bid> bids, const AdmissionLimits& limits) {
  Sort(people, bids);
  Admission admission;
  admission.missed.resize(limits.left.size());
  Room room(limits.left);
  std::vector<uint32_t> counts(people.size(), 0);  // of what is admitted
  uint64_t choices = 0;
  for (const Bid& bid : bids) {
    if (choices >= limits.choices) break;
    const Bidder& bidder = people[bid.person];
    uint32_t& count = counts[bid.person];
    if (count >= limits.slots) continue;
    auto lacking = room.Lacks(actions.uses[bid.action]);
    const bool draws = bidder.arm == RANDOM_ARM;
    if (!lacking && draws && bidder.drawn != kNoAction) {
      lacking = room.Lacks(actions.uses[bidder.drawn]);
    }
    if (lacking) {
      ++admission.missed[*lacking];
      continue;
    }
    const uint32_t taken = draws ? bidder.drawn : bid.action;
    if (bidder.arm != NOTHING_ARM && taken != kNoAction) {
      room.Take(actions.uses[taken]);
      ++choices;
    }
    count = draws ? limits.slots : count + 1;
    admission.admitted.push_back({.person = bid.person, .action = bid.action});
  }
  Gather(people.size(), admission.admitted);
  for (size_t i = 0; i < limits.left.size(); ++i) {
    admission.taken.push_back(limits.left[i] - room.left(i));
  }
  return admission;
}

}  // namespace batuta::decision
