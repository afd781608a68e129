// The types of the log's records, and the numbers of messages.
#pragma once

#include <compare>
#include <cstdint>

#include "base/ids.h"
#include "engine/record.pb.h"

namespace batuta::engine {

// Kept in the log: never renumber.
enum class RecordType : uint8_t {
  kEvent = 1,           // Event
  kRejection = 2,       // Rejection
  kDecisionAsk = 3,     // DecisionAsk
  kOutcomeAsk = 4,      // OutcomeAsk
  kEraseAsk = 5,        // EraseAsk
  kTick = 6,            // nothing; its stamp is all
  kMessage = 7,         // Message
  kOutboxDone = 8,      // OutboxDone
  kDefinitionsAsk = 9,  // DefinitionsAsk; control log
  kKeyAsk = 10,         // KeyAsk; control log
  kAudit = 11,          // Audit; control log
  kFeaturesFound = 12,  // FeaturesFound
  kTablePartAsk = 13,   // TablePartAsk; control log
  kPopulationAsk = 14,  // PopulationAsk; control log
};

// Which emission of its source a message is. Zero is before the first.
struct MessageNumber {
  uint64_t offset = 0;
  uint32_t number = 0;
  friend auto operator<=>(const MessageNumber&, const MessageNumber&) = default;
};
inline MessageNumber NumberOf(const Message& message) {
  return {message.offset(), message.number()};
}

}  // namespace batuta::engine
