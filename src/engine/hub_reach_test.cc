// New features reach back: found from the history they are what they would be had they always been
// defined, whatever goes on meanwhile.
#include <gtest/gtest.h>

#include "base/random.h"
#include "base/text.h"
#include "base/value.h"
#include "engine/hub_testing.h"
#include "engine/person_history.h"
#include "engine/person_traits.h"
#include "engine/runtime_reach.h"
#include "feature/catalogue.h"

namespace batuta::engine {
namespace {

constexpr std::string_view kCounts = R"(
{kind: feature, name: views, spec: {expression: 'events("Viewed").count()'}}
---
{kind: feature, name: views_1h, spec: {expression: 'events("Viewed").within("1h").count()'}}
---
{kind: feature, name: spent, spec: {expression: 'events("Bought").sum(e, e.properties.amount)'}}
)";
constexpr std::string_view kMore = R"(
{kind: feature, name: most, spec: {expression: 'events("Bought").within("2h").max(e, e.properties.amount)'}}
---
{kind: feature, name: first, spec: {expression: 'events().first()'}}
---
{kind: feature, name: left, spec: {expression: 'events("Viewed").not_followed_by("Bought", "10m").exists()'}}
---
{kind: feature, name: amounts, spec: {expression: 'events("Bought").distinct(e, e.properties.amount)'}}
---
{kind: feature, name: lively, spec: {expression: 'events().approx_decay("1h")'}}
)";

using Identifiers = std::vector<std::pair<std::string, std::string>>;

// A hub that is told the same as another.
class Company {
 public:
  explicit Company(TestHubOptions options = {}) : hub_(options) {}

  struct Told {
    std::string name;
    Identifiers identifiers;
    std::string message_id = {};
    double amount = 0;
    base::Duration age = {};
  };
  log::Entry Entry(const Told& told) {
    base::Fields properties;
    base::SetField(properties, "amount", base::NumberValue(told.amount));
    return hub_.Event({.name = told.name,
                       .identifiers = told.identifiers,
                       .message_id = told.message_id,
                       .properties = properties,
                       .age = told.age});
  }
  void Tell(const Told& told) { hub_.Append({Entry(told)}); }
  void Erase(const std::string& user) {
    EraseAsk ask;
    const base::IdentifierHash hash = hub_.hub().vault().HashIdentifier("user_id", user);
    ask.set_identifier(hash.ToBytes());
    hub_.Append({{.partition = identity::HomeOf(hash, hub_.hub().partitions()),
                  .type = static_cast<uint8_t>(RecordType::kEraseAsk),
                  .stamp = hub_.clock().Wall(),
                  .id = hub_.hub().DrawId(),
                  .payload = ask.SerializeAsString()}});
  }
  // Moves closed segments into the archive, as far as the state is written.
  void Archive() {
    hub_.hub().runtime().RequestCheckpoints();
    hub_.Run();
    hub_.hub().StepArchive();
  }

  bool IsComplete() {
    for (uint16_t p = 0; p < hub_.hub().partitions(); ++p) {
      Fold& fold = hub_.FoldOf(base::PartitionId{p});
      for (const feature::Feature& feature : fold.definitions().features->set()->features()) {
        if (!fold.IsFeatureComplete(feature.number)) return false;
      }
    }
    return true;
  }
  // What the person's row says of the feature, by its bytes; "missing" while it is being found.
  std::string StateOf(const std::string& user, uint64_t number) {
    auto row = hub_.Person("user_id", user);
    if (!row.has_value() || row->identity().erased()) return "nobody";
    const Fold& fold = hub_.FoldOf(identity::FromRef(row->identity().id()).partition);
    const std::span<const uint64_t> missing = fold.MissingFeatures(*row);
    if (std::find(missing.begin(), missing.end(), number) != missing.end()) return "missing";
    const feature::FeatureSet& set = *fold.definitions().features->set();
    set.Expire(hub_.clock().Wall(), *row->mutable_features());
    const feature::FeatureState* state = set.StateOf(*set.Find(number), row->features());
    return state == nullptr ? "" : state->DebugString();
  }
  uint64_t NumberOf(const std::string& expression) {
    const feature::ParsedSpec parsed = feature::ParseSpec(expression);
    BATUTA_CHECK(parsed.spec.has_value());
    return feature::NumberOf(*parsed.spec);
  }
  TestHub& hub() { return hub_; }

 private:
  TestHub hub_;
};

// Every feature of the first is what it is in the second.
void ExpectSame(Company& company, Company& reference, int users) {
  ASSERT_TRUE(company.IsComplete());
  const Definitions& definitions = company.hub().FoldOf(base::PartitionId{0}).definitions();
  for (const feature::Feature& feature : definitions.features->set()->features()) {
    for (int i = 0; i < users; ++i) {
      const std::string user = base::StrCat("u", i);
      EXPECT_EQ(company.StateOf(user, feature.number), reference.StateOf(user, feature.number))
          << user << ": " << feature::Print(feature.spec);
    }
  }
}

TEST(HubReach, WhatIsDefinedLaterIsAsIfItHadAlwaysBeen) {
  Company early;
  Company late({.reach_bytes = 4000});
  early.hub().Define(kCounts);
  early.hub().Define(kMore);
  for (int i = 0; i < 300; ++i) {
    for (Company* company : {&early, &late}) {
      company->Tell({.name = i % 3 == 0 ? "Bought" : "Viewed",
                     .identifiers = {{"user_id", base::StrCat("u", i % 17)}},
                     .message_id = base::StrCat("m", i),
                     .amount = i % 7 * 2.5});
      company->hub().Advance(base::Minutes(1));
    }
  }
  late.Archive();
  late.hub().Define(kMore);
  late.hub().Define(kCounts);
  ExpectSame(late, early, 17);
  EXPECT_NE(late.StateOf("u3", late.NumberOf("events(\"Viewed\").count()")), "");
  EXPECT_GE(late.hub().hub().reach().progress().events_read, 300U);
}

// They are in no range of numbers, and a record can end with them.
TEST(HubReach, WhoBeginsAnewBetweenOthersTakesNothingFromThem) {
  Company early({.partitions = 1});
  Company late({.partitions = 1});
  early.hub().Define(kCounts);
  const auto tell = [&](int user, const std::string& name, int times) {
    for (Company* company : {&early, &late}) {
      std::vector<log::Entry> entries;
      for (int i = 0; i < times; ++i) {
        entries.push_back(company->Entry({.name = name,
                                          .identifiers = {{"user_id", base::StrCat("u", user)}},
                                          .message_id = base::StrCat(name, user, "-", i)}));
      }
      company->hub().Append(std::move(entries));
    }
  };
  // The first lacks nothing and is not told: the 128 who make a record are those after them.
  tell(0, "Other", 1);
  for (int user = 1; user < 200; ++user) tell(user, "Viewed", 1);
  late.hub().HoldReach(true);
  late.hub().Define(kCounts);
  late.hub().hub().StepReach();
  // 64 people are asked for in each step, and between the second and the third one begins anew.
  late.hub().hub().runtime().StepPartition(base::PartitionId{0});
  tell(7, "Bought", 5000);
  EXPECT_TRUE(late.hub().Person("user_id", "u7")->reaching().again());
  late.hub().HoldReach(false);
  late.hub().Run();
  ExpectSame(late, early, 200);
}

TEST(HubReach, ATurnOfTimeWhoseTickComesAfterWhatWasFoundIsNotLost) {
  Company company({.partitions = 1});
  TestHub& hub = company.hub();
  hub.Define(R"(
{kind: feature, name: viewed_1h, spec: {expression: 'events("Viewed").within("1h").exists()'}}
---
{kind: segment, name: quiet, spec: {rule: '!feature.viewed_1h'}}
)");
  company.Tell({.name = "Viewed", .identifiers = {{"user_id", "u0"}}});
  hub.HoldReach(true);
  hub.Define(kMore);
  ASSERT_EQ(hub.MembersOf("quiet"), 0u);
  hub.clock().Advance(base::Hours(2));
  for (int i = 0; i < 100 && !company.IsComplete(); ++i) {  // and no tick
    hub.hub().StepReach();
    hub.hub().runtime().StepCommit();
    for (uint16_t p = 0; p <= 1; ++p) hub.hub().runtime().StepPartition(base::PartitionId{p});
  }
  ASSERT_TRUE(company.IsComplete());
  hub.Run();
  EXPECT_EQ(hub.MembersOf("quiet"), 1u);
}

TEST(HubReach, UntilItIsFoundAFeatureSaysSo) {
  Company company;
  company.Tell({.name = "Viewed", .identifiers = {{"user_id", "u0"}}});
  company.hub().HoldReach(true);
  company.hub().Define(kCounts);
  const uint64_t views = company.NumberOf("events(\"Viewed\").count()");
  EXPECT_EQ(company.StateOf("u0", views), "missing");
  // Who is new has no history.
  company.Tell({.name = "Viewed", .identifiers = {{"user_id", "u1"}}});
  EXPECT_NE(company.StateOf("u1", views), "missing");
  EXPECT_FALSE(company.IsComplete());
  company.hub().HoldReach(false);
  company.hub().Run();
  EXPECT_TRUE(company.IsComplete());
  EXPECT_NE(company.StateOf("u0", views), "missing");
}

TEST(HubReach, OnlyWhatIsNewIsFound) {
  Company company;
  company.Tell({.name = "Viewed", .identifiers = {{"user_id", "u0"}}});
  company.hub().Define(kCounts);
  company.hub().HoldReach(true);
  company.hub().Define(kMore);
  EXPECT_NE(company.StateOf("u0", company.NumberOf("events(\"Viewed\").count()")), "missing");
  EXPECT_EQ(company.StateOf("u0", company.NumberOf("events().first()")), "missing");
  // Other definitions neither stop nor begin it anew.
  const uint64_t reach = company.hub().FoldOf(base::PartitionId{0}).reach().id();
  company.hub().Define("{kind: trait, name: plan, spec: {type: text}}");
  EXPECT_EQ(company.hub().FoldOf(base::PartitionId{0}).reach().id(), reach);
  company.hub().HoldReach(false);
  company.hub().Run();
  EXPECT_TRUE(company.IsComplete());
}

TEST(HubReach, WhoGetsMoreEventsThanCanBeListedBeginsAnew) {
  Company early;
  Company late;
  early.hub().Define(kCounts);
  const auto tell = [&](int from, int to) {
    for (Company* company : {&early, &late}) {
      std::vector<log::Entry> entries;
      for (int i = from; i < to; ++i) {
        entries.push_back(company->Entry({.name = i % 2 == 0 ? "Bought" : "Viewed",
                                          .identifiers = {{"user_id", "u0"}},
                                          .message_id = base::StrCat("m", i),
                                          .amount = 1}));
      }
      company->hub().Append(std::move(entries));
    }
  };
  tell(0, 10);
  late.hub().HoldReach(true);
  late.hub().Define(kCounts);
  // Asked for, and read, and not yet told.
  for (int i = 0; i < 3; ++i) {
    late.hub().hub().StepReach();
    late.hub().Run();
  }
  tell(10, 5010);
  EXPECT_TRUE(late.hub().Person("user_id", "u0")->reaching().again());
  late.hub().HoldReach(false);
  late.hub().Run();
  ExpectSame(late, early, 1);
}

TEST(HubReach, WhatRetentionRemovedIsLeftOut) {
  Company company({.archive_keep = base::Days(30)});
  for (int i = 0; i < 600; ++i) {
    company.Tell({.name = "Viewed", .identifiers = {{"user_id", "u0"}}});
    company.hub().Advance(base::Hours(2));
    if (i % 100 == 0) company.Archive();
  }
  company.Archive();
  company.hub().Define(
      "{kind: feature, name: views, spec: {expression: 'events(\"Viewed\").count()'}}");
  ASSERT_TRUE(company.IsComplete());
  const auto row = company.hub().Person("user_id", "u0");
  ASSERT_EQ(row->features().states_size(), 1);
  EXPECT_GE(row->features().states(0).count(), 360U);
  EXPECT_LT(row->features().states(0).count(), 600U);
}

constexpr std::string_view kLately =
    "{kind: feature, name: lately, spec: {expression: "
    "'events(\"Viewed\").within(\"90d\").count()'}}";

// The value of the feature `lately` of u0 with the history at hand; -1 if it is not known.
int64_t LatelyWithHistory(Company& company) {
  auto row = company.hub().Person("user_id", "u0");
  const base::PersonId id = identity::FromRef(row->identity().id());
  Fold& fold = company.hub().FoldOf(id.partition);
  const Definitions& definitions = fold.definitions();
  EXPECT_TRUE(NeedsHistory(definitions, *row, fold.log_time()));
  EXPECT_EQ(ReadHistory(company.hub().hub().history(), definitions, CopyTimeline(fold, id, *row),
                        fold.log_time(), *row),
            absl::OkStatus());
  feature::CatalogueReader reader(definitions.features);
  const expr::Value value = reader.Read(*definitions.features->Find("lately"), row->features(),
                                        MomentOf(definitions, row->profile(), fold.log_time()),
                                        PersonTraits(definitions.rules, row->profile()));
  return value.is_error() ? -1 : value.AsInt();
}

TEST(HubReach, WhatTheRecordCannotKeepIsReadFromTheHistory) {
  Company company({.archive_keep = base::Days(60)});
  company.hub().Define(kLately);
  for (int day = 0; day < 50; ++day) {
    std::vector<log::Entry> entries;
    for (int i = 0; i < 100; ++i) {
      entries.push_back(company.Entry({.name = "Viewed", .identifiers = {{"user_id", "u0"}}}));
    }
    company.hub().Append(std::move(entries));
    company.hub().Advance(base::Days(1));
    if (day % 10 == 0) company.Archive();
  }
  EXPECT_EQ(LatelyWithHistory(company), 5000);
  company.hub().Advance(base::Days(30));
  company.Archive();
  company.Archive();
  EXPECT_EQ(LatelyWithHistory(company), -1) << "some of them are no longer kept";
}

TEST(HubReach, DatesGetTheirTimers) {
  Company company;
  TestHub& hub = company.hub();
  base::Fields traits;
  const std::string date = base::FormatRfc3339(hub.clock().Wall() + base::Days(10)).substr(0, 10);
  base::SetField(traits, "renewal", base::TextValue(date));
  hub.Append({hub.Event({.name = "",
                         .identifiers = {{"user_id", "u0"}},
                         .type = profile::EventType::kIdentify,
                         .traits = traits})});
  EXPECT_FALSE(hub.Person("user_id", "u0")->has_features_due());
  hub.Define(
      "{kind: feature, name: renewal, spec: {expression: 'days_until(person.traits.renewal)'}}");
  EXPECT_TRUE(hub.Person("user_id", "u0")->has_features_due());
}

// The same random company twice: in one everything is defined from the start, in the other
// definitions come and go, and it crashes.
class RandomReach : public testing::TestWithParam<uint64_t> {
 protected:
  void Act() {
    Company::Told told = {.name = random_.Below(3) == 0 ? "Bought" : "Viewed",
                          .identifiers = {{"user_id", User()}},
                          .message_id = base::StrCat("m", ++messages_),
                          .amount = static_cast<double>(random_.Below(9)) * 0.7};
    const std::string device = base::StrCat("d", random_.Below(3 * kUsers));
    const uint64_t kind = random_.Below(6);
    if (kind == 0) told.identifiers = {{"anonymous_id", device}};
    if (kind == 1) told.identifiers.emplace_back("anonymous_id", device);
    if (random_.Below(5) == 0) told.age = base::Minutes(static_cast<int64_t>(random_.Below(300)));
    const bool erases = random_.Below(40) == 0;
    const std::string erased = User();
    const auto pause = base::Seconds(static_cast<int64_t>(random_.Below(200)));
    for (Company* company : {&early_, &late_}) {
      company->Tell(told);
      if (erases) company->Erase(erased);
      company->hub().Advance(pause);
    }
  }
  void Disturb() {
    switch (random_.Below(12)) {
      case 0:
        late_.hub().Crash(random_.Bits());
        break;
      case 1:
        late_.Archive();
        break;
      case 2:
        late_.hub().Define(random_.Below(2) == 0 ? kCounts : kMore);
        break;
      case 3:
        late_.hub().Define("{kind: hub, name: default, spec: {currency: EUR}}",
                           {{"feature", random_.Below(2) == 0 ? "views" : "first"}});
        break;
      default:
        for (uint64_t i = random_.Below(4); i > 0; --i) {
          late_.hub().hub().StepReach();
          if (random_.Below(2) == 0) late_.hub().Run();
        }
    }
  }
  std::string User() { return base::StrCat("u", random_.Below(kUsers)); }

  static constexpr uint64_t kUsers = 12;
  base::Random random_{GetParam(), base::Id128{}, "reach", ""};
  Company early_;
  Company late_{{.reach_bytes = 3000}};
  uint64_t messages_ = 0;
};

TEST_P(RandomReach, FindsWhatWasAlwaysKnown) {
  early_.hub().Define(kCounts);
  early_.hub().Define(kMore);
  for (int i = 0; i < 60; ++i) Act();
  late_.hub().HoldReach(true);
  for (int round = 0; round < 3; ++round) {
    late_.hub().Define(round % 2 == 0 ? kCounts : kMore);
    for (int i = 0; i < 40; ++i) {
      Act();
      Disturb();
    }
    late_.hub().HoldReach(false);
    late_.hub().Run();
    ExpectSame(late_, early_, kUsers);
    late_.hub().HoldReach(true);
  }
  const std::string before = late_.hub().StateHashes();
  late_.hub().Crash(0);
  EXPECT_EQ(late_.hub().StateHashes(), before);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomReach, testing::Range(uint64_t{1}, uint64_t{13}));

}  // namespace
}  // namespace batuta::engine
