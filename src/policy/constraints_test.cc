#include "policy/constraints.h"

#include <gtest/gtest.h>

#include <string>

#include "resource/yaml.h"

namespace batuta::policy {
namespace {

absl::TimeZone Zone(const std::string& name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone));
  return zone;
}

base::Time At(const std::string& text) { return *base::ParseTime(text); }

TEST(Constraints, PeriodsAreThoseOfTheCompanysCalendar) {
  const absl::TimeZone mexico = Zone("America/Mexico_City");  // six hours behind
  const base::Time now = At("2026-11-25T03:30:00Z");          // Tuesday evening there
  const auto period = [&](Per per) { return PeriodOf({.per = per}, now, mexico); };
  EXPECT_EQ(period(Per::kHour).start, At("2026-11-25T03:00:00Z"));
  EXPECT_EQ(period(Per::kHour).end, At("2026-11-25T04:00:00Z"));
  EXPECT_EQ(period(Per::kDay).start, At("2026-11-24T06:00:00Z"));
  EXPECT_EQ(period(Per::kDay).end, At("2026-11-25T06:00:00Z"));
  EXPECT_EQ(period(Per::kWeek).start, At("2026-11-23T06:00:00Z"));
  EXPECT_EQ(period(Per::kWeek).end, At("2026-11-30T06:00:00Z"));
  EXPECT_EQ(period(Per::kMonth).start, At("2026-11-01T06:00:00Z"));
  EXPECT_EQ(period(Per::kCampaign).start, base::kDistantPast);
  EXPECT_EQ(period(Per::kCampaign).end, base::kDistantFuture);
}

TEST(Constraints, AnHourThatTheClockRepeatsIsTwo) {
  const absl::TimeZone berlin = Zone("Europe/Berlin");
  const Constraint hourly{.per = Per::kHour};
  const Period first = PeriodOf(hourly, At("2026-10-25T00:30:00Z"), berlin);   // 02:30
  const Period second = PeriodOf(hourly, At("2026-10-25T01:30:00Z"), berlin);  // 02:30 again
  EXPECT_EQ(first.end, second.start);
  // Where offsets are not whole hours, hours begin when the clock says so.
  const Period nepal = PeriodOf(hourly, At("2026-10-25T01:30:00Z"), Zone("Asia/Kathmandu"));
  EXPECT_EQ(nepal.start, At("2026-10-25T01:15:00Z"));
}

TEST(Constraints, OutsideOfItsDatesNothingIsOpen) {
  const Constraint campaign{.per = Per::kCampaign,
                            .starts = At("2026-12-01T00:00:00Z"),
                            .ends = At("2026-12-24T00:00:00Z")};
  const absl::TimeZone utc = absl::UTCTimeZone();
  EXPECT_FALSE(PeriodOf(campaign, At("2026-11-30T23:59:59Z"), utc).is_open);
  EXPECT_TRUE(PeriodOf(campaign, At("2026-12-01T00:00:00Z"), utc).is_open);
  EXPECT_FALSE(PeriodOf(campaign, At("2026-12-24T00:00:00Z"), utc).is_open);
}

TEST(Constraints, AnEvenPaceAllowsInStepsAndAllInTheEnd) {
  const Constraint even{.limit = 5000, .per = Per::kDay, .even = true};
  const base::Time start = At("2026-11-25T00:00:00Z");
  const base::Time end = start + base::Days(1);
  const LeaseKey key = KeyOf(even, {.start = start, .end = end});
  const auto allowed = [&](base::Duration age) { return AllowedAt(even, key, end, start + age); };
  EXPECT_EQ(allowed({}), 50);  // a hundredth ahead
  EXPECT_EQ(allowed(base::Hours(12)), 2550);
  EXPECT_EQ(allowed(base::Hours(24)), 5000);
  EXPECT_EQ(allowed(base::Hours(99)), 5000);
  for (const int64_t amount : {51, 2551, 4321, 5000}) {
    const base::Time from = AllowsFrom(even, key, end, amount);
    EXPECT_GE(AllowedAt(even, key, end, from), amount);
    EXPECT_LT(AllowedAt(even, key, end, from - base::Duration{1}), amount);
  }
  EXPECT_EQ(AllowsFrom(even, key, end, 5001), base::kDistantFuture);
  EXPECT_EQ(AllowedAt({.limit = 5000}, key, end, start), 5000);
}

TEST(Constraints, ABudgetTakesTheCostAndACapacityOne) {
  const Offer sms{.action = "card", .group = "credit", .channel = "sms", .placement = "home"};
  EXPECT_EQ(UseOf({.limit = 100, .only = {.channels = {"sms"}}}, sms, 7), 7);
  EXPECT_EQ(UseOf({.limit = 100, .only = {.channels = {"web"}}}, sms, 7), 0);
  EXPECT_EQ(UseOf({.limit = 100}, sms, 1'000'000), 101);  // more than there is
  const Constraint calls{.kind = ConstraintKind::kCapacity, .limit = 5};
  EXPECT_EQ(UseOf(calls, sms, 7), 1);
}

TEST(Constraints, KeysComeBackFromBytes) {
  const Constraint day{.name = "daily", .per = Per::kDay};
  const LeaseKey key = KeyOf(day, {.start = At("1969-11-25T00:00:00Z"), .end = {}});
  EXPECT_EQ(DecodeLeaseKey(Encode(key)).SerializeAsString(), key.SerializeAsString());
  LeaseKey later = key;
  later.set_start(key.start() + 1);
  EXPECT_LT(Encode(key), Encode(later));
}

TEST(Constraints, AreReadFromResources) {
  constexpr std::string_view kYaml =
      "{kind: budget, name: cards, spec: {limit: {amount: \"12.50\", currency: MXN}, per: week, "
      "pace: even, only: {groups: [credit]}}}\n"
      "---\n{kind: capacity, name: calls, spec: {max: 40, per: hour, only: {channels: [call]}}}\n";
  auto parsed = resource::ParseDocuments(kYaml, "a.yaml", resource::Format::kYaml);
  ASSERT_TRUE(parsed.problems.empty());
  const resource::ResourceSet set =
      resource::ResourceSet().After({.documents = std::move(parsed.documents), .removals = {}}, {});
  const Constraints constraints = Constraints::Compile(set);
  ASSERT_EQ(constraints.all().size(), 2u);
  const Constraint* cards = constraints.Find(ConstraintKind::kBudget, "cards");
  ASSERT_NE(cards, nullptr);
  EXPECT_EQ(cards->limit, 12'500'000);
  EXPECT_EQ(cards->per, Per::kWeek);
  EXPECT_TRUE(cards->even);
  EXPECT_EQ(cards->only.groups.at(0), "credit");
  const Constraint* calls = constraints.Find(ConstraintKind::kCapacity, "calls");
  ASSERT_NE(calls, nullptr);
  EXPECT_EQ(calls->limit, 40);
  EXPECT_EQ(calls->per, Per::kHour);
  LeaseKey other = KeyOf(*calls, {});
  EXPECT_EQ(constraints.Find(other), calls);
  other.set_per(static_cast<uint32_t>(Per::kDay));
  EXPECT_EQ(constraints.Find(other), nullptr);
}

}  // namespace
}  // namespace batuta::policy
