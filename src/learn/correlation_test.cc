#include "learn/correlation.h"

#include <gtest/gtest.h>

#include <vector>

namespace batuta::learn {
namespace {

TEST(Correlation, IsPearsons) {
  EXPECT_DOUBLE_EQ(Correlation(std::vector<double>{1, 2, 3}, std::vector<double>{2, 4, 6}), 1);
  EXPECT_DOUBLE_EQ(Correlation(std::vector<double>{1, 2, 3}, std::vector<double>{3, 2, 1}), -1);
  EXPECT_NEAR(Correlation(std::vector<double>{1, 2, 3, 4}, std::vector<double>{1, 3, 2, 4}), 0.8,
              1e-12);
  EXPECT_EQ(Correlation(std::vector<double>{1, 2, 3}, std::vector<double>{5, 5, 5}), 0);
}

}  // namespace
}  // namespace batuta::learn
