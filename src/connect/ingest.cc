#include "connect/ingest.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/json.h"
#include "base/text.h"
#include "connect/split_batch.h"
#include "engine/record.h"
#include "identity/refs.h"

namespace batuta::connect {
namespace {

using simdjson::dom::element;

base::Time SentAt(const element& body) {
  std::string_view text;
  if (body["sentAt"].get(text) != simdjson::SUCCESS) return base::kDistantPast;
  const auto time = base::ParseTime(text);
  return time.ok() ? *time : base::kDistantPast;
}

// What the parser that is slower and knows places says of a text that is not JSON.
std::string WhatIsWrong(std::string_view text, simdjson::error_code error) {
  const absl::Status known = base::ParseJson(text).status();
  if (known.ok()) return simdjson::error_message(error);
  std::string_view message = base::StdView(known.message());
  constexpr std::string_view kPrefix = "JSON: ";
  if (message.starts_with(kPrefix)) message.remove_prefix(kPrefix.size());
  return std::string(message);
}

absl::StatusOr<element> ParseBody(simdjson::dom::parser& parser, std::string_view body) {
  element root;
  const auto error = parser.parse(body.data(), body.size(), false).get(root);
  if (error != simdjson::SUCCESS) {
    return absl::InvalidArgumentError(
        absl::StrCat("the body is not JSON: ", WhatIsWrong(body, error)));
  }
  if (!root.is_object()) return absl::InvalidArgumentError("the body must be a JSON object");
  return root;
}

absl::Status TooMany(size_t events, size_t events_max) {
  return absl::InvalidArgumentError(
      absl::StrCat("a batch may have ", events_max, " events; this one has ", events));
}

void Reject(const engine::Rejection& rejection, const IngestOptions& options,
            const base::RecordId& id, Ingested& result) {
  result.rejected.push_back({result.entries.size(),
                             rejection.message_id(),
                             {rejection.code(), rejection.pointer(), rejection.detail()}});
  result.entries.push_back(
      RejectionEntry(rejection, id, options.partitions, options.event.received_at));
}

// Takes one event into the result, accepted or rejected.
void Take(const element& call, const IngestOptions& options, EventBuilder& builder,
          const base::RecordId& id, Ingested& result) {
  const base::Time now = options.event.received_at;
  absl::StatusOr<engine::Event> event = builder.Build(call, options.type, id);
  Refusal refusal = event.ok() ? Refusal() : builder.refusal();
  if (event.ok()) {
    log::Entry entry = EntryOf(*event, id, options.partitions, now);
    if (entry.payload.size() <= options.event_bytes_max) {
      result.entries.push_back(std::move(entry));
      return;
    }
    refusal = {"too_large", "",
               absl::StrCat("the event has ", entry.payload.size(), " bytes; at most ",
                            options.event_bytes_max, " are taken")};
  }
  if (refusal.code.empty()) refusal = {"not_sealed", "", std::string(event.status().message())};
  engine::Rejection rejection;
  rejection.set_source(std::string(options.event.source));
  rejection.set_message_id(builder.message_id());
  rejection.set_code(refusal.code);
  rejection.set_pointer(refusal.pointer);
  rejection.set_detail(refusal.detail);
  rejection.set_type(builder.type());
  rejection.set_event_time(builder.event_time().micros);
  Reject(rejection, options, id, result);
}

// Of a batch that as a whole is not JSON: each event that is, and of the others why not. `whole` is
// the answer where nobody can say what the events are.
absl::StatusOr<Ingested> TakeApart(simdjson::dom::parser& parser, std::string_view body,
                                   IngestOptions options,
                                   const std::function<base::RecordId()>& draw_id,
                                   const absl::Status& whole) {
  const auto split = Split(body);
  if (!split.has_value()) return whole;
  const simdjson::padded_string envelope(split->envelope);
  auto root = ParseBody(parser, envelope);
  if (!root.ok() || !(*root)["batch"].is_array()) return whole;
  options.event.sent_at = SentAt(*root);
  if (split->events.size() > options.events_max) {
    return TooMany(split->events.size(), options.events_max);
  }
  Ingested result;
  for (const std::string_view text : split->events) {
    element call;
    const auto error = parser.parse(text.data(), text.size(), false).get(call);
    if (error == simdjson::SUCCESS) {
      EventBuilder builder(options.event);
      Take(call, options, builder, draw_id(), result);
      continue;
    }
    engine::Rejection rejection;
    rejection.set_source(std::string(options.event.source));
    rejection.set_code(error == simdjson::DEPTH_ERROR ? "too_deep" : "not_json");
    rejection.set_detail(absl::StrCat("the event is not JSON: ", WhatIsWrong(text, error)));
    Reject(rejection, options, draw_id(), result);
  }
  return result;
}

}  // namespace

log::Entry EntryOf(const engine::Event& event, const base::RecordId& id, uint16_t partitions,
                   base::Time stamp) {
  const auto routing = identity::FromRef(event.identifiers().identifiers(0).hash());
  return {.partition = identity::HomeOf(routing, partitions),
          .type = static_cast<uint8_t>(engine::RecordType::kEvent),
          .stamp = stamp,
          .id = id,
          .payload = event.SerializeAsString()};
}

log::Entry RejectionEntry(const engine::Rejection& rejection, const base::RecordId& id,
                          uint16_t partitions, base::Time stamp) {
  return {.partition = base::PartitionId{static_cast<uint16_t>(id.low % partitions)},
          .type = static_cast<uint8_t>(engine::RecordType::kRejection),
          .stamp = stamp,
          .id = id,
          .payload = rejection.SerializeAsString()};
}

absl::StatusOr<Ingested> Ingest(simdjson::dom::parser& parser, std::string_view body,
                                const IngestOptions& options,
                                const std::function<base::RecordId()>& draw_id) {
  auto root = ParseBody(parser, body);
  if (!root.ok() && options.type.empty()) {
    return TakeApart(parser, body, options, draw_id, root.status());
  }
  if (!root.ok()) return root.status();
  Ingested result;
  if (!options.type.empty()) {
    EventBuilder builder(options.event);
    Take(*root, options, builder, draw_id(), result);
    return result;
  }
  simdjson::dom::array batch;
  if ((*root)["batch"].get(batch) != simdjson::SUCCESS) {
    return absl::InvalidArgumentError("the body needs a \"batch\": a list of events");
  }
  if (batch.size() > options.events_max) return TooMany(batch.size(), options.events_max);
  IngestOptions with_time = options;
  with_time.event.sent_at = SentAt(*root);
  result.entries.reserve(batch.size());
  for (const element call : batch) {
    EventBuilder builder(with_time.event);
    Take(call, with_time, builder, draw_id(), result);
  }
  return result;
}

std::string WriteKeyOf(simdjson::dom::parser& parser, std::string_view body) {
  simdjson::padded_string envelope;
  auto root = ParseBody(parser, body);
  if (!root.ok()) {
    const auto split = Split(body);
    if (!split.has_value()) return "";
    envelope = simdjson::padded_string(split->envelope);
    root = ParseBody(parser, envelope);
  }
  std::string_view key;
  if (!root.ok() || (*root)["writeKey"].get(key) != simdjson::SUCCESS) return "";
  return std::string(key);
}

}  // namespace batuta::connect
