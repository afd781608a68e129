// The pipeline as its stages see it. Internal to this folder: decide.h and replay.h are the ways
// in.
//
// A Run carries one decision from stage to stage. Each stage is a function in a file of its own,
// reads what earlier ones wrote into the trace, and writes its own part:
//
//     stage_predictors   what the placement's model reads         needs definitions
//     offered            and what of each candidate               needs definitions
//     stage_rules        dates and rules of each action           needs definitions
//     stage_consent      consent for the action's purpose         needs definitions
//     stage_preference   what the person wants                    needs definitions
//     stage_asked        what the request asks for
//     stage_policy       contact policies
//     stage_agreement    who gives way to a partner
//     stage_constraint   budgets, capacities and agreements of the whole
//     stage_propensity   what the published models believe
//     stage_arbitrate    net values
//     stage_choose       holdouts, probabilities, one draw per slot
//     stage_propensity   of the best, what each predictor contributed
//
// A replay from a trace alone starts at stage_asked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "base/ids.h"
#include "base/time.h"
#include "decision/catalogue.h"
#include "decision/decide.h"
#include "decision/decision.pb.h"
#include "decision/decision_rules.h"
#include "decision/person_view.h"
#include "learn/models.h"
#include "policy/agreements.h"
#include "policy/caps.h"
#include "policy/constraints.h"
#include "policy/lease.h"
#include "policy/policies.h"

namespace batuta::decision {

struct Run {
  Decision& decision;  // being written; its trace holds the candidates
  const policy::Policies& policies;
  const policy::History& history;
  const learn::ModelView& models;
  base::Id128 request;
  base::Time now;
  uint32_t slots = 1;
  std::vector<Shortage>* shortages = nullptr;  // where what leases lack goes; null: nowhere
  std::vector<learn::Belief> beliefs = {};     // by candidate, from stage_propensity on
  // The same: what each predictor contributed, in thousandths of log odds; empty if none could.
  std::vector<std::vector<int32_t>> thousandths = {};

  Trace& trace() const { return *decision.mutable_trace(); }
};

// Who asks what, and by which definitions and models it is decided.
void Begin(const DecisionRequest& request, const Placement& placement, const Inputs& inputs,
           Decision& decision);
// What an action is at that log time, whatever the person.
void DescribeAction(const Action& action, base::Time now, CandidateTrace& entry);
// Adds the placement's candidates to the trace, with what their definitions say at that log time.
void Gather(const Placement& placement, base::Time now, Trace& trace);

void StageRules(const Placement& placement, DecisionRules& rules, Run& run);
void StagePredictors(const Model& model, const Catalogue& catalogue, const Situation& situation,
                     const learn::ModelView& models, Decision& decision);
void StageConsent(const Placement& placement, const PersonView& person, Run& run);
void StagePreference(const Placement& placement, const PersonView& person, Run& run);
void StageAsked(Run& run);
void StagePolicy(Run& run);
void StageAgreement(Run& run);
void StageConstraint(Run& run);
void StagePropensity(Run& run);
void WriteContributions(Run& run);
void StageArbitrate(Run& run);
void StageChoose(Run& run);

// Adds to the trace what is left of each constraint that concerns a candidate.
void ReadLeases(const policy::Constraints& constraints, const policy::LeaseView& leases,
                Decision& decision);

// Adds to the trace which candidates must not stand beside which.
void ReadExclusives(const std::vector<policy::Exclusivity>& exclusivities, base::Time now,
                    Decision& decision);
// By which agreement the candidate must not stand beside those chosen before it, if any.
std::optional<Operands> ExclusionOf(const Run& run, size_t candidate,
                                    absl::Span<const size_t> chosen);
// Writes what is added to candidates for agreements that are behind.
void AddBoosts(Trace& trace);
// The same of one, in units of the currency.
double BoostOf(const CandidateTrace& candidate);

// What a candidate lacks when those before it are chosen.
struct Lack {
  Reason reason = EXHAUSTED;
  Operands operands = {};
};
std::optional<Lack> LackOf(const Run& run, size_t candidate, absl::Span<const size_t> chosen);
// Writes what the candidate takes of constraints.
void AddHolds(const Trace& trace, size_t candidate, Chosen& chosen);

// What the request asks for, and the stages from policies on, which need no definitions.
void RunFromPolicies(Run& run);

// What an acceptance is worth after the lever, and what choosing costs, in units of the currency.
double GrossValue(const CandidateTrace& candidate);
double CostOf(const CandidateTrace& candidate);
// The probability of an acceptance that does not count, since it would come by itself.
double ForgoneRate(const Trace& trace, const CandidateTrace& candidate);

bool IsAdmissible(const CandidateTrace& candidate);
// Whether it had passed all stages before holdouts.
bool CameToHoldouts(const CandidateTrace& candidate);
void FallOut(CandidateTrace& candidate, Stage stage, Reason reason);

policy::Selection SelectionOf(const PolicySelection& traced);
void WriteSelection(const policy::Selection& only, PolicySelection& traced);

// What policies look at in a candidate. Views into the decision.
policy::Offer OfferOf(const Decision& decision, const CandidateTrace& candidate);
// Writes down which policy holds a candidate back.
void SetOperands(const policy::Violation& violation, const Run& run, Operands& operands);
Reason ReasonOf(const policy::Violation& violation, const Run& run);

// A history that writes into a trace what is asked of another one. Values of scopes that it is
// asked about must stay until then.
class RecordingHistory : public policy::History {
 public:
  RecordingHistory(const policy::Policies& policies, const policy::History& history,
                   base::Time now);
  absl::Span<const base::Time> Times(size_t policy, std::string_view scope_value) const override;
  absl::Span<const int64_t> Weights(size_t policy, std::string_view scope_value) const override;
  base::Time EndOf(size_t policy) const override;
  base::Time QuietUntil(size_t policy, base::Time at) const override;
  policy::Hold HoldOf(size_t policy) const override;
  int64_t UsualOn(size_t policy, std::string_view channel) const override;
  // The policies that were asked for, in their order, with what they counted.
  void WriteTo(Trace& trace) const;

 private:
  struct Reading {
    std::string_view scope_value;
    absl::Span<const base::Time> times;
  };
  struct Asked {
    bool any = false;
    std::vector<Reading> readings;  // those with times, in the order of asking
    std::vector<std::pair<base::Time, base::Time>> quiet;  // asked about, ends; in that order
    policy::Hold hold;
  };
  void WriteOne(size_t policy, PolicyTrace& entry) const;
  const policy::Policies& policies_;
  const policy::History& history_;
  base::Time now_;
  mutable std::vector<Asked> asked_;  // by policy
};

}  // namespace batuta::decision
