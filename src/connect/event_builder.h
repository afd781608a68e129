// Turns one call of Segment's tracking API into one event of the log, sealed and routed.
//
// Not thread-safe; cheap to make. Errors are the event's own: they become its rejection.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <simdjson.h>
#include "absl/status/statusor.h"
#include "base/fields_writer.h"
#include "base/ids.h"
#include "base/time.h"
#include "engine/record.pb.h"
#include "identity/settings.h"
#include "resource/classification.h"
#include "vault/vault.h"

namespace batuta::connect {

// Why an event is not taken. `code` is stable; `pointer` leads into the event.
struct Refusal {
  std::string code;
  std::string pointer;
  std::string detail;
};

// What holds for all events of a body. Everything is borrowed.
struct EventContext {
  vault::Vault& vault;
  const identity::Settings& identity;
  const resource::Classification& classification;
  uint64_t hash_seed = 0;  // secret: payload hashes tell nothing to who does not know it
  std::string_view source;
  base::Time received_at;
  base::Time sent_at = base::kDistantPast;  // of the body; kDistantPast: not stated
  bool import = false;
};

inline constexpr size_t kMaxFields = 1000;     // of one object
inline constexpr int kMaxDepth = 24;           // of objects and lists within an event
inline constexpr size_t kMaxIdentifiers = 50;  // of one event
inline constexpr size_t kMaxNameBytes = 255;   // of events, fields and message ids
inline constexpr size_t kMaxTextBytes = 32 * 1024;

class EventBuilder {
 public:
  explicit EventBuilder(const EventContext& context) : context_(context) {}

  // `type` is the call's, for events that do not say their own ("" then). `id` is the event's,
  // drawn by the server; it also stands in for a missing message id.
  absl::StatusOr<engine::Event> Build(const simdjson::dom::element& call, std::string_view type,
                                      const base::RecordId& id);
  // After Build failed.
  const Refusal& refusal() const { return refusal_; }
  // What could be read of a refused event, for its record.
  const std::string& message_id() const { return message_id_; }
  const std::string& type() const { return type_; }
  base::Time event_time() const { return event_time_; }

 private:
  absl::Status Refuse(std::string_view code, std::string_view pointer, std::string_view detail);
  absl::StatusOr<std::string> Text(const simdjson::dom::object& call, const char* name,
                                   size_t bytes_max);
  absl::Status ReadHead(const simdjson::dom::object& call, std::string_view type,
                        const base::RecordId& id);
  absl::Status ReadTime(const simdjson::dom::object& call);
  absl::Status ReadIdentifiers(const simdjson::dom::object& call, engine::Event& event);
  absl::Status AddPrevious(const simdjson::dom::object& call, std::string_view user,
                           identity::EventIdentifiers& identifiers);
  absl::Status ReadExternalIds(const simdjson::dom::object& call,
                               identity::EventIdentifiers& identifiers);
  absl::Status AddIdentifier(std::string_view type, std::string_view value,
                             identity::EventIdentifiers& identifiers);
  absl::Status ReadGroup(const simdjson::dom::object& call, engine::Event& event);
  absl::Status ReadFields(const simdjson::dom::object& call, engine::Event& event);
  absl::Status ReadStatements(const simdjson::dom::object& call, engine::Event& event);
  // The object, with what is personal sealed, appended to `writer`.
  absl::Status Convert(const simdjson::dom::object& object, int depth, base::FieldsWriter& writer);
  absl::Status ConvertValue(const simdjson::dom::element& element, std::string_view name, int depth,
                            base::FieldsWriter& writer);
  absl::Status ConvertList(const simdjson::dom::array& list, std::string_view name, int depth,
                           base::FieldsWriter& writer);
  absl::Status Seal(const simdjson::dom::element& element, base::FieldsWriter& writer);
  // The object with nothing sealed and no part in the payload's hash.
  absl::Status ConvertInClear(const simdjson::dom::object& object, base::Fields& fields);

  const EventContext& context_;
  base::FieldsWriter writer_;  // of the object that is being read
  Refusal refusal_;
  std::string type_;
  std::string name_;
  std::string message_id_;
  base::Time event_time_;
  base::IdentifierHash owner_;  // of the seals: the routing identifier
  std::string path_;            // while converting: "traits.address"
  bool sealing_ = true;
  uint64_t hash_ = 0;
};

}  // namespace batuta::connect
