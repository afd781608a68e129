// Segments on what people did, in a whole hub: members follow events, late ones too, merges, and
// the passing of time.
#include <gmock/gmock.h>

#include <map>
#include <set>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "base/random.h"
#include "base/text.h"
#include "base/value.h"
#include "engine/hub_testing.h"
#include "engine/segment_testing.h"

namespace batuta::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::string_view kShop = R"(
{kind: hub, name: default, spec: {currency: EUR, timeZone: Europe/Madrid}}
---
{kind: feature, name: spent, spec: {expression: 'events("Bought").sum(e, e.properties.total)'}}
---
{kind: segment, name: abandoned, spec: {rule: 'events("Added").not_followed_by("Bought", "10m").exists()'}}
---
{kind: segment, name: buyers, spec: {rule: 'events("Bought").count() >= 2'}}
---
{kind: segment, name: lapsed, spec: {rule: 'now - events("Bought").last() > duration("2h")'}}
---
{kind: segment, name: recent, spec: {rule: 'events("Bought").within("1h").exists()'}}
---
{kind: segment, name: saving, spec: {rule: 'feature.spent > 100.0 && !("recent" in person.segments)'}}
---
{kind: segment, name: soon, spec: {rule: 'days_until(person.traits.renewal) in [0, 1, 2]'}}
---
{kind: segment, name: today, spec: {rule: 'events("Bought").today().count() >= 1'}}
)";

base::Fields Text(const std::string& name, const std::string& value) {
  base::Fields fields;
  base::SetField(fields, name, base::TextValue(value));
  return fields;
}
base::Fields Number(const std::string& name, double value) {
  base::Fields fields;
  base::SetField(fields, name, base::NumberValue(value));
  return fields;
}

class HubBehaviour : public testing::Test {
 protected:
  using Identifiers = std::vector<std::pair<std::string, std::string>>;

  HubBehaviour() { hub_.Define(kShop); }

  void Do(const std::string& name, Identifiers identifiers, double total = 0,
          base::Duration age = {}) {
    hub_.Append({hub_.Event({.name = name,
                             .identifiers = std::move(identifiers),
                             .properties = Number("total", total),
                             .age = age})});
  }
  void State(const std::string& user, const std::string& trait, const std::string& value) {
    hub_.Append({hub_.Event({.name = "",
                             .identifiers = {{"user_id", user}},
                             .type = profile::EventType::kIdentify,
                             .traits = Text(trait, value)})});
  }
  std::vector<std::string> SegmentsOf(const std::string& type, const std::string& value) {
    const auto row = hub_.Person(type, value);
    if (!row.has_value()) return {};
    const auto names = FoldOf(*row).SegmentsOf(*row);
    return {names.begin(), names.end()};
  }
  std::vector<std::string> SegmentsOf(const std::string& user) {
    return SegmentsOf("user_id", user);
  }
  Fold& FoldOf(const PersonRow& row) {
    return hub_.FoldOf(identity::FromRef(row.identity().id()).partition);
  }
  void CheckAll() {
    for (uint16_t p = 0; p < hub_.hub().partitions(); ++p) {
      EXPECT_EQ(FindSegmentFault(hub_.FoldOf(base::PartitionId{p})), "") << "partition " << p;
    }
  }

  TestHub hub_;
};

TEST_F(HubBehaviour, MembersFollowWhatTheyDo) {
  Do("Bought", {{"user_id", "ana"}}, 60);
  EXPECT_THAT(SegmentsOf("ana"), UnorderedElementsAre("recent", "today"));
  Do("Bought", {{"user_id", "ana"}}, 60);
  EXPECT_THAT(SegmentsOf("ana"), UnorderedElementsAre("recent", "today", "buyers"));
  // Late: it counts, and where it is too old it does not.
  Do("Bought", {{"user_id", "bo"}}, 200, base::Minutes(61));
  EXPECT_THAT(SegmentsOf("bo"), testing::Contains("saving"));
  EXPECT_THAT(SegmentsOf("bo"), testing::Not(testing::Contains("recent")));
  CheckAll();
}

TEST_F(HubBehaviour, TimeAloneMovesThem) {
  Do("Bought", {{"user_id", "ana"}}, 150);
  Do("Added", {{"user_id", "ana"}});
  EXPECT_THAT(SegmentsOf("ana"), UnorderedElementsAre("recent", "today"));
  hub_.Advance(base::Minutes(10));
  EXPECT_THAT(SegmentsOf("ana"), UnorderedElementsAre("recent", "today", "abandoned"));
  hub_.Advance(base::Minutes(50));
  EXPECT_THAT(SegmentsOf("ana"), testing::IsSupersetOf({"saving", "abandoned"}));
  EXPECT_THAT(SegmentsOf("ana"), testing::Not(testing::Contains("recent")));
  hub_.Advance(base::Minutes(61));
  EXPECT_THAT(SegmentsOf("ana"), testing::Contains("lapsed"));
  hub_.Advance(base::Hours(24));
  EXPECT_THAT(SegmentsOf("ana"), UnorderedElementsAre("abandoned", "lapsed", "saving"));
  CheckAll();
}

TEST_F(HubBehaviour, DatesComeNearInThePersonsZone) {
  const base::Time now = hub_.clock().Wall();
  State("ana", "renewal", base::FormatRfc3339(now + base::Days(4)).substr(0, 10));
  EXPECT_THAT(SegmentsOf("ana"), IsEmpty());
  hub_.Advance(base::Days(2));
  EXPECT_THAT(SegmentsOf("ana"), ElementsAre("soon"));
  State("ana", "renewal", base::FormatRfc3339(now + base::Days(90)).substr(0, 10));
  EXPECT_THAT(SegmentsOf("ana"), IsEmpty());
  CheckAll();
}

TEST_F(HubBehaviour, WhoMovesToAnotherZoneHasAnotherToday) {
  Do("Bought", {{"user_id", "ana"}}, 1, base::Hours(23));
  const bool was_today = !testing::Matches(IsEmpty())(SegmentsOf("ana"));
  for (const char* zone : {"Pacific/Kiritimati", "Etc/GMT+12", "Europe/Madrid"}) {
    State("ana", "timezone", zone);
    CheckAll();
  }
  EXPECT_EQ(!testing::Matches(IsEmpty())(SegmentsOf("ana")), was_today);
}

TEST_F(HubBehaviour, OfTwoWhoAreOneTheRulesAreAskedTogether) {
  Do("Bought", {{"anonymous_id", "web"}}, 60);
  Do("Bought", {{"user_id", "ana"}}, 60);
  EXPECT_THAT(SegmentsOf("ana"), UnorderedElementsAre("recent", "today"));
  Do("Seen", {{"user_id", "ana"}, {"anonymous_id", "web"}});
  EXPECT_THAT(SegmentsOf("ana"), UnorderedElementsAre("recent", "today", "buyers"));
  hub_.Advance(base::Hours(1));
  EXPECT_THAT(SegmentsOf("ana"), testing::Contains("saving"));
  CheckAll();
}

TEST_F(HubBehaviour, ANewDefinitionOnFeaturesThatThereAreFindsItsMembers) {
  Do("Bought", {{"user_id", "ana"}}, 150);
  Do("Bought", {{"user_id", "bo"}}, 50);
  hub_.Define("{kind: segment, name: big, spec: {rule: 'feature.spent > 100.0'}}");
  EXPECT_THAT(SegmentsOf("ana"), testing::Contains("big"));
  EXPECT_THAT(SegmentsOf("bo"), testing::Not(testing::Contains("big")));
  // Another meaning of the name is another definition of the segment.
  hub_.Define(
      "{kind: feature, name: spent, spec: {expression: 'events(\"Bought\").sum(e, "
      "e.properties.total) * 10.0'}}");
  EXPECT_THAT(SegmentsOf("bo"), testing::Contains("big"));
  CheckAll();
}

TEST_F(HubBehaviour, ANewDefinitionOnWhatNobodyCountedFindsItsMembersInTheHistory) {
  for (int i = 0; i < 3; ++i) Do("Returned", {{"user_id", "ana"}});
  Do("Returned", {{"anonymous_id", "web"}});
  Do("Seen", {{"user_id", "bo"}, {"anonymous_id", "web"}});
  hub_.Advance(base::Minutes(5));
  hub_.Define(
      "{kind: segment, name: returners, spec: {rule: 'events(\"Returned\").count() >= 2 && "
      "events(\"Returned\").within(\"1h\").exists()'}}");
  EXPECT_THAT(SegmentsOf("ana"), ElementsAre("returners"));
  EXPECT_THAT(SegmentsOf("bo"), IsEmpty());
  Do("Returned", {{"user_id", "bo"}});
  EXPECT_THAT(SegmentsOf("bo"), ElementsAre("returners"));
  hub_.Advance(base::Minutes(56));
  EXPECT_THAT(SegmentsOf("ana"), IsEmpty());
  EXPECT_THAT(SegmentsOf("bo"), ElementsAre("returners"));
  CheckAll();
}

TEST_F(HubBehaviour, NobodyIsInTheSegmentBeforeItsFeaturesAreFound) {
  Do("Returned", {{"user_id", "ana"}});
  hub_.Define("{kind: segment, name: never, spec: {rule: 'events(\"Returned\").count() == 0'}}");
  EXPECT_THAT(SegmentsOf("ana"), IsEmpty());
  const auto row = hub_.Person("user_id", "ana");
  for (const auto& change : row->profile().timeline().head().kind()) {
    EXPECT_NE(change, static_cast<uint32_t>(profile::EntryKind::kSegment));
  }
  CheckAll();
}

TEST_F(HubBehaviour, ASegmentThatIsNewIsTurnedByTimeWithoutAnyEvent) {
  const base::Time now = hub_.clock().Wall();
  State("ana", "ends", base::FormatRfc3339(now + base::Days(4)).substr(0, 10));
  hub_.Define(
      "{kind: segment, name: ending, spec: {rule: 'days_until(person.traits.ends) in [0, 1, 2]'}}");
  EXPECT_THAT(SegmentsOf("ana"), IsEmpty());
  hub_.Advance(base::Days(2));
  EXPECT_THAT(SegmentsOf("ana"), ElementsAre("ending"));
  CheckAll();
}

// What was told of everybody, to compute from it who should be where.
class BehaviourHistory : public HubBehaviour, public testing::WithParamInterface<int> {
 protected:
  struct Happened {
    std::string name;
    std::string anonymous;  // "" if the user said who they are
    std::string user;
    int64_t time = 0;
    double total = 0;
  };

  void Tell(const Happened& happened, base::Duration age, bool twice) {
    Identifiers identifiers;
    if (!happened.user.empty()) identifiers.emplace_back("user_id", happened.user);
    if (!happened.anonymous.empty()) {
      identifiers.emplace_back("anonymous_id", happened.anonymous);
    }
    const log::Entry entry = hub_.Event({.name = happened.name,
                                         .identifiers = identifiers,
                                         .properties = Number("total", happened.total),
                                         .age = age});
    hub_.Append({entry});
    if (twice) hub_.Append({entry});
    happened_.push_back(happened);
    happened_.back().time = (hub_.clock().Wall() - age).micros;
  }

  std::set<std::string> Expected(const std::vector<Happened>& events, int64_t now) {
    constexpr int64_t kMinute = 60'000'000;
    const absl::TimeZone zone = [] {
      absl::TimeZone madrid;
      EXPECT_TRUE(absl::LoadTimeZone("Europe/Madrid", &madrid));
      return madrid;
    }();
    const auto day_of = [&](int64_t time) {
      return absl::ToCivilDay(absl::FromUnixMicros(time), zone);
    };
    int bought = 0;
    double spent = 0;
    bool is_recent = false, is_today = false, is_abandoned = false;
    int64_t last = 0;
    for (const Happened& one : events) {
      if (one.name == "Bought") {
        ++bought;
        spent += one.total;
        last = std::max(last, one.time);
        is_recent |= one.time > now - 60 * kMinute;
        is_today |= day_of(one.time) == day_of(now);
      } else if (one.name == "Added" && one.time + 10 * kMinute <= now) {
        is_abandoned |= std::none_of(events.begin(), events.end(), [&](const Happened& other) {
          return other.name == "Bought" && other.time > one.time &&
                 other.time <= one.time + 10 * kMinute;
        });
      }
    }
    std::set<std::string> segments;
    if (is_abandoned) segments.insert("abandoned");
    if (bought >= 2) segments.insert("buyers");
    if (bought > 0 && now - last > 120 * kMinute) segments.insert("lapsed");
    if (is_recent) segments.insert("recent");
    if (spent > 100 && !is_recent) segments.insert("saving");
    if (is_today) segments.insert("today");
    return segments;
  }

  // Everybody's events by who has their identifier now.
  void CheckMembers() {
    std::map<std::string, std::pair<PersonRow, std::vector<Happened>>> people;
    for (const Happened& happened : happened_) {
      const auto row = happened.user.empty() ? hub_.Person("anonymous_id", happened.anonymous)
                                             : hub_.Person("user_id", happened.user);
      ASSERT_TRUE(row.has_value());
      auto& person = people[identity::FromRef(row->identity().id()).ToString()];
      person.first = *row;
      person.second.push_back(happened);
    }
    for (const auto& [id, person] : people) {
      Fold& fold = FoldOf(person.first);
      const auto names = fold.SegmentsOf(person.first);
      EXPECT_EQ(std::set<std::string>(names.begin(), names.end()),
                Expected(person.second, fold.log_time().micros))
          << id;
    }
  }

  std::vector<Happened> happened_;
};

TEST_P(BehaviourHistory, AfterEveryEventMembersAreWhoTheHistorySays) {
  base::Random random(static_cast<uint64_t>(GetParam()), {}, "behaviour", "");
  for (int step = 0; step < 200; ++step) {
    const uint64_t who = random.Below(6);
    // No two events are of the same moment: which of them was first would have no meaning.
    hub_.clock().Advance(base::Duration{static_cast<int64_t>(1 + random.Below(999'983))});
    const double what = random.Uniform();
    if (what < 0.6) {
      Happened happened{.name = random.Uniform() < 0.5 ? "Bought" : "Added",
                        .anonymous = "",
                        .user = "",
                        .total = static_cast<double>(random.Below(80))};
      // A browser is one person's; some events tell whose.
      const double knows = random.Uniform();
      if (knows < 0.7) happened.anonymous = base::StrCat("a", who, "-", random.Below(3));
      if (knows > 0.5) happened.user = base::StrCat("u", who);
      const bool is_late = random.Uniform() < 0.4;
      Tell(happened,
           is_late ? base::Seconds(static_cast<int64_t>(random.Below(4 * 3600))) : base::Duration{},
           random.Uniform() < 0.2);
    } else if (what < 0.9) {
      hub_.Advance(base::Seconds(static_cast<int64_t>(1 + random.Below(3 * 3600))));
    } else if (what < 0.95) {
      hub_.hub().runtime().RequestCheckpoints();
      hub_.Run();
    } else {
      hub_.Crash(random.Bits());
    }
    CheckMembers();
    CheckAll();
    if (HasFailure()) FAIL() << "after step " << step;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, BehaviourHistory, testing::Range(1, 9));

}  // namespace
}  // namespace batuta::engine
