#include "base/money.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/random.h"

namespace batuta::base {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

TEST(Money, EveryAmountReadsBack) {
  Random random(1, {}, "money", "");
  for (int i = 0; i < 20'000; ++i) {
    const int64_t micros = static_cast<int64_t>(random.Bits()) >> random.Below(64);
    EXPECT_EQ(*ParseAmount(FormatAmount(micros)), micros);
  }
  EXPECT_EQ(*ParseAmount(FormatAmount(kMin)), kMin);
  EXPECT_EQ(*ParseAmount(FormatAmount(kMax)), kMax);
}

TEST(Money, AmountsHaveTwoDecimalsOrAsManyAsTheyNeed) {
  EXPECT_EQ(FormatAmount(12'300'000), "12.30");
  EXPECT_EQ(FormatAmount(0), "0.00");
  EXPECT_EQ(FormatAmount(-1), "-0.000001");
  EXPECT_EQ(FormatAmount(1'234'000), "1.234");
}

TEST(Money, WhatIsNoExactAmountIsRefused) {
  EXPECT_EQ(*ParseAmount("12.3"), 12'300'000);
  EXPECT_EQ(*ParseAmount("007"), 7'000'000);
  for (const char* text :
       {"", "-", ".", "1.", ".5", "+1", "1e3", "1,000", "1.0000001", "--1", " 1",
        "9223372036854.775808", "-9223372036854.775809", "99999999999999999999"}) {
    EXPECT_FALSE(ParseAmount(text).ok()) << text;
  }
}

TEST(Money, CurrencyCodesReadBack) {
  EXPECT_EQ(FormatCurrency(*ParseCurrency("MXN")), "MXN");
  EXPECT_EQ(FormatCurrency({}), "");
  for (const char* code : {"", "MX", "MXNN", "mxn", "M1N"}) EXPECT_FALSE(ParseCurrency(code).ok());
  EXPECT_EQ(FormatMoney({12'300'000, *ParseCurrency("MXN")}), "12.30 MXN");
}

TEST(Money, SumsSaturate) {
  EXPECT_EQ((Money{1} + Money{2}), Money{3});
  EXPECT_EQ((Money{kMax} + Money{1}), Money{kMax});
  EXPECT_EQ((Money{kMin} + Money{-1}), Money{kMin});
  EXPECT_EQ((Money{0} - Money{kMin}), Money{kMax});
  EXPECT_EQ((Money{kMin} - Money{1}), Money{kMin});
}

TEST(MoneyDeathTest, CurrenciesDoNotMix) {
  const Money pesos{1, *ParseCurrency("MXN")};
  const Money euros{1, *ParseCurrency("EUR")};
  EXPECT_DEATH(pesos + euros, "currency");
}

}  // namespace
}  // namespace batuta::base
