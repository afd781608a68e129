// Worlds by the seed. BATUTA_SIM_SEEDS says how many; the regress list holds the seeds that once
// found a bug.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "simulation/run.h"

namespace batuta::simulation {
namespace {

uint64_t SeedCount() {
  const char* text = std::getenv("BATUTA_SIM_SEEDS");
  constexpr uint64_t kDefault = 40;
  return text == nullptr ? kDefault : std::strtoull(text, nullptr, 10);
}

TEST(Simulation, EveryPromiseHoldsInEveryWorld) {
  Summary summary;
  for (uint64_t seed = 1; seed <= SeedCount(); ++seed) {
    EXPECT_TRUE(RunSeed(seed, {}, summary)) << "seed " << seed;
  }
  RecordProperty("summary", summary.ToString());
  std::printf("%s", summary.ToString().c_str());
  if (SeedCount() < 40) return;
  for (const std::string& what : summary.coverage.Missing()) {
    ADD_FAILURE() << "in none of the worlds: " << what;
  }
}

TEST(Simulation, RandomFeaturesAndSegmentsAreWhatIsComputedAnew) {
  Summary summary;
  for (uint64_t seed = 1; seed <= (SeedCount() + 3) / 4; ++seed) {
    EXPECT_TRUE(RunSeed(seed, {.rules = true}, summary)) << "seed " << seed;
  }
  std::printf("%s", summary.ToString().c_str());
  if (SeedCount() < 40) return;
  for (const char* what :
       {"event held against recomputation", "value held against recomputation",
        "member held against recomputation", "stranger held against recomputation"}) {
    EXPECT_GT(summary.coverage.Of(what), 0u) << what;
  }
}

TEST(Simulation, EveryPromiseHoldsOfManyDecisions) {
  Summary summary;
  for (uint64_t seed = 1; seed <= (SeedCount() + 39) / 40; ++seed) {
    EXPECT_TRUE(RunSeed(seed, {.burst = 60}, summary)) << "seed " << seed;
  }
  std::printf("%s", summary.ToString().c_str());
  EXPECT_GT(summary.coverage.Of("decision judged"), 1000u);
  EXPECT_GT(summary.coverage.Of("choice judged"), 50u);
  EXPECT_GT(summary.coverage.Of("less welcome than elsewhere"), 50u);
}

TEST(Simulation, TheSameSeedIsTheSameHistory) {
  Summary summary;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    EXPECT_TRUE(RunSeed(seed, {.twice = true}, summary)) << "seed " << seed;
  }
}

TEST(Simulation, BugsThatWereFixedStayFixed) {
  std::ifstream list("tests/simulation/regress.txt");
  ASSERT_TRUE(list.is_open()) << "run from the project's folder";
  Summary summary;
  for (std::string line; std::getline(list, line);) {
    if (line.empty() || line.front() == '#') continue;
    EXPECT_TRUE(RunSeed(std::strtoull(line.c_str(), nullptr, 10), {}, summary)) << line;
  }
}

}  // namespace
}  // namespace batuta::simulation
