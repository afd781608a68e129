// What if these resources had been in force? The history is folded again, once as it was and once
// under the changed definitions, from a moment on.
//
// It is an open loop: what came from outside comes as it came. The other course's decisions are
// made anew; what it shows in place of something is shown where that was shown, and answers to what
// was replaced are dropped. Under this assumption everything that is counted is exact. What people
// would have answered is not known, and estimated apart (estimate.h).
//
// Writes two copies of the hub's state, as of then, into a folder. One thread calls it; the history
// may grow meanwhile.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/disk.h"
#include "base/ids.h"
#include "base/time.h"
#include "log/history.h"
#include "resource/set.h"
#include "whatif/tally.h"

namespace batuta::whatif {

// How much of the history is done.
struct SimulationProgress {
  uint64_t records = 0;
  uint64_t all = 0;
  bool have_parted = false;  // both courses are folded, from here on
};

struct SimulationOptions {
  const log::History* history = nullptr;  // not owned
  base::Disk* disk = nullptr;             // not owned
  bool through_disk = false;              // also the databases' files
  std::string folder;                     // exists and is empty; the caller removes it
  base::Id128 hub = {};
  uint64_t hub_seed = 0;
  uint16_t partitions = 1;
  size_t threads = 1;  // until the courses part; from then on at most two, one for each
  size_t memory_bytes = size_t{256} << 20;

  resource::Change change;
  std::string author;
  base::Time from;
  base::Time to = base::kDistantFuture;
  std::string segment = "";  // see Scope
  std::vector<std::string> segments = {};

  // Told now and then how far it is, by one thread at a time. An error ends the simulation.
  std::function<absl::Status(const SimulationProgress& progress)> progress = nullptr;
};

// FailedPrecondition: retention has removed the beginning of the history. Others are those of
// `progress`, the history or the databases.
absl::StatusOr<Comparison> Simulate(const SimulationOptions& options);

}  // namespace batuta::whatif
