// Choice: fills the slots in order, each from the probabilities over what is left.
//
// Before each slot after the first, what the slots before have chosen counts: the same action is
// not chosen twice, no more of a group or an issue than its limit, and their reservations count
// against caps and constraints. The probabilities of a slot are made
// anew over what is left; "nothing" is always among it.
//
// Holdouts come after all else (holdouts.h). Without them the choice is made as well and written
// down, so that what would have won is known; those draws are of another purpose.
#include <algorithm>

#include "base/status.h"
#include "base/text.h"
#include "decision/choice.h"
#include "decision/holdouts.h"
#include "decision/offered.h"
#include "decision/pipeline.h"

namespace batuta::decision {
namespace {

// What is taken off the probability times this gross value.
double CostBeside(double gross, const Trace& trace, const CandidateTrace& candidate) {
  return CostOf(candidate) - BoostOf(candidate) + ForgoneRate(trace, candidate) * gross;
}

// What the candidate counts for under the arm. `is_about`: the holdout is about it.
Worth WorthUnder(HoldoutArm arm, bool is_about, const Run& run, size_t index) {
  const CandidateTrace& candidate = run.decision.trace().candidates(static_cast<int>(index));
  const double mean = run.beliefs[index].Mean();
  if (arm == PROPENSITY_ARM) return {.net_value = mean, .gross = 1, .cost = 0};
  const bool is_plain = arm == NO_LEVERS_ARM && is_about;
  const double gross =
      is_plain ? static_cast<double>(candidate.value_micros()) / 1e6 : GrossValue(candidate);
  const double cost = CostBeside(gross, run.decision.trace(), candidate);
  return {.net_value = is_plain ? mean * gross - cost : candidate.net_value(),
          .gross = gross,
          .cost = cost};
}

Option OptionOf(const Run& run, size_t index, const HoldoutInForce* policy, std::string_view name) {
  const CandidateTrace& candidate = run.decision.trace().candidates(static_cast<int>(index));
  Option option{.name = name,
                .net_value = candidate.net_value(),
                .explore_never = candidate.explore_never(),
                .mandatory = candidate.mandatory(),
                .transactional = candidate.action_class() == policy::TRANSACTIONAL,
                .belief = run.beliefs[index],
                .gross = GrossValue(candidate),
                .cost = CostBeside(GrossValue(candidate), run.decision.trace(), candidate)};
  if (policy == nullptr) return option;
  const bool is_about =
      std::binary_search(policy->candidates.begin(), policy->candidates.end(), index);
  option.under_arm = WorthUnder(policy->read->arm(), is_about, run, index);
  return option;
}

// The slots of one decision being filled.
class Slate {
 public:
  // By the policy of a holdout; null: by the usual one.
  Slate(Run& run, const HoldoutInForce* policy, std::string_view purpose)
      : run_(run), arm_(policy == nullptr ? NO_HOLDOUT : policy->read->arm()), purpose_(purpose) {
    const Trace& trace = run.decision.trace();
    size_t letters = 0;
    for (const CandidateTrace& candidate : trace.candidates()) {
      if (IsAdmissible(candidate)) letters += NameSize(candidate);
    }
    names_.reserve(letters);
    for (int i = 0; i < trace.candidates_size(); ++i) {
      const CandidateTrace& candidate = trace.candidates(i);
      if (!IsAdmissible(candidate)) continue;
      left_.push_back(static_cast<size_t>(i));
      const size_t begin = names_.size();
      base::StrAppend(&names_, candidate.action(), "/", candidate.treatment(), "/",
                      candidate.variant());
      const auto name = std::string_view(names_).substr(begin);
      options_.push_back(OptionOf(run, static_cast<size_t>(i), policy, name));
    }
    BATUTA_CHECK(names_.size() == letters, "the names moved");
  }
  Slate(const Slate&) = delete;
  Slate& operator=(const Slate&) = delete;

  // Writes the next slot. `chosen_before` is the last one written, or null.
  void Fill(uint32_t slot, const SlotTrace* chosen_before, SlotTrace& out) {
    if (chosen_before != nullptr && chosen_before->chosen() > 0) Narrow(*chosen_before, out);
    const DrawKey key{.seed = run_.decision.trace().seed(), .request = run_.request, .slot = slot};
    const auto probabilities =
        Distribution(options_, run_.decision.trace().exploration(), arm_, key);
    out.mutable_probabilities()->Add(probabilities.begin(), probabilities.end());
    const size_t drawn = Draw(options_, probabilities, key, purpose_);
    last_probability_ = probabilities[drawn];
    out.set_chosen(drawn == options_.size() ? 0 : static_cast<uint32_t>(left_[drawn] + 1));
  }

  double last_probability() const { return last_probability_; }

 private:
  static size_t NameSize(const CandidateTrace& candidate) {
    return candidate.action().size() + candidate.treatment().size() + candidate.variant().size() +
           2;
  }

  // Drops what the choice before has made impossible.
  void Narrow(const SlotTrace& before, SlotTrace& out) {
    const Trace& trace = run_.decision.trace();
    const CandidateTrace& chosen = trace.candidates(static_cast<int>(before.chosen()) - 1);
    pending_.push_back(OfferOf(run_.decision, chosen));
    chosen_.push_back(&chosen);
    chosen_indices_.push_back(before.chosen() - 1);
    std::vector<size_t> left;
    std::vector<Option> options;
    for (size_t i = 0; i < left_.size(); ++i) {
      const CandidateTrace& candidate = trace.candidates(static_cast<int>(left_[i]));
      if (candidate.action() == chosen.action()) {
        AddDrop(left_[i], ALREADY_CHOSEN, out);
      } else if (!IsFull(left_[i], out) && !IsExcluded(left_[i], out) &&
                 !IsHeldBack(left_[i], out) && !IsOutOfReach(left_[i], out)) {
        left.push_back(left_[i]);
        options.push_back(std::move(options_[i]));
      }
    }
    left_ = std::move(left);
    options_ = std::move(options);
  }

  // Whether an agreement keeps it from standing beside what the slots before hold.
  bool IsExcluded(size_t index, SlotTrace& out) {
    auto operands = ExclusionOf(run_, index, chosen_indices_);
    if (!operands) return false;
    *AddDrop(index, EXCLUSIVE, out).mutable_operands() = std::move(*operands);
    return true;
  }

  // Whether the slots before take of a constraint what it would need.
  bool IsOutOfReach(size_t index, SlotTrace& out) {
    auto lack = LackOf(run_, index, chosen_indices_);
    if (!lack) return false;
    *AddDrop(index, lack->reason, out).mutable_operands() = std::move(lack->operands);
    return true;
  }

  // Whether the slots before hold as many of the candidate's issue or group as they may.
  bool IsFull(size_t index, SlotTrace& out) {
    const auto family = [](const CandidateTrace& candidate, Level level) -> const std::string& {
      return level == ISSUE_LEVEL ? candidate.issue() : candidate.group();
    };
    const Trace& trace = run_.decision.trace();
    const CandidateTrace& candidate = trace.candidates(static_cast<int>(index));
    for (const SlateLimit& limit : trace.slate_limits()) {
      if (family(candidate, limit.level()) != limit.name()) continue;
      const auto seen =
          std::count_if(chosen_.begin(), chosen_.end(), [&](const CandidateTrace* chosen) {
            return family(*chosen, limit.level()) == limit.name();
          });
      if (seen < limit.limit()) continue;
      Operands& operands = *AddDrop(index, SLATE_FULL, out).mutable_operands();
      operands.set_level(limit.level());
      operands.set_level_name(limit.name());
      operands.set_seen(seen);
      operands.set_limit(limit.limit());
      return true;
    }
    return false;
  }

  bool IsHeldBack(size_t index, SlotTrace& out) {
    const policy::CheckContext context{
        .policies = run_.policies, .history = run_.history, .pending = pending_, .now = run_.now};
    const CandidateTrace& candidate = run_.decision.trace().candidates(static_cast<int>(index));
    const auto violation = policy::Check(context, OfferOf(run_.decision, candidate));
    if (!violation) return false;
    SetOperands(*violation, run_,
                *AddDrop(index, ReasonOf(*violation, run_), out).mutable_operands());
    return true;
  }

  static Drop& AddDrop(size_t index, Reason reason, SlotTrace& out) {
    Drop& drop = *out.add_drops();
    drop.set_candidate(static_cast<uint32_t>(index));
    drop.set_reason(reason);
    return drop;
  }

  Run& run_;
  HoldoutArm arm_;
  std::string_view purpose_;
  std::string names_;         // of all options, which look into it
  std::vector<size_t> left_;  // indices in the trace, ascending
  std::vector<Option> options_;
  std::vector<policy::Offer> pending_;
  std::vector<const CandidateTrace*> chosen_;  // by the slots so far
  std::vector<size_t> chosen_indices_;         // the same, in the trace
  double last_probability_ = 1;
};

void AddChosen(Run& run, const SlotTrace& slot, double probability) {
  Chosen& chosen = *run.decision.add_chosen();
  chosen.set_probability(probability);
  chosen.set_nothing(slot.chosen() == 0);
  run.decision.set_slate_probability(run.decision.slate_probability() * probability);
  if (slot.chosen() == 0) return;
  const CandidateTrace& candidate =
      run.decision.trace().candidates(static_cast<int>(slot.chosen()) - 1);
  chosen.set_action(candidate.action());
  chosen.set_treatment(candidate.treatment());
  chosen.set_variant(candidate.variant());
  chosen.set_net_value(candidate.net_value());
  chosen.set_group(candidate.group());
  chosen.set_issue(candidate.issue());
  chosen.set_not_before(candidate.not_before());
  chosen.set_action_class(candidate.action_class());
  if (candidate.has_score()) chosen.set_score(candidate.score());
  chosen.set_propensity(candidate.alpha() / (candidate.alpha() + candidate.beta()));
  JudgeInSlot(run, candidate, static_cast<uint32_t>(run.decision.chosen_size()), chosen);
  AddHolds(run.decision.trace(), slot.chosen() - 1, chosen);
}

// The choice that holdouts set aside.
void ChooseWithoutHoldout(Run& run) {
  Slate slate(run, nullptr, "without-holdout");
  auto& slots = *run.trace().mutable_without_holdout();
  slots.Reserve(static_cast<int>(run.slots));
  for (uint32_t slot = 0; slot < run.slots; ++slot) {
    const SlotTrace* before = slot == 0 ? nullptr : &slots[static_cast<int>(slot) - 1];
    slate.Fill(slot, before, *slots.Add());
  }
}

// What would have been chosen but for holdouts that keep it from the person.
void WriteWithheld(Run& run) {
  for (int slot = 0; slot < run.trace().without_holdout_size(); ++slot) {
    const SlotTrace& won = run.trace().without_holdout(slot);
    if (won.chosen() == 0) continue;
    const CandidateTrace& candidate = run.trace().candidates(static_cast<int>(won.chosen()) - 1);
    if (candidate.reason() != HELD_OUT) continue;
    Withheld& withheld = *run.decision.add_withheld();
    withheld.set_slot(static_cast<uint32_t>(slot));
    withheld.set_action(candidate.action());
    withheld.set_natural(candidate.natural());
    if (candidate.has_natural_score()) withheld.set_score(candidate.natural_score());
    NoteOffered(run, candidate, withheld);
  }
}

}  // namespace

void StageChoose(Run& run) {
  BATUTA_CHECK(run.slots > 0 && run.decision.chosen_size() == 0);
  const std::vector<HoldoutInForce> in_force = HoldoutsInForce(run.decision);
  if (!in_force.empty()) ChooseWithoutHoldout(run);
  HoldOut(in_force, run.decision);
  WriteWithheld(run);
  Slate slate(run, PolicyOf(in_force), "choice");
  auto& slots = *run.trace().mutable_slots();
  slots.Reserve(static_cast<int>(run.slots));
  run.decision.set_slate_probability(1);
  for (uint32_t slot = 0; slot < run.slots; ++slot) {
    const SlotTrace* before = slot == 0 ? nullptr : &slots[static_cast<int>(slot) - 1];
    SlotTrace& out = *slots.Add();
    slate.Fill(slot, before, out);
    AddChosen(run, out, slate.last_probability());
  }
}

}  // namespace batuta::decision
