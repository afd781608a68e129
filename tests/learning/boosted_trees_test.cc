// Gradient-boosted trees on the customers of bank_marketing_test.cc: each text of a column is a
// feature of its own. What the hub serves of them is what the library says, to the bit.
#include "train/boosted_trees.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "learning/data.h"

namespace batuta::learning {
namespace {

constexpr int kFolds = 5;

struct Column {
  size_t predictor = 0;
  std::string text = {};  // 1 where the row has it; empty: of a number
};

std::vector<Column> ColumnsOf(const Examples& customers) {
  std::vector<Column> columns;
  for (size_t i = 0; i < customers.predictors.size(); ++i) {
    if (customers.is_number[i]) {
      columns.push_back({i});
      continue;
    }
    std::set<std::string> texts;
    for (const Example& one : customers.list) texts.insert(one.symbols[i]);
    for (const std::string& text : texts) columns.push_back({i, text});
  }
  return columns;
}

TEST(BoostedTrees, TellWhoSubscribes) {
  const std::string path = DataPath("bank_marketing/bank-additional-full.csv.gz");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "skipped: " << path << " is not there";
  const TextTable table = ReadCsv(path, ';');
  std::vector<std::string> predictors;
  for (const std::string& name : table.columns) {
    if (name != "duration" && name != "y") predictors.push_back(name);
  }
  const Examples customers = ExamplesOf(table, predictors, "y", "yes");
  const std::vector<Column> columns = ColumnsOf(customers);
  double sum = 0;
  for (int fold = 0; fold < kFolds; ++fold) {
    train::Examples learned;
    for (const Column& column : columns) {
      const std::string& name = predictors[column.predictor];
      learned.features.push_back(column.text.empty() ? name : base::StrCat(name, " ", column.text));
    }
    train::Examples kept{.features = learned.features};
    int seen[2] = {};  // every fold has the same share of subscribers
    for (const Example& one : customers.list) {
      std::vector<float> row;
      for (const auto& [predictor, text] : columns) {
        row.push_back(text.empty() ? static_cast<float>(one.numbers[predictor])
                                   : (one.symbols[predictor] == text ? 1.0F : 0.0F));
      }
      const bool is_kept = seen[one.positive ? 1 : 0]++ % kFolds == fold;
      (is_kept ? kept : learned).Add(row, one.positive);
    }
    const auto model = train::TrainTrees(learned, {});
    ASSERT_TRUE(model.ok()) << model.status();
    const auto forest = learn::Forest::FromXgboost(*model);
    ASSERT_TRUE(forest.ok()) << forest.status();
    EXPECT_EQ(train::DistanceFromLibrary(*model, *forest, kept).value(), 0);
    const double auc = train::AucOf(*forest, kept);
    std::printf("fold %d: AUC %.4f, %zu bytes\n", fold, auc, model->size());
    sum += auc;
  }
  std::printf("mean AUC %.4f\n", sum / kFolds);
  EXPECT_GE(sum / kFolds, 0.80);
}

}  // namespace
}  // namespace batuta::learning
