// Propensity: what the published models believe about the acceptance of each candidate, as a Beta
// distribution; how an adaptive model came to it; how likely the person is to accept by themselves,
// where that counts or will be learned of; and what an acceptance is worth, where that is learned.
#include <cmath>

#include "base/status.h"
#include "decision/offered.h"
#include "decision/pipeline.h"

namespace batuta::decision {

namespace {

void WriteDown(const learn::Opinion& opinion, CandidateTrace& candidate) {
  candidate.set_score(opinion.score);
  candidate.set_maturity(opinion.maturity);
  for (const double contribution : opinion.contributions) {
    candidate.add_contributions(static_cast<int32_t>(std::floor(contribution * 1000 + 0.5)));
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
  const Trace& trace = run.decision.trace();
  const bool asks_natural = trace.incremental() || !trace.holdouts().empty();
  OfferedValues offered(run.decision.predictors());
  for (CandidateTrace& candidate : *run.trace().mutable_candidates()) {
    learn::Belief belief;
    if (IsAdmissible(candidate)) {
      const learn::PredictorValues& values = offered.Of(candidate);
      const learn::Opinion opinion =
          run.models.Judge(candidate.action(), run.decision.placement(), values);
      belief = opinion.belief;
      if (opinion.is_adaptive) WriteDown(opinion, candidate);
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

}  // namespace batuta::decision
