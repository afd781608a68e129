// What learns example by example, held against a regression fitted to all examples at once: the
// same splits, the same predictors, one pass.
//
// Two splits; BATUTA_SPLITS=20 for the long run (make learning).
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/random.h"
#include "learning/batch_logistic.h"
#include "learning/data.h"
#include "learning/learner.h"

namespace batuta::learning {
namespace {

int Splits() {
  const char* splits = std::getenv("BATUTA_SPLITS");
  return splits == nullptr ? 2 : std::atoi(splits);
}

struct Split {
  std::vector<size_t> learned;
  std::vector<size_t> kept;
};

// A third is never learned from; the others come in any order. A regression fitted to all at once
// knows no order, and what follows a drift cannot be held against it.
Split SplitOf(size_t size, int seed) {
  base::Random random(static_cast<uint64_t>(seed), base::Id128{}, "split", "");
  Split split;
  for (size_t i = 0; i < size; ++i) {
    (random.Below(3) == 0 ? split.kept : split.learned).push_back(i);
  }
  for (size_t i = split.learned.size(); i > 1; --i) {
    std::swap(split.learned[i - 1], split.learned[random.Below(i)]);
  }
  return split;
}

double AucOfLearner(Method method, const Examples& examples, const Split& split) {
  Learner learner(method, examples.predictors);
  for (const size_t row : split.learned) learner.Learn(examples.list[row], row);
  learner.Publish();
  std::vector<std::pair<double, bool>> predictions;
  for (const size_t row : split.kept) {
    const Example& one = examples.list[row];
    predictions.emplace_back(learner.Ask(one.values).belief.Mean(), one.positive);
  }
  return AucOf(predictions);
}

double AucOfBatch(const Examples& examples, const Split& split) {
  const BatchLogistic batch(examples, split.learned);
  std::vector<std::pair<double, bool>> predictions;
  for (const size_t row : split.kept) {
    predictions.emplace_back(batch.LogOdds(examples.list[row]), examples.list[row].positive);
  }
  return AucOf(predictions);
}

void Compare(const char* name, const Examples& examples) {
  std::vector<double> batches;
  std::vector<double> ftrl;      // less the batch's
  std::vector<double> adaptive;  // less the batch's
  for (int seed = 1; seed <= Splits(); ++seed) {
    const Split split = SplitOf(examples.list.size(), seed);
    const double batch = AucOfBatch(examples, split);
    batches.push_back(batch);
    ftrl.push_back(AucOfLearner(Method::kFtrl, examples, split) - batch);
    adaptive.push_back(AucOfLearner(Method::kAdaptive, examples, split) - batch);
  }
  const Estimate all = MeanOf(batches);
  const Estimate f = MeanOf(ftrl);
  const Estimate a = MeanOf(adaptive);
  std::printf("%s, %zu splits: batch AUC %.4f ± %.4f; FTRL %+.4f ± %.4f, adaptive %+.4f ± %.4f\n",
              name, batches.size(), all.mean, all.error, f.mean, f.error, a.mean, a.error);
  EXPECT_GE(f.mean, -0.005);
  EXPECT_GE(a.mean, -0.010);
}

TEST(Online, IsNearTheBatchOnBankMarketing) {
  const std::string path = DataPath("bank_marketing/bank-additional-full.csv.gz");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "skipped: " << path << " is not there";
  const TextTable table = ReadCsv(path, ';');
  std::vector<std::string> predictors;
  for (const std::string& column : table.columns) {
    if (column != "duration" && column != "y") predictors.push_back(column);
  }
  Compare("bank marketing", ExamplesOf(table, predictors, "y", "yes"));
}

TEST(Online, IsNearTheBatchOnHillstrom) {
  const std::string path = DataPath("hillstrom/hillstrom_visible.csv.gz");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "skipped: " << path << " is not there";
  const std::vector<std::string> predictors = {"recency", "history_segment", "history",
                                               "mens",    "womens",          "zip_code",
                                               "newbie",  "channel",         "segment"};
  Compare("Hillstrom visits", ExamplesOf(ReadCsv(path, ','), predictors, "visit", "1"));
}

}  // namespace
}  // namespace batuta::learning
