#include "profile/consent.h"

#include <algorithm>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "profile/hash.h"

namespace batuta::profile {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kMail(16, 'm');

struct About {
  std::string purpose = "marketing";
  std::string channel = "";
  std::string address = "";
};

Consent Make(ConsentStatus status, int64_t time, const About& about = {}, uint64_t offset = 1) {
  ConsentStatement statement;
  statement.purpose = about.purpose;
  statement.channel = about.channel;
  statement.status = status;
  statement.address_hash = about.address;
  return MakeConsent(statement, "web", {.event_time = time, .offset = offset});
}

template <typename Row>
std::string Content(const Row& row) {
  base::ByteWriter writer;
  HashInto(writer, row);
  return writer.Take();
}

TEST(Consent, TheLatestEventTimeDecidesWhateverArrivesLast) {
  Profile profile;
  EXPECT_TRUE(StateConsent(Make(CONSENT_WITHDRAWN, 20), profile));
  EXPECT_FALSE(StateConsent(Make(CONSENT_GRANTED, 10, {}, 99), profile));
  EXPECT_EQ(EffectiveConsent(profile, "marketing", "email"), CONSENT_WITHDRAWN);
  EXPECT_TRUE(StateConsent(Make(CONSENT_GRANTED, 30), profile));
  EXPECT_EQ(EffectiveConsent(profile, "marketing", "email"), CONSENT_GRANTED);
}

TEST(Consent, AtEqualTimesTheMoreRestrictiveStatementDecides) {
  for (const bool grant_first : {true, false}) {
    Profile profile;
    const Consent granted = Make(CONSENT_GRANTED, 20, {}, 9);
    const Consent denied = Make(CONSENT_DENIED, 20, {}, 1);
    StateConsent(grant_first ? granted : denied, profile);
    StateConsent(grant_first ? denied : granted, profile);
    EXPECT_EQ(profile.consents(0).status(), CONSENT_DENIED);
    StateConsent(Make(CONSENT_WITHDRAWN, 20, {}, 1), profile);
    EXPECT_EQ(profile.consents(0).status(), CONSENT_WITHDRAWN);
  }
}

TEST(Consent, AStatementForAChannelAndOneForAllCompeteByTime) {
  Profile profile;
  StateConsent(Make(CONSENT_DENIED, 10), profile);
  StateConsent(Make(CONSENT_GRANTED, 20, {.channel = "email"}), profile);
  EXPECT_EQ(EffectiveConsent(profile, "marketing", "email"), CONSENT_GRANTED);
  EXPECT_EQ(EffectiveConsent(profile, "marketing", "sms"), CONSENT_DENIED);
  StateConsent(Make(CONSENT_WITHDRAWN, 30), profile);
  EXPECT_EQ(EffectiveConsent(profile, "marketing", "email"), CONSENT_WITHDRAWN);
}

TEST(Consent, PersonAndAddressMustBothAllow) {
  Profile profile;
  StateConsent(Make(CONSENT_GRANTED, 30, {.channel = "email"}), profile);
  StateConsent(Make(CONSENT_WITHDRAWN, 10, {.channel = "email", .address = kMail}), profile);
  EXPECT_EQ(EffectiveConsent(profile, "marketing", "email", kMail), CONSENT_WITHDRAWN);
  EXPECT_EQ(EffectiveConsent(profile, "marketing", "email", std::string(16, 'x')), CONSENT_GRANTED);
  EXPECT_EQ(EffectiveConsent(profile, "marketing", "email"), CONSENT_GRANTED);
  EXPECT_EQ(EffectiveConsent(profile, "analytics", "email", kMail), CONSENT_UNKNOWN);
}

TEST(Consent, MoreThanCanBeKeptDeniesEverything) {
  std::vector<Consent> all;
  for (int i = 0; i < kMaxConsents + 20; ++i) {
    all.push_back(Make(CONSENT_GRANTED, 10, {.purpose = base::StrCat("p", 1000 + i)}));
  }
  std::string expected;
  for (uint64_t seed = 0; seed < 5; ++seed) {
    std::mt19937_64 random(seed);
    std::shuffle(all.begin(), all.end(), random);
    Profile a;
    Profile b;
    for (const Consent& consent : all) StateConsent(consent, random() % 2 == 0 ? a : b);
    MergeConsents(b, a);
    EXPECT_EQ(a.consents_size(), kMaxConsents);
    EXPECT_EQ(EffectiveConsent(a, "p1000", "email"), CONSENT_DENIED);
    Profile fresh;
    MergeConsents(a, fresh);
    EXPECT_EQ(EffectiveConsent(fresh, "p1000", "email"), CONSENT_DENIED);
    if (expected.empty()) expected = Content(a);
    EXPECT_EQ(Content(a), expected);
  }
}

TEST(AddressConsent, OnlyRefusalsOutliveAnErasureAndOnlyWhatTheyRefuse) {
  AddressConsent row;
  row.set_address(std::string(16, 'a'));
  const auto state = [&row](std::string_view channel, ConsentStatus status, int64_t time) {
    ConsentStatement statement;
    statement.purpose = "marketing";
    statement.channel = channel;
    statement.status = status;
    statement.text_version = "v1";
    const Stamp stamp = {.event_time = time, .log_time = time, .partition = 3, .offset = 7};
    StateAddressConsent(MakeConsent(statement, "crm", stamp), row);
  };
  state("email", CONSENT_GRANTED, 1);
  EXPECT_FALSE(KeepRefusals(row));
  EXPECT_EQ(row.current_size() + row.history_size(), 0);
  state("email", CONSENT_GRANTED, 2);
  state("", CONSENT_DENIED, 1);
  state("sms", CONSENT_WITHDRAWN, 3);
  EXPECT_TRUE(KeepRefusals(row));
  AddressConsent kept;
  kept.set_address(row.address());
  for (const auto& [channel, status, time] :
       {std::tuple("", CONSENT_DENIED, 1), std::tuple("sms", CONSENT_WITHDRAWN, 3)}) {
    Consent& refusal = *kept.add_current();
    refusal.set_purpose("marketing");
    refusal.set_channel(channel);
    refusal.set_address(row.address());
    refusal.set_status(status);
    refusal.set_event_time(time);
  }
  EXPECT_EQ(row.SerializeAsString(), kept.SerializeAsString());
  EXPECT_EQ(EffectiveAddressConsent(row, "marketing", "email"), CONSENT_DENIED);
  state("email", CONSENT_GRANTED, 5);
  EXPECT_EQ(EffectiveAddressConsent(row, "marketing", "email"), CONSENT_GRANTED);
}

TEST(AddressConsent, AnyOrderAndAnyMergeGiveTheSameRow) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<Consent> all;
    for (uint64_t i = 0; i < 150; ++i) {
      const auto status = static_cast<ConsentStatus>(1 + random() % 3);
      all.push_back(Make(status, static_cast<int64_t>(random() % 60),
                         {.purpose = base::StrCat("p", random() % 4)}, i));
    }
    AddressConsent one;
    one.set_address(kMail);
    AddressConsent left = one;
    AddressConsent right = one;
    for (const Consent& consent : all) StateAddressConsent(consent, one);
    std::shuffle(all.begin(), all.end(), random);
    for (const Consent& consent : all) {
      StateAddressConsent(consent, random() % 2 == 0 ? left : right);
      if (random() % 3 == 0) StateAddressConsent(consent, left);
    }
    MergeAddressConsent(right, left);
    MergeAddressConsent(right, left);
    ASSERT_EQ(Content(left), Content(one)) << "seed " << seed;
    EXPECT_EQ(one.history_size(), kMaxConsentHistory);
    EXPECT_EQ(EffectiveAddressConsent(one, "p0", "email"),
              EffectiveAddressConsent(left, "p0", "email"));
  }
}

// ---- Reading them from events.

base::Fields Object(std::string_view json) { return base::ParseJson(json).value().object(); }

std::vector<std::string> Words(const ParsedConsents& parsed) {
  std::vector<std::string> words;
  for (const ConsentStatement& statement : parsed.statements) {
    words.push_back(base::StrCat(statement.purpose, "/", statement.channel, "=",
                                 ConsentName(statement.status),
                                 statement.address != nullptr ? "@" : ""));
  }
  return words;
}

TEST(ParseConsents, ReadsTheConsentChangedEvent) {
  const base::Fields properties = Object(
      R"({"purpose":"Marketing","channel":"email","status":"withdrawn","address":"a@b.mx",
          "textVersion":"v7"})");
  const ParsedConsents parsed =
      ParseConsents({.event_name = "Consent Changed", .properties = &properties});
  EXPECT_THAT(Words(parsed), ElementsAre("marketing/email=withdrawn@"));
  EXPECT_EQ(parsed.statements[0].text_version, "v7");
  EXPECT_THAT(ParseConsents({.event_name = "Other", .properties = &properties}).statements,
              IsEmpty());
}

TEST(ParseConsents, ReadsTheTraitOfAnIdentify) {
  const base::Fields traits = Object(
      R"({"consents":[{"purpose":"marketing","status":true},
                      {"purpose":"analytics","channel":"web","status":"denied"}]})");
  EXPECT_THAT(Words(ParseConsents({.traits = &traits})),
              ElementsAre("marketing/=granted", "analytics/web=denied"));
}

TEST(ParseConsents, ReadsCategoryPreferencesOfTheContext) {
  const base::Fields context =
      Object(R"({"consent":{"categoryPreferences":{"Advertising":true,"Site Analytics":false}}})");
  EXPECT_THAT(Words(ParseConsents({.context = &context})),
              ElementsAre("advertising/=granted", "site-analytics/=denied"));
}

TEST(ParseConsents, WhatIsNotUnderstoodIsAProblemWithItsPlaceAndTheRestIsKept) {
  const base::Fields traits = Object(
      R"({"consents":[{"purpose":"marketing","status":"maybe"},7,{"status":"granted"},
                      {"purpose":"x","channel":"@","status":"granted"},
                      {"purpose":"ok","status":"granted"}]})");
  const base::Fields context = Object(R"({"consent":{"categoryPreferences":{"ads":"yes"}}})");
  const ParsedConsents parsed = ParseConsents({.traits = &traits, .context = &context});
  EXPECT_THAT(Words(parsed), ElementsAre("ok/=granted"));
  EXPECT_THAT(parsed.problems,
              ElementsAre(HasSubstr("/context/consent/categoryPreferences/ads"),
                          HasSubstr("/traits/consents/0/status"), HasSubstr("/traits/consents/1"),
                          HasSubstr("/traits/consents/2/purpose"),
                          HasSubstr("/traits/consents/3/channel")));
}

}  // namespace
}  // namespace batuta::profile
