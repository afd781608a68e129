#include "whatif/estimate.h"

#include <algorithm>

#include "base/hash.h"
#include "base/text.h"
#include "decision/slot_trace.h"
#include "experiment/decision_log.h"
#include "experiment/off_policy.h"

namespace batuta::whatif {

uint32_t EstimateSample::OptionOf(const decision::CandidateTrace* candidate) {
  const std::string name = candidate == nullptr
                               ? ""
                               : base::StrCat(candidate->action(), "/", candidate->treatment(), "/",
                                              candidate->variant());
  return options_.try_emplace(name, static_cast<uint32_t>(options_.size())).first->second;
}

// Of the first slot; none if the trace says none.
EstimateSample::Odds EstimateSample::OddsOf(const decision::Decision& decision) {
  Odds odds;
  const decision::Trace& trace = decision.trace();
  if (trace.slots().empty()) return odds;
  const decision::SlotTrace& slot = trace.slots(0);
  const std::vector<size_t> left = decision::LeftFor(trace, 0);
  if (static_cast<size_t>(slot.probabilities_size()) != left.size() + 1) return odds;
  for (size_t i = 0; i <= left.size(); ++i) {
    const double probability = slot.probabilities(static_cast<int>(i));
    if (probability <= 0) continue;
    const bool is_nothing = i == left.size();
    odds.emplace_back(OptionOf(is_nothing ? nullptr : &trace.candidates(static_cast<int>(left[i]))),
                      probability);
  }
  return odds;
}

bool EstimateSample::Wants(const base::DecisionId& id) const {
  return base::Hash64(id.ToBytes()) <= hash_below_;
}

void EstimateSample::Thin() {
  hash_below_ /= 2;
  absl::erase_if(rows_, [this](const auto& row) { return !Wants(row.first); });
}

void EstimateSample::AddOther(const base::DecisionId& id, const decision::Decision& other) {
  Odds target = OddsOf(other);
  if (target.empty() || !Wants(id)) return;
  rows_[id].target = std::move(target);
  if (rows_.size() > kSampleMax) Thin();
}

void EstimateSample::AddReal(const base::DecisionId& id, const decision::Decision& real) {
  const auto found = rows_.find(id);
  if (found == rows_.end() || real.trace().slots().empty() || real.chosen().empty()) return;
  const uint32_t chosen = real.trace().slots(0).chosen();
  found->second.probability = real.chosen(0).probability();
  found->second.chosen =
      OptionOf(chosen == 0 ? nullptr : &real.trace().candidates(static_cast<int>(chosen) - 1));
}

void EstimateSample::Accept(const base::DecisionId& id, int64_t value_micros) {
  const auto found = rows_.find(id);
  if (found == rows_.end()) return;
  found->second.accepted = true;
  found->second.value_micros = value_micros;
}

void EstimateSample::WriteTo(Comparison& out) const {
  experiment::DecisionLog log;
  log.actions.names.resize(options_.size());
  for (const auto& [name, option] : options_) log.actions.names[option] = name;
  std::vector<const Row*> rows;
  for (const auto& [id, row] : rows_) {
    if (row.probability <= 0) continue;
    rows.push_back(&row);
    experiment::LoggedDecision& logged = log.decisions.emplace_back();
    logged.action = row.chosen;
    logged.probability = row.probability;
  }
  out.estimated_from = rows.size();
  std::vector<double> probabilities(options_.size());
  const auto target = [&](size_t decision) -> const std::vector<double>& {
    std::fill(probabilities.begin(), probabilities.end(), 0);
    for (const auto& [option, probability] : rows[decision]->target) {
      probabilities[option] += probability;
    }
    return probabilities;
  };
  constexpr double kUnit = 1e6;
  for (const bool is_value : {false, true}) {
    for (size_t i = 0; i < rows.size(); ++i) {
      log.decisions[i].reward = !rows[i]->accepted ? 0
                                : is_value ? static_cast<double>(rows[i]->value_micros) / kUnit
                                           : 1;
    }
    auto report = experiment::EvaluateOffPolicy(log, target, {});
    if (!report.ok()) {
      out.cannot_estimate = std::string(report.status().message());
      return;
    }
    out.estimates.push_back({is_value ? "value" : "accepted", *std::move(report)});
  }
}

}  // namespace batuta::whatif
