#include "profile/apply.h"

#include <string>
#include <vector>

#include "base/json.h"
#include "base/value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "profile/view.h"

namespace batuta::profile {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

base::Fields Object(std::string_view json) { return base::ParseJson(json).value().object(); }

EventFacts Event(EventType type, std::string_view name, int64_t time, uint64_t offset) {
  EventFacts event;
  event.type = type;
  event.name = name;
  event.event_time = base::Time{time};
  event.log_time = base::Time{time + 1};
  event.position = {base::PartitionId{0}, base::Offset{offset}};
  event.source = "web";
  return event;
}

TEST(ApplyEvent, AnIdentifyStatesTraitsAndReportsThoseThatChanged) {
  const Rules rules;
  Profile profile;
  const base::Fields traits = Object(R"({"plan":"gold","city":"Puebla","consents":[1]})");
  EventFacts event = Event(EventType::kIdentify, "", 10, 1);
  event.traits = &traits;
  EXPECT_THAT(ApplyEvent(rules, event, profile).traits, ElementsAre("plan", "city"));
  EXPECT_EQ(Trait(rules, profile, "plan")->text(), "gold");
  EXPECT_EQ(Trait(rules, profile, "consents"), nullptr);

  const base::Fields again = Object(R"({"plan":"gold","city":"Oaxaca"})");
  EventFacts later = Event(EventType::kIdentify, "", 20, 2);
  later.traits = &again;
  EXPECT_THAT(ApplyEvent(rules, later, profile).traits, ElementsAre("city"));
  EXPECT_EQ(profile.counters_size(), 0);
}

TEST(ApplyEvent, CountsTracksByNameAndPagesAndScreensAlsoTogether) {
  const Rules rules;
  Profile profile;
  ApplyEvent(rules, Event(EventType::kTrack, "Order Completed", 20, 1), profile);
  ApplyEvent(rules, Event(EventType::kTrack, "Order Completed", 10, 2), profile);
  ApplyEvent(rules, Event(EventType::kPage, "Home", 30, 3), profile);
  ApplyEvent(rules, Event(EventType::kPage, "", 40, 4), profile);
  ApplyEvent(rules, Event(EventType::kScreen, "Cart", 50, 5), profile);
  const Counter* orders = FindCounter(profile, "Order Completed");
  ASSERT_NE(orders, nullptr);
  EXPECT_EQ(orders->count(), 2u);
  EXPECT_EQ(orders->first_time(), 10);
  EXPECT_EQ(orders->first_offset(), 2u);
  EXPECT_EQ(orders->last_time(), 20);
  EXPECT_EQ(FindCounter(profile, "page")->count(), 2u);
  EXPECT_EQ(FindCounter(profile, "page: Home")->count(), 1u);
  EXPECT_EQ(FindCounter(profile, "screen")->count(), 1u);
  EXPECT_EQ(FindCounter(profile, "screen: Cart")->count(), 1u);
  EXPECT_EQ(FindCounter(profile, "nothing"), nullptr);
}

TEST(ApplyEvent, FirstAndLastSeenGoByEventTime) {
  const Rules rules;
  Profile profile;
  ApplyEvent(rules, Event(EventType::kTrack, "a", 20, 1), profile);
  ApplyEvent(rules, Event(EventType::kTrack, "a", -5, 2), profile);
  ApplyEvent(rules, Event(EventType::kTrack, "a", 10, 3), profile);
  EXPECT_EQ(profile.first_seen(), -5);
  EXPECT_EQ(profile.last_seen(), 20);
  EXPECT_EQ(profile.timeline().total(), 3u);
}

TEST(ApplyEvent, ConsentsPreferencesAndGroupsAreTaken) {
  const Rules rules;
  Profile profile;
  const base::Fields properties = Object(R"({"purpose":"marketing","status":"granted"})");
  const ParsedConsents consents =
      ParseConsents({.event_name = kConsentChanged, .properties = &properties});
  const PreferenceStatement preference{
      .kind = PREFERENCE_CHANNEL, .name = "sms", .value = base::BooleanValue(false), .soft = false};
  const std::string hash(16, 'g');
  const GroupStatement group{.group = hash, .id = "acme", .role = "admin"};
  EventFacts event = Event(EventType::kTrack, kConsentChanged, 10, 1);
  event.cause = Cause::kImport;
  event.consents = consents.statements;
  event.preferences = {&preference, 1};
  event.group = &group;
  const EventChanges changes = ApplyEvent(rules, event, profile);
  EXPECT_TRUE(changes.consents && changes.preferences && changes.groups);
  EXPECT_EQ(changes.cause, Cause::kImport);
  EXPECT_EQ(EffectiveConsent(profile, "marketing", "email"), CONSENT_GRANTED);
  EXPECT_NE(FindPreference(profile, PREFERENCE_CHANNEL, "sms"), nullptr);
  EXPECT_EQ(profile.groups_size(), 1);

  const EventChanges again = ApplyEvent(rules, event, profile);
  EXPECT_FALSE(again.consents || again.preferences || again.groups);
  EXPECT_THAT(again.traits, IsEmpty());
}

TEST(ApplyEvent, AFullHeadHandsOutABlock) {
  const Rules rules;
  Profile profile;
  int spills = 0;
  for (int i = 0; i < 97; ++i) {
    const EventChanges changes =
        ApplyEvent(rules, Event(EventType::kTrack, "a", i, static_cast<uint64_t>(i + 1)), profile);
    spills += static_cast<int>(changes.timeline.spills.size());
  }
  EXPECT_EQ(spills, 2);
}

TEST(ApplyEvent, CountersOfUnboundedNamesAreBounded) {
  const Rules rules;
  Profile profile;
  for (int i = 0; i < kMaxCounters + 100; ++i) {
    ApplyEvent(
        rules,
        Event(EventType::kTrack, std::to_string(100'000 + i), i, static_cast<uint64_t>(i + 1)),
        profile);
  }
  ApplyEvent(rules, Event(EventType::kTrack, std::string(300, 'x'), 1, 1), profile);
  EXPECT_EQ(profile.counters_size(), kMaxCounters);
  EXPECT_NE(FindCounter(profile, "100000"), nullptr);
}

}  // namespace
}  // namespace batuta::profile
