// Customers whose tastes are known: what each action is worth for each of them, so that what a
// learner earns can be held against the best that anybody could.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "decision/sample_hub.h"
#include "learn/adaptive.pb.h"
#include "learn/model.pb.h"
#include "learn/models.h"

namespace batuta::learning {

inline constexpr size_t kActions = 10;
inline constexpr size_t kNothing = kActions;  // what the hub may choose, too; worth nothing

// A visit: who, and where in the shop.
struct Visit {
  size_t plan = 0;  // of 3
  size_t page = 0;  // of 4
  int age = 18;     // to 77
};

class Truth {
 public:
  explicit Truth(uint64_t seed);

  Visit Draw(base::Random& random) const;
  // That the visitor accepts the action.
  double Probability(const Visit& visit, size_t action) const;
  double ValueOf(size_t action) const { return 10.0 * static_cast<double>(action + 1); }
  double Worth(const Visit& visit, size_t action) const {
    if (action == kNothing) return 0;
    return Probability(visit, action) * ValueOf(action);
  }
  double BestWorth(const Visit& visit) const;
  double MeanWorth(const Visit& visit) const;  // of an action at random
  // From now on each action is liked by those who liked another.
  void Drift();

 private:
  struct Taste {
    double base = 0;
    std::array<double, 3> plan = {};
    std::array<double, 4> page = {};
    double age = 0;
  };
  std::array<Taste, kActions> tastes_;
};

// Whoever chooses actions and learns of what came of it.
class Chooser {
 public:
  virtual ~Chooser() = default;
  virtual size_t Choose(const Visit& visit) = 0;
  virtual void Learn(bool accepted) = 0;  // of the last choice
};

// The hub's own pipeline and models, at a placement with an adaptive model.
class HubChooser : public Chooser {
 public:
  // `more`: of the model.
  explicit HubChooser(const Truth& truth, std::string_view more = "");
  size_t Choose(const Visit& visit) override;
  void Learn(bool accepted) override;

  double predicted() const { return predicted_; }  // of the last choice

 private:
  struct Model {
    learn::ModelState beta;
    learn::AdaptiveState adaptive;
  };
  void Publish(size_t action);

  decision::SampleHub hub_;
  std::vector<Model> models_;
  std::vector<std::string> names_;
  uint64_t asked_ = 0;
  uint64_t version_ = 0;
  decision::Decision made_;
  size_t chosen_ = 0;
  double predicted_ = 0;
};

// A logistic regression for each action by gradient steps, and SquareCB over what it predicts:
// D. J. Foster and A. Rakhlin, "Beyond UCB: Optimal and Efficient Contextual Bandits with
// Regression Oracles", ICML 2020. Shares nothing with the hub.
class NaiveSquareCb : public Chooser {
 public:
  NaiveSquareCb(const Truth& truth, uint64_t seed);
  size_t Choose(const Visit& visit) override;
  void Learn(bool accepted) override;

 private:
  static constexpr size_t kFeatures = 1 + 3 + 4 + 6;
  using Features = std::array<size_t, 4>;  // those that are 1
  static Features FeaturesOf(const Visit& visit);
  double Predict(size_t action) const;

  const Truth& truth_;
  base::Random random_;
  std::array<std::array<double, kFeatures>, kActions> weights_ = {};
  std::array<std::array<double, kFeatures>, kActions> squares_ = {};
  Features features_ = {};
  size_t chosen_ = 0;
  uint64_t rounds_ = 0;
};

}  // namespace batuta::learning
