// Ways to ask the hub from a handler, none of which blocks: append a record and have what the fold
// answers, look at one partition or at all of them, wait for what is durable to be applied.
// Internal to this folder.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "api/core.h"
#include "api/exchange.h"
#include "engine/fold.h"
#include "engine/record.h"
#include "log/record.h"

namespace batuta::api {

// Called once: with the fold's answer, the reason why nothing was stored, or DeadlineExceeded.
using AskDone = std::function<void(absl::StatusOr<std::string>)>;

// `request` is the id that the record carries as its request's. What has to be accounted for brings
// its entry of the audit trail.
void Ask(Core& core, log::Entry entry, const base::RecordId& request, AskDone done,
         const engine::Audit* audit = nullptr);

// An entry of a new id, stamped now.
log::Entry NewEntry(Core& core, base::PartitionId partition, engine::RecordType type,
                    std::string payload);

// Reads the record and gives its bytes off the hub's threads. Answers 503 itself when too much
// waits.
void InBackground(const ExchangePtr& exchange, std::function<void()> task);

// If the request carries X-Log-Position, first waits until what it has seen is applied. Answers 400
// itself when the header is malformed.
void AfterSettling(const ExchangePtr& exchange, std::function<void()> next);

// Visits every partition but the control one; `done` runs on the thread of the last.
template <typename T>
void Gather(Core& core, std::function<T(engine::Fold&)> visit,
            std::function<void(std::vector<T>)> done) {
  struct State {
    std::vector<T> parts;
    std::atomic<size_t> left;
  };
  engine::Runtime& runtime = core.hub.runtime();
  auto state = std::make_shared<State>();
  state->parts.resize(runtime.partitions());
  state->left = runtime.partitions();
  for (uint16_t i = 0; i < runtime.partitions(); ++i) {
    runtime.Run(base::PartitionId{i}, [state, i, visit, done](engine::Fold& fold) {
      state->parts[i] = visit(fold);
      if (state->left.fetch_sub(1) == 1) done(std::move(state->parts));
    });
  }
}

// ?limit=, from 1 to `most`. Answers 400 itself if it is not right.
std::optional<int> LimitIn(const ExchangePtr& exchange, int fallback, int most);

// "3:1042,5:77": the last place in each partition.
std::string FormatPositions(const std::vector<base::Position>& positions);
bool IsPositionText(std::string_view text);

}  // namespace batuta::api
