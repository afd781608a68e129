// Sends resource documents of files to a hub: what would change is shown first, and every error
// with its place in the files.
#pragma once

#include <string>
#include <vector>

#include "server/exit_code.h"
#include "server/session.h"

namespace batuta::server {

struct ApplyOptions {
  std::vector<std::string> paths;  // files, and folders of *.yaml, *.yml and *.json
  bool dry_run = false;
  bool yes = false;    // do not ask
  bool prune = false;  // remove what the files do not state
  bool brief = false;  // of what changes, say only how much
};

ExitCode Apply(const Session& session, const ApplyOptions& options);

}  // namespace batuta::server
