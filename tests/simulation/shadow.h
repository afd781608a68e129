// The log as it has been seen so far, and a second hub that folds the same records from zero.
//
// The shadow has no runtime, no checkpoints, no caches that forget, no vault and no faults: what it
// holds is what folding the log means. It foretells every message, so a message in the log that is
// not, byte for byte, the next one foretold of its sender is found; and it sees timers go, so one
// that fires early, late or not at all is found, too.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/fold.h"
#include "log/record.h"
#include "log/sim_disk.h"
#include "simulation/coverage.h"
#include "simulation/judge.h"
#include "store/database.h"
#include "store/shared_resources.h"

namespace batuta::simulation {

class Shadow {
 public:
  // Of a long history not each record's timers are looked at.
  Shadow(uint16_t partitions, uint64_t hub_seed, bool is_long);

  // The next record of its partition.
  void Take(const log::Record& record);
  // Whether the next record may be taken: a message not before what it was sent for.
  bool IsForetold(const log::Record& record) const;

  // By partition, the control one last; in the order of their offsets.
  const std::vector<std::vector<log::Record>>& records() const { return records_; }
  base::Offset End(base::PartitionId partition) const {
    return base::Offset{records_[base::Index(partition)].size()};
  }
  engine::Fold& fold(base::PartitionId partition) { return *folds_[base::Index(partition)]; }
  base::Id128 Hash(base::PartitionId partition) { return fold(partition).StateHash(); }

  // Messages that are foretold and not in the log yet.
  size_t messages_on_way() const;
  // What the folds did.
  Coverage Seen();
  // How often the keys of an identifier were ordered to be destroyed: by its hash's bytes.
  const std::map<std::string, uint32_t>& erasures() const { return erasures_; }

 private:
  struct Foretold {
    engine::MessageNumber number;
    std::string payload;
  };
  void CheckMessage(const log::Record& record);
  void Foretell(base::PartitionId source, const engine::Effects& effects);
  void CheckTimers(const log::Record& record, const std::vector<engine::Timer>& before);
  void CountErasures(base::PartitionId partition);

  const bool is_long_;
  log::SimDisk disk_;
  std::unique_ptr<store::SharedResources> shared_;
  std::vector<std::unique_ptr<store::Database>> databases_;
  Coverage coverage_;
  Judge judge_{coverage_};
  std::vector<std::unique_ptr<engine::Fold>> folds_;
  std::vector<std::vector<log::Record>> records_;
  using Way = std::pair<base::PartitionId, base::PartitionId>;  // from, to
  std::map<Way, std::deque<Foretold>> on_way_;
  std::map<Way, Foretold> last_;  // that arrived
  std::map<std::string, uint32_t> erasures_;
  std::map<base::PartitionId, std::map<std::string, std::string>> outbox_;  // as it stands
};

}  // namespace batuta::simulation
