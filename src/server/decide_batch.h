// batuta decide --out: decisions for a segment, or for everybody, into a file.
#pragma once

#include <cstdint>
#include <string>

#include "server/session.h"

namespace batuta::server {

struct BatchArguments {
  std::string placement;
  std::string segment;      // "": everybody
  std::string out;          // "-": standard output; by its end NDJSON or CSV
  std::string identifiers;  // types, with commas between
  int64_t slots = 0;
  int64_t limit = 0;
  bool dry_run = false;
};

// Starts the job, says how far it is on standard error, and fetches its file. An interruption
// cancels the job.
ExitCode DecideBatch(const Session& session, const BatchArguments& arguments);

}  // namespace batuta::server
