// The simulator as a program: `batuta_sim --seeds 1-1000`, `batuta_sim --seed 17 --verbose`.
//
// Prints what went wrong beside the seed and exits with 1 if anything did. With --twice each seed
// is run two times and must leave the same trace; with --stop the first failure is the last. With
// --rules each world has random features and segments, and after every event what is kept of them
// is held against what is computed from all events anew; with --decisions worlds are longer, and
// clients ask for decisions most of the time, up to twice --burst (60) of them at once. Ctrl-C ends
// it after the world that runs, with what was seen so far.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "simulation/run.h"

namespace {

volatile std::sig_atomic_t aborted = 0;
char running[32] = "";

// A failed check inside the hub ends the process; the seed is said before that.
void OnAbort(int) {
  if (aborted != 0) return;
  aborted = 1;
  std::fprintf(stderr, "seed %s: the process was aborted\n", running);
}

volatile std::sig_atomic_t asked_to_end = 0;

void OnInterrupt(int) { asked_to_end = 1; }

struct Options {
  unsigned long long from = 1, to = 100;
  bool verbose = false, twice = false, stop = false, rules = false;
  unsigned burst = 0;
};

Options Parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : "";
    if (name == "--seeds") {
      char* rest = nullptr;
      options.from = std::strtoull(value, &rest, 10);
      options.to = *rest == '-' ? std::strtoull(rest + 1, nullptr, 10) : options.from;
      ++i;
    } else if (name == "--seed") {
      options.from = options.to = std::strtoull(value, nullptr, 10);
      ++i;
    } else if (name == "--verbose") {
      options.verbose = true;
    } else if (name == "--stop") {
      options.stop = true;
    } else if (name == "--twice") {
      options.twice = true;
    } else if (name == "--rules") {
      options.rules = true;
    } else if (name == "--decisions") {
      options.burst = std::max(options.burst, 60u);
    } else if (name == "--burst") {
      options.burst = static_cast<unsigned>(std::strtoul(value, nullptr, 10));
      ++i;
    } else {
      std::fprintf(stderr,
                   "usage: batuta_sim [--seeds A-B | --seed N] [--twice] [--stop]\n"
                   "                  [--rules | --decisions [--burst N]] [--verbose]\n");
      std::exit(2);
    }
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = Parse(argc, argv);
  std::signal(SIGABRT, OnAbort);
  std::signal(SIGINT, OnInterrupt);
  std::signal(SIGTERM, OnInterrupt);
  batuta::simulation::Summary summary;
  for (unsigned long long seed = options.from; seed <= options.to && asked_to_end == 0; ++seed) {
    std::snprintf(running, sizeof(running), "%llu", seed);
    const bool held = batuta::simulation::RunSeed(seed,
                                                  {.verbose = options.verbose,
                                                   .twice = options.twice,
                                                   .rules = options.rules,
                                                   .burst = options.burst},
                                                  summary);
    if (!held && options.stop) break;
  }
  std::printf("%s", summary.ToString().c_str());
  return summary.failures == 0 ? 0 : 1;
}
