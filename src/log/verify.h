// What a check of stored records found; shown by the operator's `log verify`.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "base/disk.h"
#include "base/ids.h"

namespace batuta::log {

struct VerifyReport {
  uint64_t files = 0;   // whole files found good
  uint64_t blocks = 0;  // groups of the log, blocks of the archive
  uint64_t records = 0;
  uint64_t bytes = 0;  // bytes read and found good
  absl::Status error;  // the first error; its text names file and byte
  std::string file;    // where the first error is; empty if there is none
  uint64_t byte = 0;
};

// Checks the segments and the watermark of a log's folder as EmbeddedLog::Open does, but changes
// nothing. A torn tail that Open would cut is no error. The log may not be open for appending.
VerifyReport VerifySegments(base::Disk& disk, const std::string& folder, const base::Id128& hub);

}  // namespace batuta::log
