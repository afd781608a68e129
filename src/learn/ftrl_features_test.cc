#include "learn/ftrl_features.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/text.h"
#include "learn/predictor_code.h"

namespace batuta::learn {
namespace {

PredictorValues Values(uint64_t plan, uint64_t age) {
  PredictorValues values;
  values.add_keys(PredictorKey("plan"));
  values.add_codes(plan);
  values.add_keys(PredictorKey("age"));
  values.add_codes(age);
  return values;
}

const std::vector<int32_t> kBounds = {OrderOf(NumberCode(20)), OrderOf(NumberCode(40))};

TEST(FtrlFeatures, ASymbolIsOneAndANumberIsHowFarItIsFromTheMean) {
  const NumberScale age{.key = PredictorKey("age"), .mean = 30, .spread = 10};
  const auto features = FeaturesOf(Values(SymbolCode("gold"), NumberCode(45)), {&age, 1}, {});
  ASSERT_EQ(features.size(), 3u);
  EXPECT_EQ(features[0].place, -1);  // the intercept
  EXPECT_EQ(features[0].value, 1);
  EXPECT_EQ(features[1].name.code, SymbolCode("gold"));
  EXPECT_EQ(features[1].value, 1);
  EXPECT_EQ(features[2].name.code, kSlopeCode);
  EXPECT_EQ(features[2].value, 1.5);
  EXPECT_EQ(features[2].place, 1);
}

TEST(FtrlFeatures, NoNumberIsMoreThanFourDeviationsAway) {
  const NumberScale age{.key = PredictorKey("age"), .mean = 30, .spread = 10};
  EXPECT_EQ(FeaturesOf(Values(0, NumberCode(1e6)), {&age, 1}, {}).back().value, 4);
  EXPECT_EQ(FeaturesOf(Values(0, NumberCode(-1e6)), {&age, 1}, {}).back().value, -4);
}

TEST(FtrlFeatures, ARangeBeginsAtItsBound) {
  const NumberScale age{.key = PredictorKey("age"), .mean = 30, .spread = 10, .bounds = kBounds};
  const auto range = [&](double number) {
    return FeaturesOf(Values(0, NumberCode(number)), {&age, 1}, {}).back().slot;
  };
  EXPECT_EQ(range(3), range(19));
  EXPECT_NE(range(19), range(20));
  EXPECT_EQ(range(20), range(39));
  EXPECT_NE(range(39), range(40));
  EXPECT_EQ(range(40), range(1e6));
}

TEST(FtrlFeatures, MissingIsAValueOfItsOwn) {
  const auto features = FeaturesOf(Values(kMissingCode, kMissingCode), {}, {});
  ASSERT_EQ(features.size(), 3u);
  EXPECT_EQ(features[1].value, 1);
  EXPECT_NE(features[1].slot, features[2].slot);
}

TEST(FtrlFeatures, ACrossIsAFeatureForEachPair) {
  const Cross cross{.key = PredictorKey("plan"), .cross_key = PredictorKey("age")};
  const NumberScale age{.key = PredictorKey("age"), .mean = 30, .spread = 10, .bounds = kBounds};
  std::set<uint32_t> slots;
  for (const char* plan : {"gold", "free"}) {
    for (const double years : {10.0, 30.0, 50.0}) {
      const auto features =
          FeaturesOf(Values(SymbolCode(plan), NumberCode(years)), {&age, 1}, {&cross, 1});
      ASSERT_EQ(features.size(), 5u);
      EXPECT_EQ(features.back().place, 0);
      EXPECT_EQ(features.back().cross_place, 1);
      slots.insert(features.back().slot);
    }
  }
  EXPECT_EQ(slots.size(), 6u);
  // A number without ranges is in no cross yet, and a predictor that is not there in none.
  EXPECT_EQ(FeaturesOf(Values(SymbolCode("gold"), NumberCode(3)), {}, {&cross, 1}).size(), 2u);
  const Cross other{.key = PredictorKey("plan"), .cross_key = PredictorKey("city")};
  EXPECT_EQ(FeaturesOf(Values(SymbolCode("gold"), 0), {}, {&other, 1}).size(), 3u);
}

TEST(FtrlFeatures, SlotsHave22BitsAndRarelyMeet) {
  std::set<uint32_t> slots;
  for (int i = 0; i < 1000; ++i) {
    slots.insert(SlotOf({.key = 1, .code = SymbolCode(base::StrCat("s", i))}));
  }
  EXPECT_GT(slots.size(), 990u);
  EXPECT_LT(*slots.rbegin(), uint32_t{1} << kSlotBits);
}

}  // namespace
}  // namespace batuta::learn
