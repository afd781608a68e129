// How fast a whole hub is: events in, people kept, decisions out, on a real disk with sealing on.
//
// Processor time per operation is what counts, all threads of the hub and the kernel's work for
// them; the load generator's own is left out. Rates and latencies are those of this machine at that
// moment.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "base/text.h"
#include "base/thread.h"
#include "bench/rows.h"

namespace batuta::bench {

bool BenchOptions::Wants(std::string_view row) const {
  if (rows.empty()) return true;
  for (const std::string& one : rows) {
    if (one == row) return true;
  }
  return false;
}

namespace {

constexpr std::string_view kUsage =
    "usage: hub_bench [--quick] [--people N] [--dedup N] [--events N] [--repeats N] [--requests "
    "N]\n"
    "                 [--decisions N] [--probes N] [--restart N] [--reach N] [--preview PEOPLE]\n"
    "                 [--workers N] [--forwarded SHARE]\n"
    "                 [--row "
    "batches|uniform|http|visible|restart|reach|bare|behaviour|preview|everybody|wide]...\n";

void MakeQuick(BenchOptions& options) {
  options.quick = true;
  options.people = 2'000;
  options.dedup_ids = 10'000;
  options.events = 10'000;
  options.repeats = 2;
  options.requests = 2'000;
  options.decisions = 500;
  options.probes = 50;
  options.restart_records = 5'000;
  options.reach_events = 10'000;
  options.preview_people = 4'000;
}

bool ReadOptions(int count, char** words, BenchOptions& options) {
  struct Number {
    std::string_view name;
    size_t* value;
  };
  const Number numbers[] = {
      {"--people", &options.people},      {"--dedup", &options.dedup_ids},
      {"--events", &options.events},      {"--repeats", &options.repeats},
      {"--requests", &options.requests},  {"--decisions", &options.decisions},
      {"--probes", &options.probes},      {"--restart", &options.restart_records},
      {"--reach", &options.reach_events}, {"--preview", &options.preview_people},
      {"--workers", &options.workers}};
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--quick") {
      MakeQuick(options);
      continue;
    }
    if (++i == count) return false;
    bool known = word == "--row" || word == "--forwarded";
    if (word == "--row") options.rows.push_back(words[i]);
    if (word == "--forwarded") options.forwarded = std::strtod(words[i], nullptr);
    for (const Number& number : numbers) {
      if (word != number.name) continue;
      *number.value = std::strtoull(words[i], nullptr, 10);
      known = *number.value > 0 || word == "--dedup";
    }
    if (!known) return false;
  }
  options.events = (options.events + 99) / 100 * 100;
  return true;
}

// What was sent was taken once and reached its person; otherwise the figures mean nothing.
void CheckNothingLost(Bench& bench) {
  bench.hub.Settle();
  const Totals sums = bench.hub.Sums();
  BATUTA_CHECK(sums.events == bench.events && sums.duplicates == 0 && sums.rejections == 0,
               "every event is taken once");
  BATUTA_CHECK(sums.people == bench.crowd.size(), "every person is one");
  if (bench.options.people > 200'000) return;
  // What people say of themselves has no name to be counted under.
  BATUTA_CHECK(bench.hub.CountedInProfiles() == bench.events - bench.crowd.size(),
               "every event reached its person");
}

void MeasureHub(const BenchOptions& options, Report& report) {
  const bool with_hub = options.Wants("batches") || options.Wants("uniform") ||
                        options.Wants("http") || options.Wants("visible") ||
                        options.Wants("everybody") || options.Wants("wide");
  if (!with_hub) return;
  const Folder folder;
  BenchHub hub(folder.path() + "/hub", {.workers = options.workers});
  if (options.dedup_ids > 0) hub.PreloadDedup(options.dedup_ids);
  Crowd crowd(hub.hub().vault(), kPartitions, options.people);
  Bench bench{.options = options, .report = report, .hub = hub, .crowd = crowd};
  MeasureIntroductions(bench);
  if (options.Wants("batches")) MeasureBatches(bench, /*zipf=*/true);
  if (options.Wants("uniform")) MeasureBatches(bench, /*zipf=*/false);
  if (options.Wants("visible")) MeasureVisibility(bench);
  if (options.Wants("http") || options.Wants("everybody") || options.Wants("wide")) {
    bench.site = std::make_shared<Site>(bench.hub);
    if (options.Wants("http")) MeasureRequests(bench);
    if (options.Wants("everybody")) MeasureDecideAll(bench);
    if (options.Wants("wide")) MeasureWide(bench);
    bench.site->Stop();
  }
  CheckNothingLost(bench);
  hub.Stop();
}

// The hub first, so that its memory is its own.
void RunAll(const BenchOptions& options, Report& report) {
  MeasureHub(options, report);
  if (options.Wants("bare")) MeasureBareLoop(options, report);
  if (options.Wants("behaviour")) MeasureBehaviour(options, report);
  if (options.Wants("restart")) MeasureRestart(options, report);
  if (options.Wants("reach")) MeasureReach(options, report);
  if (options.Wants("preview")) MeasurePreview(options, report);
}

void AddRatio(Report& report) {
  double bare = 0;
  double ours = 0;
  for (const Figure& figure : report.figures()) {
    const double median = figure.values[figure.values.size() / 2];
    if (figure.row == "1 bare append + RocksDB" && figure.unit == "us") bare = median;
    if (figure.row == "1 batches of 100, Zipf" && figure.name.ends_with("all in")) ours = median;
  }
  if (bare > 0 && ours > 0) {
    report.Add("1 batches of 100, Zipf", "CPU beside the bare loop's", "times", {ours / bare});
  }
}

}  // namespace
}  // namespace batuta::bench

int main(int count, char** words) {
  using namespace batuta::bench;
  batuta::base::TrustTheOrderOfLocks();  // as the program does
  if (count == 4 && std::string_view(words[1]) == "--until-killed") {
    RunUntilKilled(words[2], std::strtoull(words[3], nullptr, 10));
  }
  BenchOptions options;
  if (!ReadOptions(count, words, options)) {
    std::fputs(kUsage.data(), stderr);
    return 2;
  }
  Report report;
  RunAll(options, report);
  AddRatio(report);
  std::string command;
  for (int i = 0; i < count; ++i) command += batuta::base::StrCat(i == 0 ? "" : " ", words[i]);
  report.Print(command);
  return 0;
}
