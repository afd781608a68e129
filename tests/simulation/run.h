// Runs worlds by their seeds and sums up what happened in them.
#pragma once

#include <cstdint>
#include <string>

#include "simulation/world.h"

namespace batuta::simulation {

struct RunOptions {
  bool verbose = false;
  bool twice = false;  // and compare the traces
  bool rules = false;  // with random features and segments in each world
  uint32_t burst = 0;  // > 0: many decisions in each, up to twice so many at once
};

struct Summary {
  uint64_t worlds = 0;
  uint64_t failures = 0;
  Coverage coverage;
  Trace traces;  // of all worlds: the same seeds always print the same
  std::string ToString() const;
};

// True if every promise held; otherwise what did not is printed with the seed.
bool RunSeed(uint64_t seed, const RunOptions& options, Summary& summary);

}  // namespace batuta::simulation
