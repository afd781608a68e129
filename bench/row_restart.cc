// Row 7: how long a hub that was killed takes to be back, with many records since its last
// checkpoint.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/status.h"
#include "base/text.h"
#include "bench/rows.h"

extern char** environ;

namespace batuta::bench {
namespace {

void FillInProcessOfItsOwn(const std::string& folder, size_t records) {
  std::string count = base::StrCat(records);
  std::string path = folder;
  std::array<std::string, 2> words = {"hub_bench", "--until-killed"};
  std::array<char*, 5> arguments = {words[0].data(), words[1].data(), path.data(), count.data(),
                                    nullptr};
  pid_t child = 0;
  BATUTA_CHECK(posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, arguments.data(), environ) ==
               0);
  int status = 0;
  BATUTA_CHECK(waitpid(child, &status, 0) == child);
  BATUTA_CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

}  // namespace

void RunUntilKilled(const std::string& folder, size_t records) {
  BenchHub hub(folder, {.checkpoints = false});
  Crowd crowd(hub.hub().vault(), kPartitions, std::min<size_t>(records / 10, 50'000));
  Latencies ignored;
  hub.Take(crowd.Introductions(0, crowd.size(), 100), ignored);
  hub.Settle();
  hub.Checkpoint();
  const uint64_t start = hub.LogRecords();
  while (hub.LogRecords() - start < records) {
    const size_t left = records - (hub.LogRecords() - start);
    const size_t events = std::clamp<size_t>(left / 2 / 100 * 100, 100, 50'000);
    hub.Take(crowd.Events({.events = events}), ignored);
    hub.Settle();
  }
  _exit(0);  // neither stopped nor closed
}

void MeasureRestart(const BenchOptions& options, Report& report) {
  const Folder folder;
  const std::string path = folder.path() + "/hub";
  FillInProcessOfItsOwn(path, options.restart_records);
  TimedDisk disk;
  log::SystemClock clock;
  const Meter meter;
  auto hub = engine::Hub::Open(HubOptionsOf(path, disk, clock, {}));
  BATUTA_CHECK_OK(hub.status());
  const double seconds = static_cast<double>(meter.wall()) / 1e6;
  const double cpu = static_cast<double>(meter.cpu());
  const std::vector<base::Offset> applied = (*hub)->runtime().Applied();
  const std::vector<base::Offset> checkpointed = (*hub)->runtime().Checkpointed();
  uint64_t folded = 0;
  for (size_t i = 0; i < applied.size(); ++i) {
    folded += base::Number(applied[i]) - base::Number(checkpointed[i]);
  }
  BATUTA_CHECK(folded >= options.restart_records,
               "everything since the checkpoint is folded again");
  const std::string row = base::StrCat("7 restart, ", folded, " records");
  report.Add(row, "until the hub is back", "s", {seconds}, "<= 20 with 1 M");
  report.Add(row, "CPU per record", "us", {cpu / static_cast<double>(folded)});
}

}  // namespace batuta::bench
