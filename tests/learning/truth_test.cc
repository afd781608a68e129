// How much of the best that is possible the hub earns from customers whose tastes are known, set
// beside a naive bandit that lives through the same visits.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <string>

#include "learning/truth.h"

namespace batuta::learning {
namespace {

// What was earned, by the truth and not by the draws, as a share of what could have been.
struct Earned {
  double worth = 0;
  double best = 0;
  double random = 0;
  double share() const { return worth / best; }
  double lift() const { return worth / random - 1; }
};

// How far predictions were from what came of them, before it was learned.
class Calibration {
 public:
  void Add(double predicted, bool accepted) {
    Bin& bin = bins_[std::min<size_t>(static_cast<size_t>(predicted * 20), 19)];
    bin.predicted += predicted;
    bin.accepted += accepted ? 1 : 0;
    ++bin.count;
    ++count_;
  }
  double Error() const {
    double error = 0;
    for (const Bin& bin : bins_) error += std::abs(bin.predicted - bin.accepted);
    return error / count_;
  }

 private:
  struct Bin {
    double predicted = 0;
    double accepted = 0;
    double count = 0;
  };
  std::array<Bin, 20> bins_ = {};
  double count_ = 0;
};

class Life {
 public:
  explicit Life(uint64_t seed) : truth_(seed), seed_(seed) {}

  Truth& truth() { return truth_; }

  // The chooser lives through so many visits; each life's are the same.
  Earned Through(Chooser& chooser, uint64_t from, uint64_t to, Calibration* calibration = nullptr) {
    Earned earned;
    for (uint64_t i = from; i < to; ++i) {
      base::Random random(seed_, base::Id128{1, i}, "visit", "");
      const Visit visit = truth_.Draw(random);
      const double luck = random.Uniform();
      const size_t action = chooser.Choose(visit);
      const bool accepted = action != kNothing && luck < truth_.Probability(visit, action);
      if (calibration != nullptr && action != kNothing) {
        calibration->Add(dynamic_cast<HubChooser&>(chooser).predicted(), accepted);
      }
      chooser.Learn(accepted);
      earned.worth += truth_.Worth(visit, action);
      earned.best += truth_.BestWorth(visit);
      earned.random += truth_.MeanWorth(visit);
    }
    return earned;
  }

 private:
  Truth truth_;
  const uint64_t seed_;
};

TEST(KnownTruth, TheHubComesNearTheBest) {
  double hub_early = 0;
  double naive_early_sum = 0;
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    Life life(seed);
    HubChooser hub(life.truth());
    NaiveSquareCb naive(life.truth(), seed);
    Calibration calibration;
    life.Through(hub, 0, 8'000, &calibration);
    const Earned early = life.Through(hub, 8'000, 10'000, &calibration);
    life.Through(hub, 10'000, 90'000, &calibration);
    const Earned late = life.Through(hub, 90'000, 100'000, &calibration);
    life.Through(naive, 0, 8'000);
    const Earned naive_early = life.Through(naive, 8'000, 10'000);
    life.Through(naive, 10'000, 90'000);
    const Earned naive_late = life.Through(naive, 90'000, 100'000);
    std::printf(
        "seed %d: of the best %.3f after 10,000 decisions (naive %.3f), %.3f after 100,000 "
        "(naive %.3f); random %.3f; calibration error %.4f\n",
        static_cast<int>(seed), early.share(), naive_early.share(), late.share(),
        naive_late.share(), late.random / late.best, calibration.Error());
    EXPECT_GE(early.share(), 0.78);
    EXPECT_GE(late.share(), 0.93);
    EXPECT_LE(calibration.Error(), 0.02);
    hub_early += early.share();
    naive_early_sum += naive_early.share();
  }
  EXPECT_GE(hub_early, naive_early_sum - 0.03) << "after 10,000 it is not behind the naive one";
}

// Of what was lost, the part that is back after 38 days of a decision a minute. `more`: of the
// model.
double BackAfterADrift(std::string_view more) {
  double lost = 0;
  double back = 0;
  for (uint64_t seed = 4; seed <= 6; ++seed) {
    Life life(seed);
    HubChooser hub(life.truth(), more);
    life.Through(hub, 0, 30'000);
    const double normal = life.Through(hub, 30'000, 35'000).share();
    life.truth().Drift();
    const double after = life.Through(hub, 35'000, 36'000).share();
    life.Through(hub, 36'000, 90'000);
    const double later = life.Through(hub, 90'000, 95'000).share();
    std::printf("seed %d: of the best %.3f before the drift, %.3f right after it, %.3f later\n",
                static_cast<int>(seed), normal, after, later);
    EXPECT_GE(normal, 0.85);
    lost += normal - after;
    back += later - after;
  }
  std::printf("%.0f %% of what was lost is back\n", 100 * back / lost);
  return back / lost;
}

TEST(KnownTruth, WhatADriftTookComesBack) { EXPECT_GE(BackAfterADrift(""), 0.90); }

TEST(KnownTruth, WhatADriftTookComesBackToAModelThatForgetsHalfInAWeek) {
  EXPECT_GE(BackAfterADrift("  halfLife: 7d\n"), 0.85);
}

}  // namespace
}  // namespace batuta::learning
