#include "profile/preference.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace batuta::profile {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Preference Make(PreferenceKind kind, std::string name, base::Value value, int64_t time) {
  PreferenceStatement statement;
  statement.kind = kind;
  statement.name = std::move(name);
  statement.value = std::move(value);
  return MakePreference(statement, "center", {.event_time = time, .offset = 1});
}

TEST(Preference, TheNewestStatementHoldsAndANullTakesItBack) {
  Profile profile;
  EXPECT_TRUE(
      StatePreference(Make(PREFERENCE_TOPIC, "sports", base::BooleanValue(false), 20), profile));
  EXPECT_FALSE(
      StatePreference(Make(PREFERENCE_TOPIC, "sports", base::BooleanValue(true), 10), profile));
  ASSERT_NE(FindPreference(profile, PREFERENCE_TOPIC, "sports"), nullptr);
  EXPECT_FALSE(FindPreference(profile, PREFERENCE_TOPIC, "sports")->value().boolean());
  EXPECT_EQ(FindPreference(profile, PREFERENCE_CHANNEL, "sports"), nullptr);
  StatePreference(Make(PREFERENCE_TOPIC, "sports", base::NullValue(), 30), profile);
  EXPECT_EQ(FindPreference(profile, PREFERENCE_TOPIC, "sports"), nullptr);
}

TEST(Preference, BeyondTheLimitAnyOrderKeepsTheSame) {
  std::vector<Preference> all;
  for (int i = 0; i < kMaxPreferences + 30; ++i) {
    all.push_back(Make(PREFERENCE_TOPIC, base::StrCat("t", 1000 + i), base::BooleanValue(true), i));
  }
  std::string expected;
  for (uint64_t seed = 0; seed < 4; ++seed) {
    std::mt19937_64 random(seed);
    std::shuffle(all.begin(), all.end(), random);
    Profile a;
    Profile b;
    for (const Preference& preference : all) {
      StatePreference(preference, random() % 2 == 0 ? a : b);
    }
    MergePreferences(b, a);
    EXPECT_EQ(a.preferences_size(), kMaxPreferences);
    if (expected.empty()) expected = a.SerializeAsString();
    EXPECT_EQ(a.SerializeAsString(), expected);
  }
}

TEST(ParsePreferences, ReadsTheEventAndTheTrait) {
  const base::Fields properties =
      base::ParseJson(R"({"kind":"pause","value":"2026-12-24T00:00:00Z","soft":true})")
          .value()
          .object();
  const base::Fields traits =
      base::ParseJson(
          R"({"preferences":[{"kind":"channel","name":"Email","value":false},
                         {"kind":"pause","value":"soon"},{"kind":"colour","value":1},
                         {"kind":"topic","name":"x"},"y"]})")
          .value()
          .object();
  const ParsedPreferences parsed = ParsePreferences(
      {.event_name = "Preference Changed", .properties = &properties, .traits = &traits});
  ASSERT_EQ(parsed.statements.size(), 2u);
  EXPECT_EQ(parsed.statements[0].kind, PREFERENCE_CHANNEL);
  EXPECT_EQ(parsed.statements[0].name, "email");
  EXPECT_FALSE(parsed.statements[0].soft);
  EXPECT_EQ(parsed.statements[1].kind, PREFERENCE_PAUSE);
  EXPECT_TRUE(parsed.statements[1].soft);
  EXPECT_THAT(
      parsed.problems,
      ElementsAre(HasSubstr("/traits/preferences/1/value"), HasSubstr("/traits/preferences/2/kind"),
                  HasSubstr("/traits/preferences/3/value"), HasSubstr("/traits/preferences/4")));
}

}  // namespace
}  // namespace batuta::profile
