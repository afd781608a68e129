#include "simulation/run.h"

#include <cstdio>

#include "base/text.h"

namespace batuta::simulation {
namespace {

void Add(const Tally& one, Tally& sum) {
  sum.records += one.records;
  sum.crashes += one.crashes;
  sum.crashes_in_recovery += one.crashes_in_recovery;
  sum.stops += one.stops;
  sum.refused += one.refused;
  sum.decisions += one.decisions;
  sum.erasures += one.erasures;
  sum.ticks += one.ticks;
  sum.checkpoints += one.checkpoints;
  sum.archived += one.archived;
}

base::Id128 RunWorld(const Plan& plan, bool verbose, Summary& summary) {
  World world(plan, verbose);
  world.Run();
  Add(world.tally(), summary.tally);
  ++summary.worlds;
  return world.trace();
}

}  // namespace

bool RunSeed(uint64_t seed, const RunOptions& options, Summary& summary) {
  const Plan plan = DrawPlan(seed);
  if (options.verbose) std::fprintf(stderr, "%s\n", plan.ToString().c_str());
  try {
    const base::Id128 trace = RunWorld(plan, options.verbose, summary);
    if (options.verbose)
      std::fprintf(stderr, "trace %s\n", base::EncodeHex(trace.ToBytes()).c_str());
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
  return base::StrCat(worlds, " worlds, ", failures, " failures; ", tally.records, " records, ",
                      tally.crashes, " crashes (", tally.crashes_in_recovery,
                      " more planned in recovery), ", tally.stops, " stops, ", tally.refused,
                      " requests refused, ", tally.decisions, " decisions, ", tally.erasures,
                      " identifiers erased, ", tally.ticks, " ticks, ", tally.checkpoints,
                      " checkpoints, ", tally.archived, " archivings");
}

}  // namespace batuta::simulation
