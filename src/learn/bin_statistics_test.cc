// Where the shared snapshot of a real model is present, all its predictors are held against what
// was stored with them.
#include "learn/bin_statistics.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "base/json.h"
#include "base/value.h"

namespace batuta::learn {
namespace {

std::vector<Bin> NetWealth() {
  return {{13, 423}, {24, 178}, {17, 250}, {51, 179}, {7, 83}, {53, 169}, {13, 77}, {28, 71}};
}

TEST(BinStatistics, AreThoseOfAKnownPredictor) {
  const std::vector<Bin> bins = NetWealth();
  const Bin all = SumOf(bins);
  EXPECT_NEAR(Auc(bins), 0.722077, 1e-6);
  const double z[] = {-11.1869, -0.3321, -4.2647, 3.9082, -1.7118, 4.3976, 0.5156, 3.5129};
  const double lift[] = {0.236795, 0.943574, 0.505654, 1.760996,
                         0.617691, 1.896003, 1.147141, 2.246151};
  const double contribution[] = {-1.53974, -0.06583, -0.74801, 0.67960,
                                 -0.52333, 0.77542,  0.16250,  1.00563};
  for (size_t i = 0; i < bins.size(); ++i) {
    EXPECT_NEAR(ZRatio(bins[i], all), z[i], 1e-4);
    EXPECT_NEAR(Lift(bins[i], all), lift[i], 1e-6);
    EXPECT_NEAR(Contribution(bins[i], bins), contribution[i], 1e-5);
  }
}

TEST(BinStatistics, AreThoseOfAKnownClassifier) {
  const std::vector<Bin> bins = {{17, 443}, {8, 133}, {3, 48},   {28, 370}, {4, 51},
                                 {2, 19},   {9, 77},  {30, 154}, {37, 65},  {20, 29},
                                 {30, 33},  {2, 2},   {4, 2},    {8, 3},    {4, 1}};
  const double propensity[] = {0.0380, 0.0599, 0.0673, 0.0714, 0.0804, 0.1136, 0.1092, 0.1649,
                               0.3641, 0.4100, 0.4766, 0.5000, 0.6429, 0.7083, 0.7500};
  for (size_t i = 0; i < bins.size(); ++i) EXPECT_NEAR(Propensity(bins[i]), propensity[i], 5e-5);
  EXPECT_NEAR(Auc(bins), 0.778734, 1e-6);
  EXPECT_DOUBLE_EQ(Propensity({}), 0.5);
}

TEST(Auc, OfSmallTables) {
  EXPECT_DOUBLE_EQ(Auc(std::vector<Bin>{{3, 2}, {1, 0}, {0, 1}}), 0.75);
  const std::vector<Bin> ten = {{50, 1440}, {70, 1350}, {75, 1170}, {80, 990},  {85, 810},
                                {90, 765},  {110, 720}, {130, 675}, {150, 630}, {160, 450}};
  EXPECT_NEAR(Auc(ten), 0.6871, 5e-5);
  EXPECT_DOUBLE_EQ(Auc(std::vector<Bin>{{3, 0}, {1, 0}}), 0.5);
  EXPECT_DOUBLE_EQ(Auc({}), 0.5);
}

TEST(Auc, RanksAsItStandsIfAsked) {
  EXPECT_DOUBLE_EQ(RankedAuc(std::vector<Bin>{{1, 0}, {0, 1}}), 0);
  EXPECT_DOUBLE_EQ(RankedAuc(std::vector<Bin>{{0, 1}, {1, 0}}), 1);
  EXPECT_DOUBLE_EQ(Auc(std::vector<Bin>{{1, 0}, {0, 1}}), 1);
}

TEST(AveragedLogOdds, IsOverTheBaseAndThePredictors) {
  EXPECT_DOUBLE_EQ(AveragedLogOdds(-2, {0.5, 0.6}), -0.9 / 3);
  EXPECT_DOUBLE_EQ(AveragedLogOdds(-2, {}), -2);
}

TEST(ChiSquare, IsThatOfTheTwoByTwoTable) {
  EXPECT_NEAR(ChiSquare({20, 30}, {10, 40}), 100.0 * 500 * 500 / (50.0 * 50 * 30 * 70), 1e-12);
  EXPECT_EQ(ChiSquare({1, 9}, {10, 90}), 0);
  EXPECT_EQ(ChiSquare({0, 9}, {0, 90}), 0);
}

TEST(RisingPools, PoolWhatFalls) {
  const std::vector<Bin> bins = {{1, 9}, {3, 7}, {2, 8}, {2, 8}, {9, 1}};
  EXPECT_EQ(RisingPools(bins), (std::vector<size_t>{1, 3, 1}));
  EXPECT_TRUE(RisingPools({}).empty());
}

TEST(RisingPools, RatesRiseAndNothingIsLost) {
  std::vector<Bin> bins;
  uint32_t state = 7;
  for (int i = 0; i < 500; ++i) {
    state = state * 1'664'525 + 1'013'904'223;
    bins.push_back({static_cast<double>(state >> 28), static_cast<double>((state >> 20) & 15)});
  }
  size_t sum = 0;
  double last = -1;
  for (const size_t length : RisingPools(bins)) {
    const Bin pool = SumOf(absl::MakeSpan(bins).subspan(sum, length));
    const double rate = pool.Total() > 0 ? pool.positives / pool.Total() : 0;
    EXPECT_GT(rate, last);
    last = rate;
    sum += length;
  }
  EXPECT_EQ(sum, bins.size());
}

struct Stored {
  std::vector<Bin> bins = {};
  std::vector<double> z = {};
  std::vector<double> lift = {};
  double performance = 0;
  std::string entry = {};
};

std::map<std::string, Stored> ReadSnapshot(const std::string& path) {
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto parsed = base::ParseJson(text);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  std::map<std::string, Stored> predictors;
  if (!parsed.ok()) return predictors;
  for (const base::Value& row : parsed->list().values()) {
    const auto at = [&](std::string_view name) { return *base::Find(row.object(), name); };
    Stored& stored = predictors[at("predictorname").text()];
    stored.bins.push_back({at("binpositives").number(), at("binnegatives").number()});
    stored.z.push_back(at("zratio").number());
    stored.lift.push_back(at("lift").number());
    stored.performance = at("performance").number();
    stored.entry = at("entrytype").text();
  }
  return predictors;
}

TEST(Snapshot, EveryPredictorIsAsItWasStored) {
  const char* folder = std::getenv("BATUTA_DATASETS");
  const std::string path = (folder == nullptr ? std::string("../shared/data") : folder) +
                           "/adaptive_model/model_bins.json";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "skipped: " << path << " is not there";
  const auto predictors = ReadSnapshot(path);
  ASSERT_EQ(predictors.size(), 90u);
  for (const auto& [name, stored] : predictors) {
    const Bin all = SumOf(stored.bins);
    // The area stored of the classifier leaves its tails out.
    if (stored.entry != "Classifier") {
      EXPECT_NEAR(Auc(stored.bins), stored.performance, 1e-6) << name;
    }
    if (all.Total() == 0) continue;
    for (size_t i = 0; i < stored.bins.size(); ++i) {
      EXPECT_NEAR(ZRatio(stored.bins[i], all), stored.z[i], 1e-5) << name << " " << i;
      // Of an empty bin a lift of 1 is stored.
      if (stored.bins[i].Total() == 0) continue;
      EXPECT_NEAR(Lift(stored.bins[i], all), stored.lift[i], 1e-5) << name << " " << i;
    }
  }
}

}  // namespace
}  // namespace batuta::learn
