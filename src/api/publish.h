// Puts a change of resources into force: checked as a whole, compiled, logged, and answered when
// every partition has switched. Internal to this folder.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "api/exchange.h"
#include "engine/definitions.h"
#include "resource/problem.h"
#include "resource/set.h"

namespace batuta::api {

// What a change would do, and what is wrong with it.
struct Proposal {
  std::string author;  // id of the key that asks for it
  std::shared_ptr<const engine::Definitions> current;
  resource::ResourceSet proposed;
  std::vector<resource::Problem> problems;  // sorted; warnings too
};

// Checks and compiles; takes a while with many resources.
Proposal Propose(Core& core, const resource::Change& change, std::string_view author);

enum class Published { kInForce, kUnderWay };  // kUnderWay: not all partitions have switched yet
// Aborted: somebody else changed the definitions meanwhile.
using PublishDone = std::function<void(const absl::StatusOr<Published>&)>;

// Requires: no errors among the problems. Calls `done` at once if nothing changes.
void Publish(Core& core, const Proposal& proposal, PublishDone done);

// Answers 422 with every problem and its place, errors before warnings.
void FailProblems(const ExchangePtr& exchange, std::vector<resource::Problem> problems);
void FailPublish(const ExchangePtr& exchange, const absl::Status& status);

}  // namespace batuta::api
