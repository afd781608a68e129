#include "connect/ingest.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/hash.h"
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

absl::StatusOr<element> ParseBody(simdjson::dom::parser& parser, std::string_view body) {
  element root;
  const auto error = parser.parse(body.data(), body.size(), false).get(root);
  if (error != simdjson::SUCCESS) {
    return absl::InvalidArgumentError(
        absl::StrCat("the body is not JSON: ", simdjson::error_message(error)));
  }
  if (!root.is_object()) return absl::InvalidArgumentError("the body must be a JSON object");
  return root;
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
  result.rejected.push_back({result.entries.size(), builder.message_id(), std::move(refusal)});
  result.entries.push_back(RejectionEntry(rejection, id, options.partitions, now));
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
  if (batch.size() > options.events_max) {
    return absl::InvalidArgumentError(absl::StrCat("a batch may have ", options.events_max,
                                                   " events; this one has ", batch.size()));
  }
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
  auto root = ParseBody(parser, body);
  std::string_view key;
  if (!root.ok() || (*root)["writeKey"].get(key) != simdjson::SUCCESS) return "";
  return std::string(key);
}

}  // namespace batuta::connect
