// Takes the body of a tracking call, or of a batch of them, and makes the log entries for it.
//
// Thread-safe as far as its arguments are; the JSON parser is the caller's, one per thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "connect/event_builder.h"
#include "log/record.h"

namespace batuta::connect {

struct IngestOptions {
  EventContext event;
  uint16_t partitions = 1;
  uint64_t first_id_hint = 0;
  std::string_view type;  // of a single call ("track"); empty: the body is a batch
  size_t events_max = 2500;
  size_t event_bytes_max = 32 * 1024;
};

struct RejectedEvent {
  size_t index = 0;  // in the batch
  std::string message_id;
  Refusal refusal;
};

struct Ingested {
  std::vector<log::Entry> entries;  // one per event, accepted or rejected, in their order
  std::vector<RejectedEvent> rejected;
};

// `body` needs simdjson::SIMDJSON_PADDING spare bytes behind it. In a batch an event that is not
// JSON is rejected, like any other wrong one. InvalidArgument when the body is not JSON around its
// events, or not a call: then nothing of it is stored.
absl::StatusOr<Ingested> Ingest(simdjson::dom::parser& parser, std::string_view body,
                                const IngestOptions& options,
                                const std::function<base::RecordId()>& draw_id);

// The entry of an accepted event: at the home of its routing identifier.
log::Entry EntryOf(const engine::Event& event, const base::RecordId& id, uint16_t partitions,
                   base::Time stamp);
// The entry of a refused one: anywhere, as nobody's it is.
log::Entry RejectionEntry(const engine::Rejection& rejection, const base::RecordId& id,
                          uint16_t partitions, base::Time stamp);

// The write key that a body may carry instead of a header: "" if it has none.
std::string WriteKeyOf(simdjson::dom::parser& parser, std::string_view body);

}  // namespace batuta::connect
