#include "base/shared_pool.h"

#include <gtest/gtest.h>

namespace batuta::base {
namespace {

class SharedPoolTest : public testing::Test {
 protected:
  std::shared_ptr<const int> Get(std::string_view key) {
    return pool_.Get(key, [this] { return std::make_shared<const int>(++made_); });
  }
  SharedPool<int> pool_;
  int made_ = 0;
};

TEST_F(SharedPoolTest, WhatIsInUseIsShared) {
  const auto first = Get("a");
  EXPECT_EQ(Get("a"), first);
  EXPECT_EQ(made_, 1);
  EXPECT_NE(Get("b"), first);
}

TEST_F(SharedPoolTest, WhatNobodyUsesIsMadeAgain) {
  Get("a");
  Get("a");
  EXPECT_EQ(made_, 2);
}

}  // namespace
}  // namespace batuta::base
