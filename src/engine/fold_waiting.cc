// At the control partition: what all partitions have to be through with before it is answered, or
// the next thing begins.
#include <algorithm>
#include <string>
#include <vector>

#include "engine/fold.h"

namespace batuta::engine {

void Fold::WaitForAll(RowKind kind, std::string_view key, std::string_view request_id) {
  WaitingRow waiting;
  waiting.set_request_id(std::string(request_id));
  for (uint16_t partition = 0; partition < settings_.partitions; ++partition) {
    waiting.add_waiting_for(partition);
  }
  state_.PutRow(kind, key, waiting);
}

std::optional<WaitingRow> Fold::CrossOff(RowKind kind, std::string_view key, uint32_t partition) {
  auto waiting = state_.GetRow<WaitingRow>(kind, key);
  if (!waiting.has_value()) return std::nullopt;
  auto& left = *waiting->mutable_waiting_for();
  left.erase(std::remove(left.begin(), left.end(), partition), left.end());
  if (left.empty()) {
    state_.EraseRow(kind, key);
  } else {
    state_.PutRow(kind, key, *waiting);
  }
  return waiting;
}

void Fold::WaitForNone(RowKind kind) {
  for (const std::string& key : state_.KeysOf(kind)) state_.EraseRow(kind, key);
}

}  // namespace batuta::engine
