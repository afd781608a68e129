// Rows 1, 2 and 6: batches of 100 events, read, sealed, durable and applied; and the memory it
// takes.
#include <malloc.h>

#include <algorithm>

#include "base/random.h"
#include "base/status.h"
#include "base/text.h"
#include "bench/rows.h"
#include "log/embedded_log.h"
#include "store/database.h"

namespace batuta::bench {
namespace {

constexpr double kMebibyte = 1 << 20;

struct Round {
  double cpu = 0;      // microseconds per event
  double reading = 0;  // of them on the thread that reads and seals, as the server's does
  double rate = 0;     // events a second
};

Round Run(Bench& bench, const Bodies& bodies, size_t events, Latencies& acknowledged) {
  const Meter meter;
  const int64_t before = ThreadCpuMicros();
  bench.hub.Take(bodies, acknowledged);
  const int64_t reading = ThreadCpuMicros() - before;
  bench.hub.Settle();
  const auto count = static_cast<double>(events);
  bench.events += events;
  return {static_cast<double>(meter.cpu()) / count, static_cast<double>(reading) / count,
          count * 1e6 / static_cast<double>(meter.wall())};
}

}  // namespace

void MeasureIntroductions(Bench& bench) {
  constexpr size_t kAtOnce = 50'000;
  Latencies acknowledged;
  const Meter meter;
  int64_t generator = 0;
  for (size_t first = 0; first < bench.crowd.size(); first += kAtOnce) {
    const int64_t before = ThreadCpuMicros();
    const size_t last = std::min(first + kAtOnce, bench.crowd.size());
    const Bodies bodies = bench.crowd.Introductions(first, last, 100);
    generator += ThreadCpuMicros() - before;
    bench.hub.Take(bodies, acknowledged);
    bench.events += last - first;
  }
  bench.hub.Settle();
  const auto people = static_cast<double>(bench.crowd.size());
  bench.report.Add("0 new people", "CPU per identify, all in", "us",
                   {static_cast<double>(meter.cpu() - generator) / people});
  bench.hub.Checkpoint();
  malloc_trim(0);
  bench.report.Add("6 memory", base::StrCat("resident with ", bench.crowd.size(), " people"), "MiB",
                   {static_cast<double>(ResidentBytes()) / kMebibyte}, "<= 1024 with 1 M");
}

void MeasureBatches(Bench& bench, bool zipf) {
  const std::string row = zipf ? "1 batches of 100, Zipf" : "2 batches of 100, uniform";
  const Traffic traffic = {.events = bench.options.events,
                           .batch = 100,
                           .forwarded = bench.options.forwarded,
                           .zipf = zipf};
  Latencies acknowledged;
  Run(bench, bench.crowd.Events(traffic), traffic.events, acknowledged);  // warm-up
  bench.hub.Checkpoint();
  bench.hub.disk().TakeSyncs();
  acknowledged = {};
  std::vector<double> cpu;
  std::vector<double> reading;
  std::vector<double> rate;
  double forwarded = 0;
  double log_records = 0;
  for (size_t i = 0; i < bench.options.repeats; ++i) {
    const Bodies bodies = bench.crowd.Events(traffic);
    const uint64_t before = bench.hub.LogRecords();
    const Round round = Run(bench, bodies, traffic.events, acknowledged);
    log_records += static_cast<double>(bench.hub.LogRecords() - before);
    forwarded += static_cast<double>(bodies.forwarded());
    cpu.push_back(round.cpu);
    reading.push_back(round.reading);
    rate.push_back(round.rate);
  }
  const Latencies syncs = bench.hub.disk().TakeSyncs();
  const auto events = static_cast<double>(traffic.events * bench.options.repeats);
  const Meter meter;
  bench.hub.Checkpoint();
  const double checkpoint = static_cast<double>(meter.cpu()) / events;
  bench.report.Add(row, "CPU per event, read to applied", "us", cpu);
  bench.report.Add(row, "of it, to read and seal", "us", reading);
  bench.report.Add(row, "CPU of a checkpoint, per event", "us", {checkpoint});
  for (double& one : cpu) one += checkpoint;
  bench.report.Add(row, "CPU per event, all in", "us", cpu, zipf ? "<= 10" : "");
  bench.report.Add(row, "events a second", "/s", rate, zipf ? ">= 100000" : ">= 35000");
  bench.report.Add(row, "forwarded events", "%", {100 * forwarded / events});
  bench.report.Add(row, "log records per event", "", {log_records / events});
  bench.report.Add(row, "acknowledged p50", "us", {acknowledged.At(0.5)});
  bench.report.Add(row, "acknowledged p99", "us", {acknowledged.At(0.99)});
  AddSyncs(bench.report, row, syncs);
  bench.report.Add(row, "peak resident", "MiB",
                   {static_cast<double>(bench.hub.peak_resident()) / kMebibyte},
                   "<= 1024 with 1 M");
}

// The least that anyone has to do: the same bytes appended durably, a hundred at a time, and put
// into a database, one key each, that is flushed in the end.
void MeasureBareLoop(const BenchOptions& options, Report& report) {
  constexpr size_t kEntryBytes = 640;  // as long as an event's record
  constexpr size_t kCheckpoint = 50'000;
  std::vector<double> cpu;
  std::vector<double> rate;
  for (size_t repeat = 0; repeat < options.repeats; ++repeat) {
    const Folder folder;
    TimedDisk disk;
    log::SystemClock clock;
    base::Random random(3, base::Id128{0, repeat}, "bare", "");
    auto log = log::EmbeddedLog::Open({.disk = &disk,
                                       .clock = &clock,
                                       .folder = folder.path() + "/log",
                                       .hub = {1, 2},
                                       .fatal = {}});
    BATUTA_CHECK_OK(log.status());
    const store::SharedResources shared({});
    auto database =
        store::Database::Open(shared, {.path = folder.path() + "/state", .hub = {1, 2}});
    BATUTA_CHECK_OK(database.status());
    const Meter meter;
    store::Batch batch;
    for (size_t sent = 0; sent < options.events; sent += 100) {
      std::vector<log::Entry> entries(100);
      for (size_t i = 0; i < entries.size(); ++i) {
        const base::Id128 id{random.Bits(), random.Bits()};
        entries[i] = {.partition = base::PartitionId{static_cast<uint16_t>(id.low % kPartitions)},
                      .type = 1,
                      .stamp = clock.Wall(),
                      .id = id,
                      .payload = std::string(kEntryBytes, static_cast<char>('a' + id.high % 26))};
        batch.Put(store::Table::people, id.ToBytes(), entries[i].payload);
      }
      BATUTA_CHECK_OK((*log)->Append(entries).status());
      if (batch.size() < kCheckpoint && sent + 100 < options.events) continue;
      BATUTA_CHECK_OK((*database)->Write(batch, base::Offset{sent + 1}));
      batch.Clear();
    }
    const auto events = static_cast<double>(options.events);
    rate.push_back(events * 1e6 / static_cast<double>(meter.wall()));
    WaitUntilIdle(10'000'000);
    cpu.push_back(static_cast<double>(meter.cpu()) / events);
  }
  report.Add("1 bare append + RocksDB", "CPU per event", "us", cpu);
  report.Add("1 bare append + RocksDB", "events a second, one thread", "/s", rate);
}

void AddSyncs(Report& report, const std::string& row, const Latencies& syncs) {
  report.Add(row, "fdatasync p50 of the same run", "us", {syncs.At(0.5)});
  report.Add(row, "fdatasync p99 of the same run", "us", {syncs.At(0.99)});
}

}  // namespace batuta::bench
