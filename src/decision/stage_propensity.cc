// Propensity: what the published models believe about the acceptance of each candidate, as a Beta
// distribution; how an adaptive model came to it; how likely the person is to accept by themselves,
// where that counts or will be learned of; and what an acceptance is worth, where that is learned.
//
// What each predictor contributed is most of what there is to write down, so it is written of the
// twenty candidates of most net value and of those that were chosen; of the others the score is.
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/status.h"
#include "decision/offered.h"
#include "decision/pipeline.h"

namespace batuta::decision {

namespace {

constexpr size_t kWithContributions = 20;

// The candidates, by their indices, that are in the slots.
void AddChosen(const google::protobuf::RepeatedPtrField<SlotTrace>& slots,
               std::vector<size_t>& indices) {
  for (const SlotTrace& slot : slots) {
    if (slot.chosen() > 0) indices.push_back(slot.chosen() - 1);
  }
}

// The mean of what acceptances were worth, with the declared value as the first so many of them.
constexpr double kDeclaredWeight = 10;

void LearnWorth(const learn::LearnedWorth& worth, CandidateTrace& candidate) {
  const auto declared = static_cast<double>(candidate.declared_micros());
  const double total = kDeclaredWeight * declared + worth.total * 1e6;
  candidate.set_valued(worth.valued);
  candidate.set_worth(worth.total);
  candidate.set_value_micros(
      static_cast<int64_t>(std::floor(total / (kDeclaredWeight + worth.valued) + 0.5)));
}

void AskNatural(const Run& run, const learn::PredictorValues& values, double propensity,
                CandidateTrace& candidate) {
  const learn::NaturalRate natural =
      run.models.Natural(candidate.action(), run.decision.placement(), values, propensity);
  candidate.set_natural(natural.mean);
  if (natural.score) candidate.set_natural_score(*natural.score);
}

}  // namespace

void StagePropensity(Run& run) {
  run.beliefs.clear();
  run.thousandths.clear();
  const Trace& trace = run.decision.trace();
  const bool asks_natural = trace.incremental() || !trace.holdouts().empty();
  OfferedValues offered(run.decision.predictors());
  for (CandidateTrace& candidate : *run.trace().mutable_candidates()) {
    learn::Belief belief;
    std::vector<int32_t>& thousandths = run.thousandths.emplace_back();
    if (IsAdmissible(candidate)) {
      const learn::PredictorValues& values = offered.Of(candidate);
      learn::Opinion opinion =
          run.models.Judge(candidate.action(), run.decision.placement(), values);
      belief = opinion.belief;
      if (opinion.is_adaptive) {
        candidate.set_score(opinion.score);
        candidate.set_maturity(opinion.maturity);
        thousandths = std::move(opinion.thousandths);
      }
      BATUTA_CHECK(belief.alpha > 0 && belief.beta > 0);
      candidate.set_alpha(belief.alpha);
      candidate.set_beta(belief.beta);
      if (asks_natural) AskNatural(run, values, belief.Mean(), candidate);
      if (candidate.has_declared_micros()) {
        LearnWorth(run.models.Worth(candidate.action()), candidate);
      }
    }
    run.beliefs.push_back(belief);
  }
}

void WriteContributions(Run& run) {
  Trace& trace = run.trace();
  std::vector<size_t> best;
  for (size_t i = 0; i < run.thousandths.size(); ++i) {
    if (!run.thousandths[i].empty()) best.push_back(i);
  }
  if (best.size() > kWithContributions) {
    const auto net_value = [&](size_t i) {
      return trace.candidates(static_cast<int>(i)).net_value();
    };
    std::partial_sort(best.begin(), best.begin() + kWithContributions, best.end(),
                      [&](size_t a, size_t b) {
                        return std::pair(-net_value(a), a) < std::pair(-net_value(b), b);
                      });
    best.resize(kWithContributions);
  }
  AddChosen(trace.slots(), best);
  AddChosen(trace.without_holdout(), best);
  for (const size_t i : best) {
    CandidateTrace& candidate = *trace.mutable_candidates(static_cast<int>(i));
    const std::vector<int32_t>& thousandths = run.thousandths[i];
    candidate.mutable_contributions()->Assign(thousandths.begin(), thousandths.end());
  }
}

}  // namespace batuta::decision
