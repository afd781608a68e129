// Requests over HTTP, timed, with the processor time of the hub that serves them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/load.h"
#include "bench/rows.h"

namespace batuta::bench {

inline constexpr size_t kConnections = 64;

struct Served {
  LoadResult result;
  double cpu = 0;  // of the hub and its server, microseconds per request
};

// `rate`: requests a second; 0: each as soon as a connection is free. Ends the process if any is
// answered otherwise than with 2xx or 503.
Served Serve(Bench& bench, Load& load, const std::vector<std::string>& requests, double rate = 0);

// Decisions at their peak, and then `repeats` times at half of it, as figures of the row. `draw`
// makes requests that are new each time; the goal is for the processor time of one, in
// microseconds.
void MeasurePeakAndHalf(Bench& bench, Load& load, const std::string& row, int cpu_goal,
                        const std::function<std::vector<std::string>()>& draw);

}  // namespace batuta::bench
