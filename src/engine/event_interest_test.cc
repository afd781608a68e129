#include "engine/event_interest.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "profile/counter.h"
#include "profile/timeline.h"

namespace batuta::engine {
namespace {

using profile::EntryKind;

EventInterest In(std::string_view aggregate) {
  EventInterest interest;
  interest.Add(*feature::ParseSpec(aggregate).spec);
  return interest;
}

bool IsOf(const EventInterest& interest, EntryKind kind) {
  return interest.IsOf(static_cast<uint32_t>(kind));
}

profile::Profile Who(std::string_view name, int64_t time) {
  profile::Profile profile;
  profile::CountEvent(name, {time}, {}, profile);
  return profile;
}

TEST(EventInterest, IsInNothingAtFirst) {
  const EventInterest none;
  EXPECT_FALSE(IsOf(none, EntryKind::kTrack));
  EXPECT_FALSE(none.MayHave(Who("Bought", 5), 0));
}

TEST(EventInterest, LeavesOutWhatTheNameCannotBe) {
  const EventInterest bought = In(R"(events("Bought").count())");
  EXPECT_TRUE(IsOf(bought, EntryKind::kTrack));
  EXPECT_FALSE(IsOf(bought, EntryKind::kPage));
  EXPECT_FALSE(IsOf(bought, EntryKind::kIdentify));
  EXPECT_FALSE(IsOf(bought, EntryKind::kDecision));
  EXPECT_TRUE(IsOf(In(R"(events("page: Pricing").count())"), EntryKind::kPage));
  EXPECT_TRUE(IsOf(In(R"(events("page: Pricing").count())"), EntryKind::kTrack));
  EXPECT_TRUE(IsOf(In(R"(events("screen").exists())"), EntryKind::kScreen));
  EXPECT_TRUE(IsOf(In(R"(events("identify").count())"), EntryKind::kIdentify));
  EXPECT_TRUE(IsOf(In("events().count()"), EntryKind::kGroup));
  EXPECT_FALSE(IsOf(In("events().count()"), EntryKind::kSegment));
  EXPECT_TRUE(
      IsOf(In(R"(events("Cart").not_followed_by("page", "1h").exists())"), EntryKind::kPage));
}

TEST(EventInterest, KnowsFromTheCountersWhoDidNothingOfTheKind) {
  const EventInterest bought = In(R"(events("Bought").count())");
  EXPECT_TRUE(bought.MayHave(Who("Bought", 5), 4));
  EXPECT_FALSE(bought.MayHave(Who("Bought", 5), 5));
  EXPECT_FALSE(bought.MayHave(Who("Seen", 5), 4));
  EXPECT_TRUE(In(R"(events("Bought", "Seen").count())").MayHave(Who("Seen", 5), 4));
  EXPECT_TRUE(In(R"(sequence("1d", step(a, "Seen"), step(b, "Bought")).exists())")
                  .MayHave(Who("Seen", 5), 4));
}

TEST(EventInterest, TrustsNoCounterThatThereCannotBe) {
  EXPECT_TRUE(In("events().count()").MayHave(Who("Seen", 5), 4));
  EXPECT_TRUE(In(R"(events("identify").count())").MayHave(Who("Seen", 5), 4));
  EXPECT_TRUE(In(base::StrCat("events(\"", std::string(300, 'x'), "\").count()"))
                  .MayHave(Who("Seen", 5), 4));
  profile::Profile full;
  for (int i = 0; i < profile::kMaxCounters; ++i) {
    profile::CountEvent(base::StrCat("a", i), {5}, {}, full);
  }
  EXPECT_TRUE(In(R"(events("Bought").count())").MayHave(full, 4));
}

}  // namespace
}  // namespace batuta::engine
