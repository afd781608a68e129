// The rows of the benchmark: each measures one promise of speed and adds its figures to the report.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "bench/bench_hub.h"
#include "bench/crowd.h"
#include "bench/report.h"
#include "bench/site.h"

namespace batuta::bench {

struct BenchOptions {
  size_t people = 100'000;
  size_t dedup_ids = 1'000'000;
  size_t events = 200'000;  // of one repeat of the batches
  size_t repeats = 3;
  size_t requests = 60'000;  // over HTTP, of one repeat
  size_t decisions = 10'000;
  size_t probes = 1'000;  // of the time until an event is visible
  size_t restart_records = 1'000'000;
  size_t reach_events = 2'000'000;
  size_t preview_people = 1'000'000;
  size_t workers = 2;
  double forwarded = 0.3;
  double background_rate = 10'000;     // events a second beside those probes
  std::vector<std::string> rows = {};  // empty: all
  bool quick = false;
  bool Wants(std::string_view row) const;
};

// What a run shares: a hub with people in it.
struct Bench {
  const BenchOptions& options;
  Report& report;
  BenchHub& hub;
  Crowd& crowd;
  uint64_t events = 0;  // sent so far, by any row
  // The API, while rows over HTTP are measured; it outlives the hub's running.
  std::shared_ptr<Site> site = nullptr;
};

void MeasureIntroductions(Bench& bench);       // people, and the memory they take
void MeasureBatches(Bench& bench, bool zipf);  // rows 1 and 2
void MeasureBareLoop(const BenchOptions& options, Report& report);  // what row 1 is held against
void MeasureRequests(Bench& bench);                                 // rows 3 and 4: over HTTP
void MeasureWhatIf(Bench& bench, base::Time since);  // of row 4: its decisions once more
void MeasureDecideAll(Bench& bench);                 // row 11: a batch of decisions
void MeasureWide(Bench& bench);                      // row 12: of many actions, with models
void MeasureVisibility(Bench& bench);                // row 5
// Row 8: ingest with segments and features beside the same without.
void MeasureBehaviour(const BenchOptions& options, Report& report);
void MeasureRestart(const BenchOptions& options, Report& report);  // row 7
void MeasureReach(const BenchOptions& options, Report& report);    // row 9
void MeasurePreview(const BenchOptions& options, Report& report);  // row 10
// The part of row 7 that runs in a process of its own, and ends it without closing anything.
[[noreturn]] void RunUntilKilled(const std::string& folder, size_t records);

void AddSyncs(Report& report, const std::string& row, const Latencies& syncs);

}  // namespace batuta::bench
