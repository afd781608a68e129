#include "identity/normalise.h"

#include <string>

#include "base/value.h"
#include "gtest/gtest.h"

namespace batuta::identity {
namespace {

std::string Value(std::string_view type, std::string_view value) {
  return Normalise(Settings(), type, value).value;
}
bool IsBlocked(std::string_view type, std::string_view value) {
  return !Normalise(Settings(), type, value).blocked.empty();
}

TEST(Normalise, MailIsTrimmedAndLowered) {
  EXPECT_EQ(Value("email", "  Jane@Example1.COM\n"), "jane@example1.com");
  EXPECT_EQ(Value("email", "Ñandú@exämple.mx"), "Ñandú@exämple.mx");
}

TEST(Normalise, WhatIsNoMailIsNobodys) {
  for (const char* value : {"jane", "@a.b", "jane@", "a b@c.d"}) {
    EXPECT_TRUE(IsBlocked("email", value)) << value;
  }
}

TEST(Normalise, UserIdKeepsItsCase) { EXPECT_EQ(Value("user_id", " Abc123 "), "Abc123"); }

TEST(Normalise, PhoneIsE164) {
  EXPECT_EQ(Value("phone", "+52 (55) 1234-5678"), "+525512345678");
  EXPECT_EQ(Value("phone", "55 1234 5678"), "+525512345678");
  EXPECT_EQ(Value("phone", "0052 55 1234 5678"), "+525512345678");
  EXPECT_EQ(Value("phone", "+52 1 55 1234 5678"), "+525512345678");
  EXPECT_EQ(Value("phone", "525512345678"), "+525512345678");
  EXPECT_EQ(Value("phone", "+1 (415) 555.0100"), "+14155550100");
}

TEST(Normalise, PhoneOfACountryWithATrunkZero) {
  base::Fields spec;
  base::SetField(spec, "defaultCountry", base::TextValue("DE"));
  const Settings settings = *Settings::Compile(spec);
  EXPECT_EQ(Normalise(settings, "phone", "030 1234567").value, "+49301234567");
}

TEST(Normalise, WhatIsNoPhoneIsNobodys) {
  for (const char* value : {"12", "call me", "+1234567890123456", "+0000000000"}) {
    EXPECT_TRUE(IsBlocked("phone", value)) << value;
  }
}

TEST(Normalise, PlaceholdersAreNobodysUnderAnyType) {
  for (const char* value : {"", "  ", "0", "000-000", "-1", "null", "NULL", "(null)", "undefined",
                            "anonymous", "None"}) {
    EXPECT_TRUE(IsBlocked("user_id", value)) << value;
    EXPECT_TRUE(IsBlocked("loyalty_card", value)) << value;
  }
  EXPECT_FALSE(IsBlocked("user_id", "nullable"));
  EXPECT_FALSE(IsBlocked("user_id", "10"));
}

TEST(Normalise, BrokenOrOverlongValuesAreNobodys) {
  EXPECT_TRUE(IsBlocked("user_id", "\xC3\x28"));
  EXPECT_TRUE(IsBlocked("user_id", std::string(513, 'x')));
  EXPECT_FALSE(IsBlocked("user_id", std::string(512, 'x')));
}

TEST(Normalise, OneInputForEachTypeAndValue) {
  EXPECT_NE(HashInput("a", "bc"), HashInput("ab", "c"));
  EXPECT_EQ(HashInput("email", "a@b.c"), HashInput("email", "a@b.c"));
}

}  // namespace
}  // namespace batuta::identity
