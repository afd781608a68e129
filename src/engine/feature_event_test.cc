#include "engine/feature_event.h"

#include <gtest/gtest.h>

#include "base/value.h"
#include "engine/record.h"

namespace batuta::engine {
namespace {

Event SampleEvent() {
  Event event;
  event.set_type(static_cast<uint32_t>(profile::EventType::kPage));
  event.set_name("Pricing");
  event.set_source("web");
  event.set_message_id("m1");
  event.set_event_time(7);
  event.set_payload_hash(9);
  event.set_import(true);
  for (const uint64_t value : {uint64_t{3}, uint64_t{4}}) {
    identity::EventIdentifier& identifier = *event.mutable_identifiers()->add_identifiers();
    identifier.set_type("user_id");
    identifier.mutable_hash()->set_high(value);
    identifier.mutable_hash()->set_low(value + 10);
  }
  base::Fields properties;
  base::SetField(properties, "total", base::NumberValue(2.5));
  event.set_properties(properties.SerializeAsString());
  event.set_context("");
  base::SetField(*event.mutable_traits(), "plan", base::TextValue("gold"));
  return event;
}

TEST(EventView, FindsWhatTheMessageHolds) {
  const Event event = SampleEvent();
  const std::string bytes = event.SerializeAsString();
  const auto view = EventView::Of(bytes);
  ASSERT_TRUE(view.has_value());
  EXPECT_EQ(view->type, profile::EventType::kPage);
  EXPECT_EQ(view->name, "Pricing");
  EXPECT_EQ(view->source, "web");
  EXPECT_EQ(view->message_id, "m1");
  EXPECT_EQ(view->properties, event.properties());
  EXPECT_EQ(view->context, "");
  EXPECT_EQ(view->Identity(), IdentityOf("web", "m1", event.identifiers().identifiers(0).hash(),
                                         event.payload_hash()));
}

TEST(EventView, BytesThatAreNoMessageAreNone) {
  const std::string bytes = SampleEvent().SerializeAsString();
  EXPECT_FALSE(EventView::Of(bytes.substr(0, bytes.size() - 1)).has_value());
  EXPECT_FALSE(EventView::Of(std::string("\xff\xff\xff", 3)).has_value());
  EXPECT_TRUE(EventView::Of("").has_value());
}

TEST(FeatureEventReader, GivesOnlyWhatConcernsTheFeatures) {
  const auto parsed = feature::ParseSpec("events(\"page\").sum(e, e.properties.total)");
  const auto set = feature::FeatureSet::Make({*parsed.spec});
  FeatureEventReader reader(**set);
  log::Record record;
  record.type = static_cast<uint8_t>(RecordType::kEvent);
  record.payload = SampleEvent().SerializeAsString();
  const feature::Event* event = reader.Read(record, base::Time{5});
  ASSERT_NE(event, nullptr);
  EXPECT_EQ(event->name, "page: Pricing");
  EXPECT_EQ(event->kind, "page");
  EXPECT_EQ(event->time, base::Time{5});
  EXPECT_EQ(base::Find(*event->properties, "total")->number(), 2.5);
  Event other = SampleEvent();
  other.set_type(static_cast<uint32_t>(profile::EventType::kTrack));
  record.payload = other.SerializeAsString();
  EXPECT_EQ(reader.Read(record, base::Time{5}), nullptr);
  record.type = static_cast<uint8_t>(RecordType::kMessage);
  EXPECT_EQ(reader.Read(record, base::Time{5}), nullptr);
}

}  // namespace
}  // namespace batuta::engine
