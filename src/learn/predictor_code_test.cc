#include "learn/predictor_code.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace batuta::learn {
namespace {

TEST(NumberCode, RisesWithTheNumber) {
  const double numbers[] = {-1e300, -5000, -1.5, -1,   -1e-3, 0,     1e-3, 0.5,  1,
                            1.5,    2,     1999, 2000, 4.855, 4.968, 1e12, 1e300};
  for (const double a : numbers) {
    for (const double b : numbers) {
      EXPECT_TRUE(a >= b || OrderOf(NumberCode(a)) <= OrderOf(NumberCode(b))) << a << " " << b;
    }
  }
  EXPECT_LT(OrderOf(NumberCode(4.855)), OrderOf(NumberCode(4.968)));
}

TEST(NumberCode, TellsWholeNumbersApart) {
  for (int i = -2048; i < 2048; ++i) {
    EXPECT_LT(OrderOf(NumberCode(i)), OrderOf(NumberCode(i + 1))) << i;
    EXPECT_EQ(ValueOfOrder(OrderOf(NumberCode(i))), i);
  }
}

TEST(NumberCode, IsWithinATenthOfAPercent) {
  for (double value = 1e-5; value < 1e12; value *= 1.37) {
    const double again = ValueOfOrder(OrderOf(NumberCode(value)));
    EXPECT_LE(again, value);
    EXPECT_GT(again, value * 0.999);
    EXPECT_EQ(ValueOfOrder(OrderOf(NumberCode(-value))), -again);
  }
}

TEST(NumberCode, EndsAreClosed) {
  EXPECT_EQ(NumberCode(std::numeric_limits<double>::quiet_NaN()), kMissingCode);
  EXPECT_EQ(NumberCode(std::numeric_limits<double>::infinity()), NumberCode(1e300));
  EXPECT_EQ(NumberCode(-0.0), NumberCode(0.0));
  EXPECT_EQ(ValueOfOrder(OrderOf(NumberCode(1e-9))), 0);
}

TEST(Codes, SayWhatTheyAreOf) {
  EXPECT_TRUE(IsNumber(NumberCode(-7)));
  EXPECT_FALSE(IsSymbol(NumberCode(-7)));
  EXPECT_TRUE(IsSymbol(SymbolCode("")));
  EXPECT_TRUE(IsSymbol(kRemainingCode));
  EXPECT_FALSE(IsNumber(kMissingCode) || IsSymbol(kMissingCode));
  EXPECT_NE(SymbolCode("gold"), SymbolCode("silver"));
  EXPECT_NE(PredictorKey("age"), PredictorKey("plan"));
  for (int32_t order : {0, 1, -1, 65536, -65536}) EXPECT_EQ(OrderOf(CodeOfOrder(order)), order);
}

TEST(LabelOf, CutsBetweenCharacters) {
  EXPECT_EQ(LabelOf("gold"), "gold");
  const std::string accents = "a" + [] {
    std::string text;
    for (int i = 0; i < 40; ++i) text += "é";
    return text;
  }();
  EXPECT_EQ(LabelOf(accents).size(), 63u);
}

}  // namespace
}  // namespace batuta::learn
