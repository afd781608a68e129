// Trees of XGBoost answer what the library answers: forest/make_forest.py wrote down what it says.
#include "learn/forest.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "learning/data.h"

namespace batuta::learning {
namespace {

float NumberIn(const std::string& text) {
  float number = std::numeric_limits<float>::quiet_NaN();
  return text.empty() || absl::SimpleAtof(text, &number) ? number : -1;
}

TEST(Forest, AnswersWhatTheLibraryAnswers) {
  std::ifstream file("tests/learning/forest/model.json");
  ASSERT_TRUE(file.is_open());
  const std::string json((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto forest = learn::Forest::FromXgboost(json);
  ASSERT_TRUE(forest.ok()) << forest.status();
  EXPECT_EQ(forest->features(), (std::vector<std::string>{"age", "visits", "spend", "is_gold"}));
  EXPECT_EQ(forest->tree_count(), 8u);

  const TextTable expected = ReadCsv("tests/learning/forest/expected.csv", ',');
  ASSERT_EQ(expected.rows.size(), 200u);
  int missing = 0;
  for (const auto& row : expected.rows) {
    std::vector<float> values;
    for (size_t i = 0; i < 4; ++i) {
      values.push_back(NumberIn(row[i]));
      missing += row[i].empty() ? 1 : 0;
    }
    EXPECT_EQ(forest->Margin(values), NumberIn(row[4]));
    EXPECT_FLOAT_EQ(forest->Probability(values), NumberIn(row[5]));
    const std::vector<double> contributions = forest->Contributions(values);
    for (size_t i = 0; i < 4; ++i) EXPECT_NEAR(contributions[i], NumberIn(row[6 + i]), 2e-6);
    EXPECT_NEAR(forest->mean(), NumberIn(row[10]), 2e-6);
  }
  EXPECT_GT(missing, 50);
}

}  // namespace
}  // namespace batuta::learning
