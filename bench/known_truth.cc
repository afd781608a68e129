// The hub among customers whose tastes are known (tests/learning/truth.h), for bench/run-vw: writes
// the visits to a file, lives through them, and prints what was earned.
//
//     known_truth WORLD VISITS FILE
//
// A line of the file is a visit: plan, page, age, the uniform number below which an acceptance
// happens, and for each action the probability of it. What is printed: the share of the best
// possible in the first tenth of the visits, in the last and in all, and decisions a second, each
// with what was learned of it.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iomanip>

#include "base/random.h"
#include "learning/truth.h"

namespace batuta::learning {
namespace {

struct Happening {
  Visit visit;
  double luck = 0;
};

std::vector<Happening> Draw(const Truth& truth, uint64_t world, uint64_t visits) {
  std::vector<Happening> all;
  for (uint64_t i = 0; i < visits; ++i) {
    base::Random random(world, base::Id128{1, i}, "visit", "");
    const Visit visit = truth.Draw(random);
    all.push_back({.visit = visit, .luck = random.Uniform()});
  }
  return all;
}

void Write(const Truth& truth, const std::vector<Happening>& all, const char* path) {
  std::ofstream file(path);
  file << std::setprecision(9);
  for (const Happening& one : all) {
    file << one.visit.plan << ' ' << one.visit.page << ' ' << one.visit.age << ' ' << one.luck;
    for (size_t action = 0; action < kActions; ++action) {
      file << ' ' << truth.Probability(one.visit, action);
    }
    file << '\n';
  }
}

class Share {
 public:
  void Add(double worth, double best) {
    worth_ += worth;
    best_ += best;
  }
  double value() const { return worth_ / best_; }

 private:
  double worth_ = 0;
  double best_ = 0;
};

void Live(const Truth& truth, const std::vector<Happening>& all) {
  HubChooser hub(truth);
  Share first;
  Share last;
  Share whole;
  const size_t tenth = all.size() / 10;
  std::vector<size_t> chosen;
  const auto begin = std::chrono::steady_clock::now();
  for (const Happening& one : all) {
    chosen.push_back(hub.Choose(one.visit));
    hub.Learn(chosen.back() != kNothing && one.luck < truth.Probability(one.visit, chosen.back()));
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  for (size_t i = 0; i < all.size(); ++i) {
    const double worth = truth.Worth(all[i].visit, chosen[i]);
    const double best = truth.BestWorth(all[i].visit);
    whole.Add(worth, best);
    if (i < tenth) first.Add(worth, best);
    if (i >= all.size() - tenth) last.Add(worth, best);
  }
  std::printf("%.6f %.6f %.6f %.0f\n", first.value(), last.value(), whole.value(),
              static_cast<double>(all.size()) / took.count());
}

}  // namespace
}  // namespace batuta::learning

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: known_truth WORLD VISITS FILE\n");
    return 2;
  }
  const uint64_t world = std::strtoull(argv[1], nullptr, 10);
  const uint64_t visits = std::strtoull(argv[2], nullptr, 10);
  const batuta::learning::Truth truth(world);
  const auto all = batuta::learning::Draw(truth, world, visits);
  batuta::learning::Write(truth, all, argv[3]);
  batuta::learning::Live(truth, all);
  return 0;
}
