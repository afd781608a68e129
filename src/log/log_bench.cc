// What an append costs beside the least that any durable append can cost: one pwrite and one
// fdatasync of the same bytes into a preallocated file.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "benchmark/benchmark.h"
#include "log/embedded_log.h"
#include "log/posix_disk.h"
#include "log/system_clock.h"

namespace batuta::log {
namespace {

constexpr int kEntries = 100;
constexpr size_t kPayloadBytes = 500;
constexpr uint64_t kSegmentBytes = uint64_t{64} << 20;

class Folder {
 public:
  Folder() { BATUTA_CHECK(::mkdtemp(path_.data()) != nullptr); }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_ = "/var/tmp/batuta-bench-XXXXXX";
};

std::vector<Entry> MakeEntries() {
  std::vector<Entry> entries;
  for (int i = 0; i < kEntries; ++i) {
    entries.push_back({.partition = base::PartitionId{static_cast<uint16_t>(i % 8)},
                       .type = 1,
                       .stamp = {i},
                       .id = {{1, static_cast<uint64_t>(i)}},
                       .payload = std::string(kPayloadBytes, 'x')});
  }
  return entries;
}

// CPU time per iteration is the benchmark's own; per entry it is this counter's.
void CountEntries(benchmark::State& state) {
  state.counters["cpu_per_entry"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * kEntries,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void BM_AppendDurably(benchmark::State& state) {
  const Folder folder;
  PosixDisk disk;
  SystemClock clock;
  const auto log = EmbeddedLog::Open({.disk = &disk,
                                      .clock = &clock,
                                      .folder = folder.path(),
                                      .hub = {1, 2},
                                      .segment_bytes = kSegmentBytes,
                                      .reserve_bytes = 0,
                                      .watermark_interval = base::Seconds(1),
                                      .fatal = {}});
  BATUTA_CHECK_OK(log.status());
  const std::vector<Entry> entries = MakeEntries();
  for (auto _ : state) BATUTA_CHECK_OK((*log)->Append(entries).status());
  CountEntries(state);
}
BENCHMARK(BM_AppendDurably)->Iterations(2000);

// The limit: the same bytes, nothing computed.
void BM_BareWriteAndSync(benchmark::State& state) {
  const Folder folder;
  PosixDisk disk;
  const auto file = *disk.OpenFile(folder.path() + "/bare", base::Disk::Open::kCreate);
  BATUTA_CHECK_OK(file->Allocate(kSegmentBytes));
  const std::string bytes(kEntries * (kPayloadBytes + 43) + 84, 'x');
  uint64_t offset = 0;
  for (auto _ : state) {
    if (offset + bytes.size() > kSegmentBytes) offset = 0;
    BATUTA_CHECK_OK(file->Write(offset, bytes));
    BATUTA_CHECK_OK(file->SyncData());
    offset += bytes.size();
  }
  CountEntries(state);
}
BENCHMARK(BM_BareWriteAndSync)->Iterations(2000);

// What the log computes: frames, sums, the chain.
void BM_MakeGroup(benchmark::State& state) {
  const std::vector<Entry> entries = MakeEntries();
  for (auto _ : state) {
    GroupBuilder group;
    for (const Entry& entry : entries) {
      group.Add({.position = {entry.partition, base::Offset{1}},
                 .type = entry.type,
                 .stamp = entry.stamp,
                 .id = entry.id,
                 .payload_bytes = kPayloadBytes},
                entry.payload);
    }
    benchmark::DoNotOptimize(group.Finish({}, 1, 7));
  }
  CountEntries(state);
}
BENCHMARK(BM_MakeGroup);

}  // namespace
}  // namespace batuta::log

BENCHMARK_MAIN();
