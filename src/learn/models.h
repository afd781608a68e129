// The published models as scoring reads them: one immutable version, looked up by action and
// placement.
//
// A partition switches from one version to the next at a record of its own log. Versions share
// nothing with the models being taught. Values; safe to share once made.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "base/ids.h"
#include "base/shared_pool.h"
#include "learn/adaptive_score.h"
#include "learn/model.pb.h"

namespace batuta::learn {

// What is believed about the probability of an outcome: Beta(alpha, beta).
struct Belief {
  double alpha = 1;
  double beta = 19;
  double Mean() const { return alpha / (alpha + beta); }
};

// What is believed of one person.
struct Opinion {
  Belief belief = {};
  // Of the adaptive model, if it could say something.
  bool is_adaptive = false;
  double score = 0;     // standardised; what the example is taught with
  double maturity = 0;  // of the adaptive model: its weight
  // What each value contributed, in thousandths of log odds; parallel to the values.
  std::vector<int32_t> thousandths = {};
};

// How likely people accept something by themselves, without being shown it.
struct NaturalRate {
  double mean = 0;
  std::optional<double> score = std::nullopt;  // standardised, of an adaptive model of that
};

// What acceptances were worth, as they said.
struct LearnedWorth {
  double valued = 0;  // how many said so, weighed by age
  double total = 0;   // in units of the hub's currency
};

// The belief of a mature model alone is its propensity; before that the Beta model fills in:
//     mean = maturity * propensity + (1 - maturity) * beta.Mean()
// The evidence (alpha + beta) is that of the Beta model.
Belief Mix(const Belief& beta, double propensity, double maturity);

// What scoring asks. The engine gives Models; a replay gives what a trace holds.
class ModelView {
 public:
  virtual ~ModelView() = default;
  virtual uint64_t version() const = 0;
  // With the values of the predictors of the model that they name, those of what is offered
  // included; without one, by action and placement alone.
  virtual Opinion Judge(std::string_view action, std::string_view placement,
                        const PredictorValues& values) const = 0;
  // What holdouts have taught: of people who are accepting what they are shown with this
  // probability. Without a model of who does so by themselves, it is in the same proportion to that
  // as over all people; without any who were held out it is 0.
  virtual NaturalRate Natural(std::string_view action, std::string_view placement,
                              const PredictorValues& values, double propensity) const = 0;
  // Over all placements. None by the cold start.
  virtual LearnedWorth Worth(std::string_view action) const = 0;
  // Whether some version of the model, for whatever action, says what the symbol is called.
  virtual bool NamesSymbol(std::string_view model, uint64_t code) const = 0;
  // Examples that all actions have at a placement.
  virtual uint64_t PlacementExamples(std::string_view placement) const = 0;
  // What is believed of all of them together; 0 of 0 without any.
  virtual Belief PlacementRate(std::string_view placement) const = 0;
};

class Models : public ModelView {
 public:
  Models() = default;  // version 0: every belief is the cold start's

  // This version with another laid over it. Scorers are shared with whoever uses the pool; null:
  // with nobody.
  using ScorerPool = base::SharedPool<AdaptiveScorer>;
  Models With(const PublishedModels& update, ScorerPool* pool = nullptr) const;

  uint64_t version() const override { return version_; }
  // The model of that placement, else the action's for all others, else Beta(1, 19).
  Belief Find(std::string_view action, std::string_view placement) const;
  // Of the instance of the action, or of the one that all share if the model is such a one. Without
  // one that can score, what Find() gives.
  Opinion Judge(std::string_view action, std::string_view placement,
                const PredictorValues& values) const override;
  NaturalRate Natural(std::string_view action, std::string_view placement,
                      const PredictorValues& values, double propensity) const override;
  LearnedWorth Worth(std::string_view action) const override;
  uint64_t PlacementExamples(std::string_view placement) const override;
  Belief PlacementRate(std::string_view placement) const override;

  // What holdouts have taught of the action at the placement, else at all of them; null: nothing.
  const PublishedModel* FindNatural(std::string_view action, std::string_view placement) const;

  // The adaptive models, by (model, action, placement, whether it is of natural rates); the action
  // is "" of what all share.
  using AdaptiveKey = std::tuple<std::string, std::string, std::string, bool>;
  using AdaptiveModels = std::map<AdaptiveKey, std::shared_ptr<const AdaptiveScorer>, std::less<>>;
  const AdaptiveModels& adaptive() const { return adaptive_; }
  bool NamesSymbol(std::string_view model, uint64_t code) const override;

  // All models as one full version, for snapshots. Models().With(x.All()) equals x.
  PublishedModels All() const;

 private:
  using ByPlacement = std::map<std::string, std::shared_ptr<const PublishedModel>, std::less<>>;
  using ByAction = std::map<std::string, ByPlacement, std::less<>>;

  // What all actions have at a placement.
  struct Together {
    uint64_t examples = 0;
    Belief rate = {.alpha = 0, .beta = 0};
  };
  // What there is of an action at a placement, or of its instance of a model there.
  struct Seat {
    std::optional<Belief> rate = std::nullopt;
    const PublishedModel* natural = nullptr;
    const AdaptiveScorer* scorer = nullptr;
  };

  void IndexAll();
  // Of what all actions share, the action is ""; of what holds at all other placements the
  // placement is. Rates are of no model.
  static base::Id128 KeyOf(std::string_view action, std::string_view placement,
                           std::string_view model, bool natural);
  // Null if there is nothing.
  const Seat* FindSeat(const base::Id128& key) const;
  const Seat* FindRates(std::string_view action, std::string_view placement) const {
    return FindSeat(KeyOf(action, placement, "", false));
  }
  // The score of an adaptive model, if there is one that can tell.
  struct Scored {
    AdaptiveScore score;
    double weight = 0;  // beside the Beta model
  };
  std::optional<Scored> Score(std::string_view action, std::string_view placement, bool natural,
                              const PredictorValues& values) const;

  uint64_t version_ = 0;
  int64_t published_at_ = 0;
  ByAction models_;
  ByAction natural_;
  std::map<std::string, Together, std::less<>> together_;  // by placement
  AdaptiveModels adaptive_;
  // All of these, by KeyOf; looks into them. A decision asks for each of its candidates, so that no
  // name is compared here.
  absl::flat_hash_map<base::Id128, Seat> seats_;
};

}  // namespace batuta::learn
