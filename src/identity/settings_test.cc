#include "identity/settings.h"

#include <string>

#include "base/value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "identity/normalise.h"

namespace batuta::identity {
namespace {

using ::testing::HasSubstr;

base::Fields Type(const std::string& name, double priority) {
  base::Fields type;
  base::SetField(type, "type", base::TextValue(name));
  base::SetField(type, "priority", base::NumberValue(priority));
  return type;
}

base::Fields Spec(const std::vector<base::Fields>& types) {
  base::Value list;
  for (const base::Fields& type : types)
    *list.mutable_list()->add_values()->mutable_object() = type;
  base::Fields spec;
  base::SetField(spec, "identifiers", list);
  return spec;
}

TEST(Settings, DefaultsAreThoseOfTheField) {
  const Settings settings;
  EXPECT_TRUE(settings.Of("user_id").unique);
  EXPECT_EQ(settings.Of("email").limit, 5u);
  EXPECT_EQ(settings.Of("email").window, base::Days(365));
  EXPECT_EQ(settings.Of("anonymous_id").window, base::Days(7));
  EXPECT_TRUE(settings.Of("anonymous_id").weak);
  EXPECT_EQ(settings.Of("loyalty_card").limit, 5u);
  EXPECT_EQ(settings.max_identifiers(), 1000u);
  EXPECT_EQ(settings.max_merges(), 100u);
}

TEST(Settings, StrengthIsPriorityThenName) {
  const Settings settings;
  EXPECT_TRUE(settings.IsStrongerType("user_id", "email"));
  EXPECT_TRUE(settings.IsStrongerType("email", "anonymous_id"));
  EXPECT_TRUE(settings.IsStrongerType("anonymous_id", "device_id"));
  EXPECT_FALSE(settings.IsStrongerType("email", "email"));
  EXPECT_GT(settings.RankOf("user_id"), settings.RankOf("email"));
  EXPECT_GT(settings.RankOf("email"), settings.RankOf("phone"));
  EXPECT_GT(settings.RankOf("phone"), settings.RankOf("anonymous_id"));
}

TEST(Settings, ResourceSaysWhatItListsAndLeavesTheRest) {
  base::Fields email = Type("email", 2);
  base::SetField(email, "limit", base::NumberValue(3));
  base::SetField(email, "window", base::TextValue("monthly"));
  base::Value blocked;
  *blocked.mutable_list()->add_values() = base::TextValue("Test@Test.com");
  base::SetField(email, "blocked", blocked);
  const auto settings = Settings::Compile(Spec({email}));
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->Of("email").limit, 3u);
  EXPECT_EQ(settings->Of("email").window, base::Days(30));
  EXPECT_TRUE(settings->Of("user_id").unique);
  EXPECT_EQ(Normalise(*settings, "email", "TEST@test.com").blocked, "blocked value");
}

TEST(Settings, BlockedPatternIsSearched) {
  base::Fields card = Type("card", 9);
  base::Value patterns;
  *patterns.mutable_list()->add_values() = base::TextValue("^9+$");
  base::SetField(card, "blockedPatterns", patterns);
  const auto settings = Settings::Compile(Spec({card}));
  ASSERT_TRUE(settings.ok());
  EXPECT_FALSE(Normalise(*settings, "card", "9999").blocked.empty());
  EXPECT_TRUE(Normalise(*settings, "card", "9991").blocked.empty());
}

TEST(Settings, EveryProblemIsNamedWithItsPlace) {
  base::Fields bad = Type("email", 0.5);
  base::SetField(bad, "window", base::TextValue("hourly"));
  base::Value patterns;
  *patterns.mutable_list()->add_values() = base::TextValue("(");
  base::SetField(bad, "blockedPatterns", patterns);
  base::Fields both = Type("card", 3);
  base::SetField(both, "unique", base::BooleanValue(true));
  base::SetField(both, "weak", base::BooleanValue(true));
  const absl::Status status = Settings::Compile(Spec({bad, both, Type("card", 4)})).status();
  const std::string message(status.message());
  EXPECT_THAT(message, HasSubstr("identifiers[0].priority: must be a whole number from 1 to 255"));
  EXPECT_THAT(message, HasSubstr("identifiers[0].window: must be one of ever"));
  EXPECT_THAT(message, HasSubstr("identifiers[0].blockedPatterns: \"(\""));
  EXPECT_THAT(message, HasSubstr("identifiers[1].weak"));
  EXPECT_THAT(message, HasSubstr("identifiers[2].type: card is listed twice"));
}

}  // namespace
}  // namespace batuta::identity
