#include "simulation/run.h"

#include <cstdio>

#include "base/text.h"

namespace batuta::simulation {
namespace {

base::Id128 RunWorld(const Plan& plan, bool verbose, Summary& summary) {
  World world(plan, verbose);
  world.Run();
  summary.coverage.Add(world.coverage());
  ++summary.worlds;
  return world.trace();
}

}  // namespace

bool RunSeed(uint64_t seed, const RunOptions& options, Summary& summary) {
  Plan plan = DrawPlan(seed);
  plan.rules = options.rules;
  if (options.burst > 0) MakeDecisive(plan, options.burst);
  if (options.verbose) std::fprintf(stderr, "%s\n", plan.ToString().c_str());
  try {
    const base::Id128 trace = RunWorld(plan, options.verbose, summary);
    summary.traces.Add("world", trace.ToBytes());
    if (options.twice) {
      Require(RunWorld(plan, false, summary) == trace, "two runs of the seed differ");
    }
    return true;
  } catch (const Failure& failure) {
    std::fprintf(stderr, "FAILED %s\n  in %s\n", failure.what(), plan.ToString().c_str());
    ++summary.failures;
    return false;
  }
}

std::string Summary::ToString() const {
  std::string text =
      base::StrCat(worlds, " worlds, ", failures, " failures, trace ",
                   base::EncodeHex(traces.hash().ToBytes()), "\n", coverage.ToString());
  for (const std::string& what : coverage.Missing()) {
    base::StrAppend(&text, "  never: ", what, "\n");
  }
  return text;
}

}  // namespace batuta::simulation
