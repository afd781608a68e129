#include "connect/event_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "identity/refs.h"
#include "log/sim_disk.h"
#include "store/shared_resources.h"

namespace batuta::connect {
namespace {

using testing::UnorderedElementsAre;

constexpr base::Time kNow{1'790'000'000'000'000};

class EventBuilderTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = vault::Vault::Open(
        shared_, {.path = "vault",
                  .disk = &disk_,
                  .access = store::FileAccess::through_disk,
                  .master_key = *vault::MasterKey::FromBytes(std::string(32, 'm'))});
    ASSERT_TRUE(opened.ok()) << opened.status();
    vault_ = *std::move(opened);
  }

  absl::StatusOr<engine::Event> Build(std::string_view json, std::string_view type) {
    const simdjson::padded_string text{json.data(), json.size()};
    const EventContext context = {.vault = *vault_,
                                  .identity = identity_,
                                  .classification = classification_,
                                  .source = "shop",
                                  .received_at = kNow};
    EventBuilder builder(context);
    auto event = builder.Build(parser_.parse(text), type, base::RecordId{1, 2});
    refusal_ = builder.refusal();
    return event;
  }
  // The identifiers of an event, as "type:value".
  std::vector<std::string> Identifiers(std::string_view json, std::string_view type) {
    std::vector<std::string> found;
    const auto event = Build(json, type);
    EXPECT_TRUE(event.ok()) << event.status();
    if (!event.ok()) return found;
    for (const auto& one : event->identifiers().identifiers()) {
      auto value = vault_->Unseal(one.value(), one.type());
      found.push_back(base::StrCat(one.type(), ":", value.ok() ? *value : "?"));
    }
    return found;
  }
  std::string TimeOf(std::string_view json) {
    const auto event = Build(json, "track");
    return event.ok() ? base::FormatRfc3339(base::Time{event->event_time()}) : refusal_.pointer;
  }

  log::SimDisk disk_;
  store::SharedResources shared_{{.block_cache_bytes = 1 << 20, .write_buffer_bytes = 1 << 20}};
  std::unique_ptr<vault::Vault> vault_;
  identity::Settings identity_;
  resource::Classification classification_;
  simdjson::dom::parser parser_;
  Refusal refusal_;
};

TEST_F(EventBuilderTest, ThePreviousIdOfAnAliasIsAStrangersOrAUsers) {
  EXPECT_THAT(Identifiers(R"({"userId":"new","previousId":"old"})", "alias"),
              UnorderedElementsAre("user_id:new", "user_id:old", "anonymous_id:old"));
  EXPECT_TRUE(Build(R"({"userId":"new","previousId":"old"})", "alias")->identifiers().asserted());
}

TEST_F(EventBuilderTest, ThePreviousIdIsAStrangersWhereTheCallSaysSo) {
  EXPECT_THAT(Identifiers(R"({"userId":"new","anonymousId":"a","previousId":"a"})", "alias"),
              UnorderedElementsAre("user_id:new", "anonymous_id:a"));
}

TEST_F(EventBuilderTest, AnAliasWithoutBothIdsIsRefused) {
  EXPECT_FALSE(Build(R"({"userId":"new"})", "alias").ok());
  EXPECT_EQ(refusal_.pointer, "/previousId");
  EXPECT_FALSE(Build(R"({"anonymousId":"a","previousId":"a"})", "alias").ok());
  EXPECT_EQ(refusal_.pointer, "/userId");
}

TEST_F(EventBuilderTest, OnlyAnAliasHasAPreviousId) {
  EXPECT_THAT(Identifiers(R"({"userId":"u","previousId":"old"})", "identify"),
              UnorderedElementsAre("user_id:u"));
}

TEST_F(EventBuilderTest, TheTimeMayBeCalledOriginal) {
  EXPECT_EQ(TimeOf(R"({"userId":"u","event":"E","originalTimestamp":"2026-01-02T03:04:05Z"})"),
            "2026-01-02T03:04:05Z");
  EXPECT_EQ(TimeOf(R"({"userId":"u","event":"E","originalTimestamp":"2026-01-02T03:04:05Z",
                       "timestamp":"2025-01-01T00:00:00Z"})"),
            "2025-01-01T00:00:00Z");
  EXPECT_EQ(TimeOf(R"({"userId":"u","event":"E"})"), base::FormatRfc3339(kNow));
}

TEST_F(EventBuilderTest, AnOriginalTimeIsCorrectedBySentAtToo) {
  // A clock that is an hour behind.
  const std::string sent = base::FormatRfc3339(kNow - base::Hours(1));
  const std::string happened = base::FormatRfc3339(kNow - base::Hours(3));
  EXPECT_EQ(TimeOf(base::StrCat(R"({"userId":"u","event":"E","originalTimestamp":")", happened,
                                R"(","sentAt":")", sent, R"("})")),
            base::FormatRfc3339(kNow - base::Hours(2)));
}

TEST_F(EventBuilderTest, AWrongTimeIsRefusedWithItsName) {
  EXPECT_EQ(TimeOf(R"({"userId":"u","event":"E","originalTimestamp":"soon"})"),
            "/originalTimestamp");
  EXPECT_EQ(TimeOf(R"({"userId":"u","event":"E","originalTimestamp":"1800-01-01T00:00:00Z"})"),
            "/originalTimestamp");
  EXPECT_EQ(TimeOf(R"({"userId":"u","event":"E","timestamp":"1800-01-01T00:00:00Z"})"),
            "/timestamp");
}

std::string FieldText(const base::Fields& fields, std::string_view name) {
  const base::Value* value = base::Find(fields, name);
  return value == nullptr ? "absent" : base::ToJson(*value);
}

TEST_F(EventBuilderTest, FactsStandBesideWhatTheyAreDerivedOfWhichIsSealed) {
  const auto event = Build(R"({"userId":"a","traits":{"email":"ana@uno.mx","plan":"gold"},
                               "context":{"timezone":"America/Lima"}})",
                           "identify");
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_TRUE(base::Find(event->traits(), "email")->has_sealed());
  EXPECT_EQ(FieldText(event->traits(), "email_domain"), "\"uno.mx\"");
  EXPECT_EQ(FieldText(event->traits(), "timezone"), "\"America/Lima\"");
  EXPECT_EQ(event->traits().fields_size(), 4);
  EXPECT_EQ(event->SerializeAsString().find("ana@"), std::string::npos);
}

TEST_F(EventBuilderTest, ATrackTellsTheZoneOfThePersonAndFactsOfItsOwnFields) {
  const auto event = Build(R"({"userId":"a","event":"Order Completed","properties":{"total":5,
                               "email":"ana@uno.mx","address":{"country":"mx","street":"5"}},
                               "context":{"timezone":"America/Lima"}})",
                           "track");
  ASSERT_TRUE(event.ok()) << event.status();
  base::Fields properties;
  ASSERT_TRUE(properties.ParseFromString(event->properties()));
  EXPECT_TRUE(base::Find(properties, "address")->has_sealed());
  EXPECT_EQ(FieldText(properties, "email_domain"), "\"uno.mx\"");
  EXPECT_EQ(FieldText(properties, "country"), "\"MX\"");
  EXPECT_EQ(FieldText(event->traits(), "timezone"), "\"America/Lima\"");
  EXPECT_EQ(FieldText(event->traits(), "country"), "absent");
}

TEST_F(EventBuilderTest, AGroupHasNoZoneOfAPerson) {
  const auto event = Build(R"({"userId":"a","groupId":"acme","traits":{"address":{"country":"ES"}},
                               "context":{"timezone":"America/Lima"}})",
                           "group");
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(FieldText(event->traits(), "country"), "\"ES\"");
  EXPECT_EQ(FieldText(event->traits(), "timezone"), "absent");
}

TEST_F(EventBuilderTest, FactsHaveNoPartInThePayloadsHash) {
  const char* const call = R"({"userId":"a","traits":{"email":"ana@uno.mx"}})";
  const uint64_t with_facts = Build(call, "identify")->payload_hash();
  base::Fields none;
  base::SetField(none, "derived", base::Value());
  base::FindMutable(none, "derived")->mutable_list();
  classification_ = resource::Classification::Compile(none);
  const auto event = Build(call, "identify");
  EXPECT_EQ(event->traits().fields_size(), 1);
  EXPECT_EQ(event->payload_hash(), with_facts);
}

}  // namespace
}  // namespace batuta::connect
