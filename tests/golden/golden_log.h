// The log that is kept in this folder, and what folding it gives.
//
// Needs no vault and no key: a fold never opens what is sealed. Paths are relative to the top of
// the source tree.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "engine/fold.h"
#include "log/record.h"
#include "log/sim_disk.h"
#include "store/database.h"
#include "store/shared_resources.h"

namespace batuta::golden {

inline constexpr char kLogFolder[] = "tests/golden/log";
inline constexpr char kExpectedFile[] = "tests/golden/expected.txt";

// What the file of expectations says: lines of a name and a number in hexadecimal.
struct Expected {
  base::Id128 hub;
  uint64_t hub_seed = 0;
  std::vector<base::Id128> states;  // by partition, the control one last

  std::string ToText() const;
};
absl::StatusOr<Expected> ReadExpected();

// By partition, the control one last.
using Records = std::vector<std::vector<log::Record>>;
absl::StatusOr<Records> ReadRecords(const base::Id128& hub, size_t partitions);

// Folds of the records from zero, and the messages that they sent.
class Folded {
 public:
  Folded(const Records& records, uint64_t hub_seed);

  std::vector<base::Id128> States();
  // By destination: the bytes of every message to it, in no order.
  const std::vector<std::vector<std::string>>& sent() const { return sent_; }

 private:
  log::SimDisk disk_;
  store::SharedResources shared_;
  std::vector<std::unique_ptr<store::Database>> databases_;
  std::vector<std::unique_ptr<engine::Fold>> folds_;
  std::vector<std::vector<std::string>> sent_;
};

}  // namespace batuta::golden
