// Trees in the place of the learned models: what decisions at a placement ask whose model has them.
//
// Immutable once made, safe to share.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "learn/forest.h"
#include "learn/models.h"

namespace batuta::learn {

// The trees of one model: for some actions their own, and for the others those for all.
class Forests {
 public:
  // The file's features are the predictors by their names, all of them; without names, by their
  // order. `action` is "" for all others. InvalidArgument if the file cannot be served, reads what
  // is no predictor, or leaves one out.
  absl::Status Add(const std::string& action, std::string_view xgboost,
                   absl::Span<const std::string> predictors);

  // Null if there is none for the action.
  struct Served {
    Forest forest;
    std::vector<size_t> places;                       // of features: in the predictors
    std::vector<uint32_t> keys;                       // of the predictors
    bool Reads(const PredictorValues& values) const;  // whether they are those predictors
  };
  const Served* Find(std::string_view action) const;

 private:
  std::map<std::string, Served, std::less<>> by_action_;
};

// Models, but for the beliefs about actions that trees speak of; of others the learned model tells.
// The evidence is the Beta model's, as with learned models; trees are believed from the beginning.
class ForestModels : public ModelView {
 public:
  // Both outlive it; without forests it is `models`.
  ForestModels(const ModelView& models, const Forests* forests)
      : models_(models), forests_(forests) {}

  uint64_t version() const override { return models_.version(); }
  // Of values that are not those of the forests' model, or were read without numbers, as before it
  // had trees, the learned model tells.
  Opinion Judge(std::string_view action, std::string_view placement,
                const PredictorValues& values) const override;
  // No trees are trained on people who are held out: it is what was learned.
  NaturalRate Natural(std::string_view action, std::string_view placement,
                      const PredictorValues& values, double propensity) const override {
    return models_.Natural(action, placement, values, propensity);
  }
  LearnedWorth Worth(std::string_view action) const override { return models_.Worth(action); }
  bool NamesSymbol(std::string_view model, uint64_t code) const override {
    return models_.NamesSymbol(model, code);
  }
  uint64_t PlacementExamples(std::string_view placement) const override {
    return models_.PlacementExamples(placement);
  }
  Belief PlacementRate(std::string_view placement) const override {
    return models_.PlacementRate(placement);
  }

 private:
  const ModelView& models_;
  const Forests* forests_;
};

}  // namespace batuta::learn
