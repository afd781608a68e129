// Models on real data: who subscribed a term deposit when a bank phoned (Moro, Cortez and Rita, "A
// data-driven approach to predict the success of bank telemarketing", Decision Support Systems 62,
// 2014), without the duration of the call, which nobody knows before it.
//
// Customers come in the order of the file; the model predicts each before it learns what they did.
// Of five stratified folds one at a time is never learned from, and is predicted by the last
// version.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "learning/data.h"
#include "learning/learner.h"

namespace batuta::learning {
namespace {

constexpr int kFolds = 5;

class BankMarketing : public testing::Test {
 protected:
  void SetUp() override {
    const std::string path = DataPath("bank_marketing/bank-additional-full.csv.gz");
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "skipped: " << path << " is not there";
    const TextTable table = ReadCsv(path, ';');
    std::vector<std::string> predictors;
    for (const std::string& name : table.columns) {
      if (name != "duration" && name != "y") predictors.push_back(name);
    }
    customers_ = ExamplesOf(table, predictors, "y", "yes");
    ASSERT_EQ(customers_.list.size(), 41'188u);
    ASSERT_EQ(predictors.size(), 19u);
    // Every fold has the same share of subscribers.
    int seen[2] = {};
    for (const Example& one : customers_.list) {
      folds_.push_back(seen[one.positive ? 1 : 0]++ % kFolds);
    }
  }

  // The mean AUC over the folds.
  double MeanAuc(Method method) {
    double sum = 0;
    for (int fold = 0; fold < kFolds; ++fold) {
      Learner learner(method, customers_.predictors);
      for (size_t i = 0; i < customers_.list.size(); ++i) {
        if (folds_[i] != fold) learner.Learn(customers_.list[i], i);
      }
      learner.Publish();
      std::vector<std::pair<double, bool>> predictions;
      for (size_t i = 0; i < customers_.list.size(); ++i) {
        if (folds_[i] != fold) continue;
        const Example& one = customers_.list[i];
        predictions.emplace_back(learner.Ask(one.values).belief.Mean(), one.positive);
      }
      const double auc = AucOf(predictions);
      sum += auc;
      std::printf("fold %d: AUC %.4f, progressive %.4f, calibration error %.4f\n", fold, auc,
                  learner.model().auc(), learner.model().calibration_error());
    }
    std::printf("mean AUC %.4f\n", sum / kFolds);
    return sum / kFolds;
  }

  Examples customers_;
  std::vector<int> folds_;
};

TEST_F(BankMarketing, AdaptiveModelTellsWhoSubscribes) {
  EXPECT_GE(MeanAuc(Method::kAdaptive), 0.785);
}

TEST_F(BankMarketing, FtrlTellsWhoSubscribes) { EXPECT_GE(MeanAuc(Method::kFtrl), 0.785); }

}  // namespace
}  // namespace batuta::learning
