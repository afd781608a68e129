// Sends the calls of a file in batches, several under way at once, and knows at any time what was
// acknowledged: stopped anywhere, it goes on there.
//
// The state file holds the place up to which everything is acknowledged. What was sent beyond it is
// sent again and, having the same message ids, counts once. The report is CSV: one line for each
// line of the file that was not taken. How a batch is sent is the caller's.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/disk.h"
#include "connect/import_source.h"

namespace batuta::connect {

struct ImportCounts {
  uint64_t rows = 0;  // read, and acknowledged where they were sent
  uint64_t accepted = 0;
  uint64_t rejected = 0;  // by the file's own form or by the hub
  uint64_t skipped = 0;   // as the map says
};

struct ImportState {
  std::string hash = {};  // of the file, and of how it is read
  ImportPlace place = {};
  ImportCounts counts = {};
  uint64_t report_bytes = 0;
  bool done = false;

  std::string ToJson() const;
  static absl::StatusOr<ImportState> Parse(std::string_view json);
};

// The hub's refusal of one call of a batch.
struct ImportRefusal {
  size_t index = 0;
  std::string code;
  std::string detail;
};

// Sends {"batch": […]}; returns when it is acknowledged. An error ends the import. Called by
// several threads at once, `worker` saying by which.
using SendBatch =
    std::function<absl::StatusOr<std::vector<ImportRefusal>>(size_t worker, std::string body)>;

struct ImportOptions {
  base::Disk* disk = nullptr;
  std::string state_path;
  std::string report_path;
  size_t batch_rows = 1000;
  size_t batch_bytes = size_t{1} << 20;
  size_t parallel = 4;
  // Called after each acknowledged batch, with the bytes of the file as it lies on the disk.
  std::function<void(const ImportCounts&, uint64_t stored_bytes)> progress;
  std::function<bool()> cancelled;
};

// Goes on from `state` to the end of the source. On error the state file says how far it came;
// Cancelled when `cancelled` said so.
absl::StatusOr<ImportCounts> RunImport(ImportSource& source, ImportState state,
                                       const ImportOptions& options, const SendBatch& send);

}  // namespace batuta::connect
