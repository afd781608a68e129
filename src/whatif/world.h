// A hub's partitions, folded from a history into databases of their own: what a simulation looks at
// and drives in place of the real ones.
//
// No log, no outbox, no clock: records come from whoever drives it, and effects go to them. Two
// partitions may be driven by two threads at the same time, but for Fork().
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/disk.h"
#include "base/ids.h"
#include "engine/fold.h"
#include "store/database.h"
#include "store/shared_resources.h"

namespace batuta::whatif {

struct WorldOptions {
  std::string folder;          // exists and is empty; whoever gave it removes it
  base::Disk* disk = nullptr;  // null: the operating system's files
  base::Id128 hub = {};        // of the hub whose history it is
  uint64_t hub_seed = 0;
  uint16_t partitions = 1;                  // without the control partition
  size_t memory_bytes = size_t{128} << 20;  // of rows, all partitions together, about
  // Neither is owned; both outlive the world.
  const store::SharedResources* resources = nullptr;
  engine::FoldObserver* observer = nullptr;
  bool learns = true;
};

class World {
 public:
  // Nothing has happened in it yet.
  static absl::StatusOr<std::unique_ptr<World>> Make(WorldOptions options);
  // One in which everything has happened as in this one, up to here. Of the options, folder,
  // observer and learns count.
  absl::StatusOr<std::unique_ptr<World>> Fork(WorldOptions options);

  engine::Fold& fold(base::PartitionId partition) { return *parts_[base::Index(partition)].fold; }
  base::PartitionId control() const { return base::PartitionId{options_.partitions}; }
  const WorldOptions& options() const { return options_; }

  // To be called every few records of the partition: keeps memory within its bound.
  absl::Status Settle(base::PartitionId partition);

 private:
  struct Part {
    std::unique_ptr<store::Database> database;
    std::unique_ptr<engine::Fold> fold;
  };
  World(WorldOptions options, std::shared_ptr<engine::Shared> shared)
      : options_(std::move(options)), shared_(std::move(shared)) {}
  std::string PathOf(size_t partition) const;
  absl::Status OpenParts();
  absl::Status Write(Part& part);

  const WorldOptions options_;
  const std::shared_ptr<engine::Shared> shared_;
  std::vector<Part> parts_;  // by partition, the control partition's last
};

}  // namespace batuta::whatif
