#include "identity/calling_code.h"

#include <gtest/gtest.h>

namespace batuta::identity {
namespace {

TEST(CountryOfPhone, IsThatOfTheCallingCode) {
  EXPECT_EQ(CountryOfPhone("+525512345678"), "MX");
  EXPECT_EQ(CountryOfPhone("+34612345678"), "ES");
  EXPECT_EQ(CountryOfPhone("+390612345678"), "IT");
  EXPECT_EQ(CountryOfPhone("+5021234567"), "GT");
  EXPECT_EQ(CountryOfPhone("+59812345678"), "UY");
  EXPECT_EQ(CountryOfPhone("+8613912345678"), "CN");
  EXPECT_EQ(CountryOfPhone("+886912345678"), "TW");
  EXPECT_EQ(CountryOfPhone("+99812345678"), "UZ");
}

TEST(CountryOfPhone, RussiaAndKazakhstanDivideSeven) {
  EXPECT_EQ(CountryOfPhone("+79161234567"), "RU");
  EXPECT_EQ(CountryOfPhone("+77011234567"), "KZ");
}

TEST(CountryOfPhone, AreaCodesDivideTheNumbersOfNorthAmerica) {
  EXPECT_EQ(CountryOfPhone("+12125550100"), "US");
  EXPECT_EQ(CountryOfPhone("+14165550100"), "CA");
  EXPECT_EQ(CountryOfPhone("+19025550100"), "CA");
  EXPECT_EQ(CountryOfPhone("+18095550100"), "DO");
  EXPECT_EQ(CountryOfPhone("+18495550100"), "DO");
  EXPECT_EQ(CountryOfPhone("+17875550100"), "PR");
  EXPECT_EQ(CountryOfPhone("+18765550100"), "JM");
  EXPECT_EQ(CountryOfPhone("+13405550100"), "VI");
}

TEST(CountryOfPhone, IsNotToldOfNumbersThatAreNoCountrys) {
  EXPECT_EQ(CountryOfPhone("+18005550100"), "");
  EXPECT_EQ(CountryOfPhone("+19005550100"), "");
  EXPECT_EQ(CountryOfPhone("+80012345678"), "");
  EXPECT_EQ(CountryOfPhone("+882123456789"), "");
  EXPECT_EQ(CountryOfPhone("+2101234567"), "");
  EXPECT_EQ(CountryOfPhone("+1"), "");
  EXPECT_EQ(CountryOfPhone(""), "");
  EXPECT_EQ(CountryOfPhone("5512345678"), "");
}

}  // namespace
}  // namespace batuta::identity
