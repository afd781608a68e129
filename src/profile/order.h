// The order of statements: (event time, log time, partition, offset). It never depends on arrival,
// so every part of a profile that keeps "the newest" merges the same way in any order.
#pragma once

#include <compare>
#include <cstdint>

#include "base/ids.h"
#include "base/time.h"

namespace batuta::profile {

struct Stamp {
  int64_t event_time = 0;  // microseconds
  int64_t log_time = 0;
  uint32_t partition = 0;
  uint64_t offset = 0;
  friend auto operator<=>(const Stamp&, const Stamp&) = default;
};

inline Stamp MakeStamp(base::Time event_time, base::Time log_time, base::Position position) {
  return {.event_time = event_time.micros,
          .log_time = log_time.micros,
          .partition = base::Index(position.partition),
          .offset = base::Number(position.offset)};
}

// The stamp of any message that carries the four fields.
template <typename Message>
Stamp StampOf(const Message& message) {
  return {.event_time = message.event_time(),
          .log_time = message.log_time(),
          .partition = message.partition(),
          .offset = message.offset()};
}

template <typename Message>
void SetStamp(const Stamp& stamp, Message& message) {
  message.set_event_time(stamp.event_time);
  message.set_log_time(stamp.log_time);
  message.set_partition(stamp.partition);
  message.set_offset(stamp.offset);
}

}  // namespace batuta::profile
