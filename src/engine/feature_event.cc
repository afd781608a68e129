#include "engine/feature_event.h"

#include "base/encoding.h"
#include "base/message_fields.h"
#include "base/status.h"
#include "base/text.h"
#include "engine/record.h"
#include "profile/timeline.h"

namespace batuta::engine {
namespace {

// The first field of that number; empty if there is none.
std::string_view FirstField(std::string_view message, int wanted) {
  base::MessageFields fields(message);
  while (fields.Next()) {
    if (fields.number() == wanted) return fields.bytes();
  }
  BATUTA_CHECK(fields.ok(), "a part of a logged event does not parse");
  return {};
}

}  // namespace

bool IsEvent(uint32_t kind) {
  return kind >= static_cast<uint32_t>(profile::EntryKind::kIdentify) &&
         kind <= static_cast<uint32_t>(profile::EntryKind::kAlias);
}

EventNames NamesOf(profile::EventType type, std::string_view name) {
  switch (type) {
    case profile::EventType::kIdentify:
      return {"identify"};
    case profile::EventType::kTrack:
      return {std::string(name)};
    case profile::EventType::kPage:
      if (name.empty()) return {"page"};
      return {base::StrCat("page: ", name), "page"};
    case profile::EventType::kScreen:
      if (name.empty()) return {"screen"};
      return {base::StrCat("screen: ", name), "screen"};
    case profile::EventType::kGroup:
      return {"group"};
    case profile::EventType::kAlias:
      return {"alias"};
  }
  BATUTA_CHECK(false, "an event of an unknown type");
}

uint64_t IdentityOf(std::string_view source, std::string_view message_id,
                    const identity::HashRef& routing, uint64_t payload_hash) {
  base::ByteWriter writer;
  writer.Bytes(message_id);
  writer.U64(routing.high());
  writer.U64(routing.low());
  writer.U64(payload_hash);
  return feature::IdentityOf(source, writer.bytes());
}

std::optional<EventView> EventView::Of(std::string_view bytes) {
  EventView view;
  base::MessageFields fields(bytes);
  while (fields.Next()) {
    switch (fields.number()) {
      case Event::kTypeFieldNumber:
        view.type = static_cast<profile::EventType>(fields.value());
        break;
      case Event::kNameFieldNumber:
        view.name = fields.bytes();
        break;
      case Event::kSourceFieldNumber:
        view.source = fields.bytes();
        break;
      case Event::kMessageIdFieldNumber:
        view.message_id = fields.bytes();
        break;
      case Event::kPayloadHashFieldNumber:
        view.payload_hash = fields.value();
        break;
      case Event::kIdentifiersFieldNumber:
        view.identifiers = fields.bytes();
        break;
      case Event::kPropertiesFieldNumber:
        view.properties = fields.bytes();
        break;
      case Event::kContextFieldNumber:
        view.context = fields.bytes();
        break;
      default:
        break;
    }
  }
  if (!fields.ok()) return std::nullopt;
  return view;
}

uint64_t EventView::Identity() const {
  const std::string_view routing =
      FirstField(identifiers, identity::EventIdentifiers::kIdentifiersFieldNumber);
  const std::string_view bytes = FirstField(routing, identity::EventIdentifier::kHashFieldNumber);
  identity::HashRef hash;
  BATUTA_CHECK(hash.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  return IdentityOf(source, message_id, hash, payload_hash);
}

FeatureEventReader::FeatureEventReader(const feature::FeatureSet& set) : set_(set) {
  for (const feature::Feature& feature : set.features()) {
    const feature::FeatureSpec& spec = feature.spec;
    reads_events_ |= !spec.value.empty() || !spec.each.empty();
    if (spec.never) reads_events_ |= !spec.never->where.empty() || !spec.never->keys.empty();
    for (const feature::Step& step : spec.steps) {
      reads_events_ |= !step.where.empty() || !step.keys.empty();
    }
  }
}

const feature::Event* FeatureEventReader::Read(const log::Record& record, base::Time time) {
  if (record.type != static_cast<uint8_t>(RecordType::kEvent)) return nullptr;
  const std::optional<EventView> view = EventView::Of(record.payload);
  BATUTA_CHECK(view.has_value(), "a record of the log does not parse");
  names_ = NamesOf(view->type, view->name);
  if (!set_.Concerns(names_.name, names_.kind)) return nullptr;
  const auto parse = [](std::string_view bytes, base::Fields& fields) {
    BATUTA_CHECK(fields.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  };
  if (reads_events_) parse(view->properties, properties_);
  if (set_.reads_context()) parse(view->context, context_);
  event_ = {.name = names_.name,
            .kind = names_.kind,
            .source = view->source,
            .time = time,
            .identity = view->Identity(),
            .properties = &properties_,
            .context = &context_};
  return &event_;
}

}  // namespace batuta::engine
