#include "engine/seen_filter.h"

#include "base/random.h"
#include "gtest/gtest.h"

namespace batuta::engine {
namespace {

constexpr base::Time kStart{1'767'225'600'000'000};

class SeenFilterTest : public testing::Test {
 protected:
  base::Id128 NewId() { return {random_.Bits(), random_.Bits()}; }

  base::Random random_{5, {1, 2}, "ids", ""};
  SeenFilter filter_;
};

TEST_F(SeenFilterTest, ContainsNothingAtFirst) { EXPECT_FALSE(filter_.MayContain(NewId())); }

TEST_F(SeenFilterTest, ContainsWhatWasAddedThroughAllItsGrowth) {
  std::vector<base::Id128> ids;
  for (int i = 0; i < 200'000; ++i) {
    ids.push_back(NewId());
    filter_.Add(ids.back(), kStart);
  }
  for (const base::Id128& id : ids) ASSERT_TRUE(filter_.MayContain(id));
}

TEST_F(SeenFilterTest, TakesFewUnseenIdsForSeenOnesAndLittleMemory) {
  constexpr int kIds = 2'000'000;
  for (int i = 0; i < kIds; ++i) filter_.Add(NewId(), kStart);
  int wrong = 0;
  for (int i = 0; i < 100'000; ++i) wrong += filter_.MayContain(NewId()) ? 1 : 0;
  EXPECT_LT(wrong, 1'000);
  EXPECT_LT(filter_.bytes(), size_t{6} << 20);
}

TEST_F(SeenFilterTest, ForgetsAFilterOnceAllItHoldsIsOld) {
  base::Id128 old_id = NewId();
  filter_.Add(old_id, kStart);
  for (int i = 0; i < 100'000; ++i) filter_.Add(NewId(), kStart);
  const base::Id128 id = NewId();
  filter_.Add(id, kStart + base::Seconds(2));
  const size_t before = filter_.bytes();
  filter_.Forget(kStart);
  EXPECT_LT(filter_.bytes(), before);
  EXPECT_FALSE(filter_.MayContain(old_id));
  EXPECT_TRUE(filter_.MayContain(id));
  filter_.Forget(kStart + base::Seconds(2));
  EXPECT_EQ(filter_.bytes(), 0u);
}

}  // namespace
}  // namespace batuta::engine
