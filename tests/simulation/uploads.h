// Rows that clients upload, of a table and of a list of people: in parts, one after the other, some
// overtaken by the next upload, and what partitions must read of them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "engine/fold.h"
#include "engine/runtime_hub.h"
#include "simulation/workload.h"

namespace batuta::simulation {

class Uploads {
 public:
  // Resources that read what is uploaded: a table, a list, and segments on both.
  static std::string Documents();

  struct Part {
    uint64_t upload = 0;  // counted from 1
    std::string bytes;    // of an engine::TablePartAsk
    base::RecordId request;
    bool is_last = false;
    bool is_of_list = false;
  };
  // The first part of a new upload, or the next of one that is under way and was answered.
  Part Next(engine::Hub& hub, Workload& workload, base::Random& dice);
  // The client goes on after that, or gives up.
  void OnAnswer(const Part& part, bool is_taken);
  // Nobody knows what became of those under way: they are given up.
  void OnRestart() { under_way_.clear(); }

  // All partitions read the rows of the same upload, whole, and of none before what was
  // acknowledged. Requires: all is at rest.
  void Check(uint16_t partitions,
             const std::function<engine::Fold&(base::PartitionId)>& folds) const;

 private:
  struct UnderWay {
    uint64_t number = 0;
    table::Head head;
    std::vector<std::string> parts;
    size_t next = 0;
    bool is_waiting = false;
  };
  UnderWay Begin(engine::Hub& hub, Workload& workload, base::Random& dice);

  uint64_t begun_ = 0;
  std::vector<UnderWay> under_way_;
  struct Expected {
    uint64_t number = 0;
    std::string rows;  // as CSV
  };
  std::map<std::string, Expected> expected_;      // by the id of the upload
  std::map<std::string, uint64_t> acknowledged_;  // by table: the latest that was
};

}  // namespace batuta::simulation
