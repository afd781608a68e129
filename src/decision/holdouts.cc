#include "decision/holdouts.h"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "base/random.h"
#include "decision/explain_words.h"
#include "decision/pipeline.h"

namespace batuta::decision {
namespace {

bool IsEmpty(const policy::Selection& only) {
  return only.actions.empty() && only.groups.empty() && only.issues.empty();
}

// Which part of its family the holdout names; of several the narrowest.
void SetOperands(const HoldoutRead& read, const CandidateTrace& candidate, Operands& operands) {
  operands.set_policy(read.name());
  if (!read.has_only()) return;
  const Level level = !read.only().actions().empty()  ? ACTION_LEVEL
                      : !read.only().groups().empty() ? GROUP_LEVEL
                                                      : ISSUE_LEVEL;
  operands.set_subject(std::string(LevelCode(level)));
  operands.set_level(level);
  if (level == GROUP_LEVEL) operands.set_level_name(candidate.group());
  if (level == ISSUE_LEVEL) operands.set_level_name(candidate.issue());
}

}  // namespace

bool IsHeldOut(const Holdout& holdout, const base::PersonId& person, uint64_t hub_seed) {
  base::Random random(hub_seed, person.record, "holdout", holdout.name);
  return random.Uniform() * 100 < holdout.percent;
}

bool Concerns(HoldoutArm arm, const policy::Selection& only, const policy::Offer& offer) {
  if (offer.action_class == policy::TRANSACTIONAL) return false;
  if (!IsEmpty(only)) return policy::Fits(only, offer);
  return arm != NOTHING_ARM || offer.action_class == policy::MARKETING;
}

void ReadHoldouts(const std::vector<Holdout>& holdouts, const HoldoutDraw& draw, Trace& trace) {
  for (const Holdout& holdout : holdouts) {
    const HoldoutPerson* met =
        draw.met == nullptr ? nullptr : FindMet(*draw.met, holdout.name, holdout.version);
    const bool is_held =
        met == nullptr ? IsHeldOut(holdout, draw.person, draw.hub_seed) : met->held();
    if (!is_held) continue;
    HoldoutRead& read = *trace.add_holdouts();
    read.set_name(holdout.name);
    read.set_arm(holdout.arm);
    if (!IsEmpty(holdout.only)) WriteSelection(holdout.only, *read.mutable_only());
  }
}

std::vector<HoldoutInForce> HoldoutsInForce(const Decision& decision) {
  std::vector<HoldoutInForce> in_force;
  const Trace& trace = decision.trace();
  for (const HoldoutRead& read : trace.holdouts()) {
    const policy::Selection only = SelectionOf(read.only());
    HoldoutInForce one{.read = &read};
    for (int i = 0; i < trace.candidates_size(); ++i) {
      const CandidateTrace& candidate = trace.candidates(i);
      if (!CameToHoldouts(candidate)) continue;
      if (!Concerns(read.arm(), only, OfferOf(decision, candidate))) continue;
      one.candidates.push_back(static_cast<size_t>(i));
    }
    if (!one.candidates.empty()) in_force.push_back(std::move(one));
  }
  std::sort(in_force.begin(), in_force.end(), [](const HoldoutInForce& a, const HoldoutInForce& b) {
    const auto order = [](const HoldoutRead& read) {
      return std::tuple(read.arm(), read.has_only(), std::string_view(read.name()));
    };
    return order(*a.read) < order(*b.read);
  });
  return in_force;
}

void HoldOut(const std::vector<HoldoutInForce>& in_force, Decision& decision) {
  if (in_force.empty()) return;
  decision.set_holdout(in_force.front().read->name());
  decision.set_arm(in_force.front().read->arm());
  for (const HoldoutInForce& one : in_force) {
    if (one.read->arm() != NOTHING_ARM) continue;
    for (const size_t index : one.candidates) {
      CandidateTrace& candidate =
          *decision.mutable_trace()->mutable_candidates(static_cast<int>(index));
      if (!IsAdmissible(candidate)) continue;  // held out already
      FallOut(candidate, ALLOWED, HELD_OUT);
      SetOperands(*one.read, candidate, *candidate.mutable_operands());
    }
  }
}

const HoldoutInForce* PolicyOf(const std::vector<HoldoutInForce>& in_force) {
  for (const HoldoutInForce& one : in_force) {
    if (one.read->arm() != NOTHING_ARM) return &one;
  }
  return nullptr;
}

}  // namespace batuta::decision
