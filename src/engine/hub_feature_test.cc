// Features in a hub: kept across partitions, merges, crashes, erasure, and the passing of time.
#include <gtest/gtest.h>

#include "base/text.h"
#include "base/value.h"
#include "engine/hub_testing.h"
#include "engine/person_traits.h"
#include "feature/catalogue.h"
#include "resource/yaml.h"

namespace batuta::engine {
namespace {

constexpr std::string_view kShop = R"(
{kind: hub, name: default, spec: {currency: EUR, timeZone: Europe/Madrid}}
---
{kind: feature, name: views, spec: {expression: 'events("Viewed").count()'}}
---
{kind: feature, name: views_1h, spec: {expression: 'events("Viewed").within("1h").count()'}}
---
{kind: feature, name: views_90d, spec: {expression: 'events("Viewed").within("90d").count()'}}
---
{kind: feature, name: views_today, spec: {expression: 'events("Viewed").today().count()'}}
---
{kind: feature, name: left, spec: {expression: 'events("Viewed").not_followed_by("Bought", "10m").exists()'}}
---
{kind: feature, name: renewal, spec: {expression: 'days_until(person.traits.renewal)'}}
)";

class HubFeatures : public ::testing::Test {
 protected:
  HubFeatures() {
    auto parsed = resource::ParseDocuments(kShop, "shop.yaml", resource::Format::kYaml);
    EXPECT_TRUE(parsed.problems.empty());
    resource::Change change;
    change.documents = std::move(parsed.documents);
    DefinitionsAsk ask;
    ask.set_resources(resource::ResourceSet()
                          .After(change, {.author = "test", .time = hub_.clock().Wall()})
                          .Encode());
    hub_.Append({{.partition = base::PartitionId{hub_.hub().partitions()},
                  .type = static_cast<uint8_t>(RecordType::kDefinitionsAsk),
                  .stamp = hub_.clock().Wall(),
                  .id = hub_.hub().DrawId(),
                  .payload = ask.SerializeAsString()}});
  }

  using Identifiers = std::vector<std::pair<std::string, std::string>>;
  void Tell(const std::string& name, Identifiers identifiers) {
    hub_.Append({hub_.Event({.name = name, .identifiers = std::move(identifiers)})});
  }
  void State(const std::string& user, const std::string& trait, const std::string& value) {
    base::Fields traits;
    base::SetField(traits, trait, base::TextValue(value));
    hub_.Append({hub_.Event({.name = "",
                             .identifiers = {{"user_id", user}},
                             .type = profile::EventType::kIdentify,
                             .traits = traits})});
  }

  // What the fold of the person's home says of them now; "absent" if it is an error.
  std::string ValueOf(const std::string& name, const std::string& user) {
    const auto row = hub_.Person("user_id", user);
    EXPECT_TRUE(row.has_value());
    const Fold& fold = hub_.FoldOf(identity::FromRef(row->identity().id()).partition);
    const Definitions& definitions = fold.definitions();
    feature::CatalogueReader reader(definitions.features);
    const expr::Value value = reader.Read(*definitions.features->Find(name), row->features(),
                                          MomentOf(definitions, row->profile(), fold.log_time()),
                                          PersonTraits(definitions.rules, row->profile()));
    if (value.is_error()) return "absent";
    return value.Is(expr::Kind::kBool) ? (value.AsBool() ? "true" : "false")
                                       : base::StrCat(value.AsInt());
  }

  TestHub hub_;
};

TEST_F(HubFeatures, AreRightAfterEveryEventAndWhenTimeIsOver) {
  Tell("Viewed", {{"user_id", "ana"}});
  hub_.Advance(base::Minutes(5));
  Tell("Viewed", {{"user_id", "ana"}});
  EXPECT_EQ(ValueOf("views", "ana"), "2");
  EXPECT_EQ(ValueOf("views_1h", "ana"), "2");
  EXPECT_EQ(ValueOf("left", "ana"), "false");
  // Nothing but ticks from here on: log time stands only where something is due.
  hub_.Advance(base::Minutes(10));
  EXPECT_EQ(ValueOf("left", "ana"), "true");
  hub_.Advance(base::Minutes(45));
  EXPECT_EQ(ValueOf("views_1h", "ana"), "1");
  hub_.Advance(base::Minutes(5));
  EXPECT_EQ(ValueOf("views_1h", "ana"), "0");
  EXPECT_EQ(ValueOf("views", "ana"), "2");
  hub_.Advance(base::Hours(24));
  EXPECT_EQ(ValueOf("views_today", "ana"), "0");
}

TEST_F(HubFeatures, OfTwoWhoAreOneAddUp) {
  for (int i = 0; i < 3; ++i) Tell("Viewed", {{"anonymous_id", "web"}});
  Tell("Viewed", {{"user_id", "ana"}});
  Tell("Viewed", {{"user_id", "ana"}, {"anonymous_id", "web"}});
  hub_.Advance(base::Seconds(1));
  ASSERT_EQ(hub_.Totals().people(), 1u);
  EXPECT_EQ(ValueOf("views", "ana"), "5");
  EXPECT_EQ(ValueOf("views_1h", "ana"), "5");
  hub_.Advance(base::Hours(1));
  EXPECT_EQ(ValueOf("views_1h", "ana"), "0");
}

// Deduplication knows a message for seven days; what keeps its events' times knows it longer.
TEST_F(HubFeatures, AMessageSentAgainAfterDeduplicationForgotItIsTheSameWhereTimesAreKept) {
  const auto send = [&](base::Duration age, double total) {
    base::Fields properties;
    base::SetField(properties, "total", base::NumberValue(total));
    hub_.Append({hub_.Event({.name = "Viewed",
                             .identifiers = {{"user_id", "ana"}},
                             .message_id = "m1",
                             .properties = properties,
                             .age = age})});
  };
  send({}, 5);
  hub_.Advance(base::Days(6));
  send(base::Days(6), 5);
  EXPECT_EQ(ValueOf("views", "ana"), "1");
  hub_.Advance(base::Days(2));
  send(base::Days(8), 5);
  EXPECT_EQ(ValueOf("views", "ana"), "2");
  EXPECT_EQ(ValueOf("views_90d", "ana"), "1");
  hub_.Advance(base::Days(8));
  send(base::Days(16), 6);  // the id is used for another payload
  EXPECT_EQ(ValueOf("views", "ana"), "3");
  EXPECT_EQ(ValueOf("views_90d", "ana"), "2");
}

TEST_F(HubFeatures, DatesAreCountedInThePersonsZone) {
  const base::Time now = hub_.clock().Wall();
  State("ana", "renewal", base::FormatRfc3339(now + base::Days(10)).substr(0, 10));
  EXPECT_TRUE(ValueOf("renewal", "ana") == "10" || ValueOf("renewal", "ana") == "9");
  const std::string before = ValueOf("renewal", "ana");
  hub_.Advance(base::Hours(24));
  EXPECT_NE(ValueOf("renewal", "ana"), before) << "no timer told that the day is over";
  State("ana", "timezone", "Pacific/Kiritimati");
  const int east = std::stoi(ValueOf("renewal", "ana"));
  State("ana", "timezone", "Etc/GMT+12");
  EXPECT_GE(std::stoi(ValueOf("renewal", "ana")), east + 1);
}

TEST_F(HubFeatures, TheDayEndsEarlierForWhoMovesEast) {
  State("ana", "timezone", "Etc/GMT+12");
  Tell("Viewed", {{"user_id", "ana"}});
  State("ana", "timezone", "Etc/GMT-12");
  const auto row = hub_.Person("user_id", "ana");
  const Fold& fold = hub_.FoldOf(identity::FromRef(row->identity().id()).partition);
  const feature::Moment moment = MomentOf(fold.definitions(), row->profile(), fold.log_time());
  ASSERT_TRUE(row->has_features_due());
  EXPECT_LE(row->features_due(), moment.NextDay());
}

TEST_F(HubFeatures, AreTheSameAfterACrash) {
  for (int i = 0; i < 20; ++i) {
    Tell("Viewed", {{"user_id", base::StrCat("u", i % 5)}, {"anonymous_id", base::StrCat("a", i)}});
    hub_.Advance(base::Minutes(7));
  }
  const std::string before = hub_.StateHashes();
  hub_.Crash(0);
  EXPECT_EQ(hub_.StateHashes(), before);
  EXPECT_EQ(ValueOf("views", "u1"), "4");
  hub_.Advance(base::Hours(2));
  EXPECT_EQ(ValueOf("views_1h", "u1"), "0");
}

TEST_F(HubFeatures, GoWithThePersonWhoIsErased) {
  Tell("Viewed", {{"user_id", "ana"}});
  EraseAsk ask;
  const base::IdentifierHash hash = hub_.hub().vault().HashIdentifier("user_id", "ana");
  ask.set_identifier(hash.ToBytes());
  hub_.Append({{.partition = identity::HomeOf(hash, hub_.hub().partitions()),
                .type = static_cast<uint8_t>(RecordType::kEraseAsk),
                .stamp = hub_.clock().Wall(),
                .id = hub_.hub().DrawId(),
                .payload = ask.SerializeAsString()}});
  for (uint16_t p = 0; p < hub_.hub().partitions(); ++p) {
    Fold& fold = hub_.FoldOf(base::PartitionId{p});
    fold.state().people.ForEach([&](std::string_view, const PersonRow& row) {
      EXPECT_FALSE(row.has_features());
      EXPECT_FALSE(row.has_features_due());
    });
    fold.state().timers.ForEach([&](const Timer& timer) {
      EXPECT_NE(timer.kind, TimerKind::kFeatures);
      return true;
    });
  }
}

}  // namespace
}  // namespace batuta::engine
