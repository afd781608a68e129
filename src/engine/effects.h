// What applying a record asks of the world outside the partition: messages to other partitions, and
// answers to whoever waits for a request. Whatever must survive a crash is a row of the outbox, in
// the state; these here are made again, the same, when the log is folded again.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "engine/record.pb.h"

namespace batuta::engine {

// A message on its way; the runtime appends it to the destination's log.
struct Outgoing {
  base::PartitionId destination{};
  base::RecordId id;      // of the record that caused it
  base::Offset offset{};  // and its place here
  uint32_t number = 0;    // of the message within that record, from 1
  Message message;
};

// The result of a request, for the waiter that the api registered under the request's id.
struct Answer {
  base::RecordId request;
  absl::StatusOr<std::string> result;
};

struct Effects {
  std::vector<Outgoing> messages;
  std::vector<Answer> answers;
  bool outbox_changed = false;
  bool reach_changed = false;  // features may have to be found from the history

  void Clear() {
    messages.clear();
    answers.clear();
    outbox_changed = false;
    reach_changed = false;
  }
};

}  // namespace batuta::engine
