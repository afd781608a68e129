// Derived facts from the call to the state: folded without a vault they give the same, and whoever
// is erased leaves none.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "connect/event_builder.h"
#include "engine/fold.h"
#include "engine/hub_testing.h"
#include "identity/settings.h"
#include "store/database.h"
#include "store/shared_resources.h"

namespace batuta::connect {
namespace {

constexpr std::string_view kCompany = R"(
{kind: hub, name: default, spec: {currency: EUR, timeZone: Europe/Madrid}}
---
{kind: feature, name: age_band, spec: {}}
---
{kind: feature, name: today, spec: {expression: 'events("Visit").today().count()'}}
---
{kind: segment, name: uno, spec: {rule: 'person.traits.email_domain == "uno.mx"'}}
---
{kind: segment, name: adult, spec: {rule: 'feature.age_band in ["18-24", "25-34", "35-44"]'}}
---
{kind: segment, name: local, spec: {rule: 'person.traits.country == "MX" && feature.today > 0'}}
)";

class FactFold : public testing::Test {
 protected:
  FactFold() { hub_.Define(kCompany); }

  void Tell(std::string_view type, const std::string& json) {
    const simdjson::padded_string text(json);
    const EventContext context = {.vault = hub_.hub().vault(),
                                  .identity = identity_,
                                  .classification = classification_,
                                  .source = "shop",
                                  .received_at = hub_.clock().Wall()};
    EventBuilder builder(context);
    const base::RecordId id = hub_.hub().DrawId();
    const auto event = builder.Build(parser_.parse(text), type, id);
    ASSERT_TRUE(event.ok()) << event.status();
    const auto routing = identity::FromRef(event->identifiers().identifiers(0).hash());
    hub_.Append({{.partition = identity::HomeOf(routing, hub_.hub().partitions()),
                  .type = static_cast<uint8_t>(engine::RecordType::kEvent),
                  .stamp = hub_.clock().Wall(),
                  .id = id,
                  .payload = event->SerializeAsString()}});
  }

  // Of folds that have no more than the log.
  std::vector<base::Id128> FoldedAnew() {
    store::SharedResources shared{{.block_cache_bytes = 1 << 20, .write_buffer_bytes = 1 << 20}};
    log::SimDisk disk;
    std::vector<base::Id128> hashes;
    for (uint16_t p = 0; p <= hub_.hub().partitions(); ++p) {
      const base::PartitionId partition{p};
      auto database = store::Database::Open(
          shared, {.path = base::StrCat("/state/", p), .partition = partition, .disk = &disk});
      BATUTA_CHECK_OK(database.status());
      engine::Fold fold({.hub_seed = hub_.hub().vault().HubSeed(),
                         .partition = partition,
                         .partitions = hub_.hub().partitions()},
                        **database);
      log::EmbeddedLog& log = hub_.hub().log();
      BATUTA_CHECK_OK(
          log.Scan(partition, base::Offset{0}, log.End(partition), [&](const log::Record& record) {
            engine::Effects effects;
            fold.Apply(record, effects);
            return absl::OkStatus();
          }));
      hashes.push_back(fold.StateHash());
    }
    return hashes;
  }
  std::vector<base::Id128> Hashes() {
    std::vector<base::Id128> hashes;
    for (uint16_t p = 0; p <= hub_.hub().partitions(); ++p) {
      hashes.push_back(hub_.FoldOf(base::PartitionId{p}).StateHash());
    }
    return hashes;
  }
  // Everything that the state says of anybody.
  std::string State() {
    std::string all;
    for (uint16_t p = 0; p < hub_.hub().partitions(); ++p) {
      hub_.FoldOf(base::PartitionId{p})
          .state()
          .people.ForEach([&](std::string_view, const engine::PersonRow& row) {
            all += row.SerializeAsString();
          });
    }
    return all;
  }

  engine::TestHub hub_;
  identity::Settings identity_;
  resource::Classification classification_;
  simdjson::dom::parser parser_;
};

TEST_F(FactFold, WithoutAVaultTheStateIsTheSame) {
  Tell("track", R"({"anonymousId":"web","event":"Visit","context":{"timezone":"Asia/Tokyo"}})");
  Tell("identify", R"({"userId":"ana","anonymousId":"web","traits":{"email":"ana@uno.mx",
                       "birthday":"1999-05-17","address":{"country":"mx","street":"Calle 5"}}})");
  Tell("identify", R"({"userId":"eva","traits":{"email":"eva@dos.mx","birthday":"2008-01-01"}})");
  Tell("identify", R"({"userId":"eva","traits":{"email":null}})");
  const auto ana = hub_.Person("user_id", "ana");
  ASSERT_TRUE(ana.has_value());
  EXPECT_NE(State().find("uno.mx"), std::string::npos);
  EXPECT_NE(State().find("Asia/Tokyo"), std::string::npos);
  EXPECT_EQ(State().find("ana@"), std::string::npos);
  EXPECT_EQ(ana->segments_size(), 3);
  EXPECT_EQ(FoldedAnew(), Hashes());
  EXPECT_EQ(hub_.Person("user_id", "eva")->segments_size(), 0);
  // Next year the visit is not of today, and Eva is 18 for certain.
  hub_.Advance(base::Days(400));
  EXPECT_EQ(hub_.Person("user_id", "ana")->segments_size(), 2);
  EXPECT_EQ(hub_.Person("user_id", "eva")->segments_size(), 1);
  EXPECT_EQ(FoldedAnew(), Hashes());
}

TEST_F(FactFold, WhoeverIsErasedLeavesNoFact) {
  Tell("identify", R"({"userId":"ana","traits":{"email":"ana@uno.mx","birthday":"1999-05-17"},
                       "context":{"timezone":"Asia/Tokyo"}})");
  ASSERT_NE(State().find("uno.mx"), std::string::npos);
  engine::EraseAsk ask;
  const base::IdentifierHash hash = hub_.hub().vault().HashIdentifier("user_id", "ana");
  ask.set_identifier(hash.ToBytes());
  hub_.Append({{.partition = identity::HomeOf(hash, hub_.hub().partitions()),
                .type = static_cast<uint8_t>(engine::RecordType::kEraseAsk),
                .stamp = hub_.clock().Wall(),
                .id = hub_.hub().DrawId(),
                .payload = ask.SerializeAsString()}});
  EXPECT_EQ(State().find("uno.mx"), std::string::npos);
  EXPECT_EQ(State().find("Asia/Tokyo"), std::string::npos);
  EXPECT_EQ(State().find("birth_year"), std::string::npos);
  EXPECT_EQ(FoldedAnew(), Hashes());
  // Who comes again is somebody of whom nothing is known.
  Tell("track", R"({"userId":"ana","event":"Visit"})");
  const auto again = hub_.Person("user_id", "ana");
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->profile().traits_size(), 0);
}

}  // namespace
}  // namespace batuta::connect
