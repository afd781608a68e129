// One demo from beginning to end: a hub, the sample company in it, its customers, and what there is
// to see on the terminal.
#pragma once

#include <cstdint>
#include <string>

#include "server/exit_code.h"
#include "server/session.h"

namespace batuta::server {

struct DemoOptions {
  std::string resources = "samples/company";
  bool resources_stated = false;  // a hub that runs already gets them only then
  std::string write_key;          // for a hub that runs already
  int64_t people = 0;             // 0: as the folder has it, else 2000
  int64_t seed = -1;              // -1: as the folder has it, else 1
  int64_t visits_per_second = 0;  // 0: by the number of people
  int64_t seconds = 0;            // 0: until Ctrl-C
  int64_t day_seconds = 60;
  bool plain = false;
};

ExitCode RunDemo(const Session& session, const DemoOptions& options);

}  // namespace batuta::server
