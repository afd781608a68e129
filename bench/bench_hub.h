// A hub in a folder of the real disk, as a benchmark drives it: eight partitions, sealing on.
//
// Used by one thread unless said otherwise; what it starts has threads of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "bench/crowd.h"
#include "bench/meter.h"
#include "connect/ingest.h"
#include "engine/runtime_hub.h"
#include "log/system_clock.h"
#include "resource/classification.h"

namespace batuta::bench {

inline constexpr uint16_t kPartitions = 8;

// A folder of its own on the disk under /var/tmp (or $TMPDIR), removed at the end.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct HubChoices {
  size_t workers = 2;
  bool checkpoints = true;  // false: only those that are asked for
};

engine::HubOptions HubOptionsOf(const std::string& folder, TimedDisk& disk, base::Clock& clock,
                                const HubChoices& choices);

// Sums over all partitions, read on their threads.
struct Totals {
  uint64_t events = 0;  // taken, without duplicates
  uint64_t duplicates = 0;
  uint64_t rejections = 0;
  uint64_t people = 0;
  uint64_t merges = 0;
};

class BenchHub {
 public:
  explicit BenchHub(std::string folder, const HubChoices& choices = {});
  ~BenchHub();
  void Stop() { hub_->Stop(); }

  // Reads the bodies as the API does and appends them, at most `in_flight` groups at a time,
  // waiting while the hub is under pressure. Adds the time from Append to durable to
  // `acknowledged`.
  void Take(const Bodies& bodies, Latencies& acknowledged, size_t in_flight = 32);
  // One body; false if the hub refused it. `done` is called when it is durable. Any thread.
  bool Take(std::string_view body, std::string_view type, engine::CommitDone done);

  // Returns when everything durable is applied, and what it led to.
  void Settle();
  // Writes checkpoints of all partitions, and waits until the background work they cause is done.
  void Checkpoint();
  Totals Sums();
  // Events that reached a person's profile; reads all people.
  uint64_t CountedInProfiles();
  uint64_t LogRecords();
  int64_t peak_resident() const { return peak_resident_; }

  // Writes this many ids into the tables that events are deduplicated by. Closes and opens the hub.
  void PreloadDedup(size_t ids);

  engine::Hub& hub() { return *hub_; }
  TimedDisk& disk() { return disk_; }

 private:
  void Open();
  connect::Ingested Read(std::string_view body, std::string_view type);

  const std::string folder_;
  const HubChoices choices_;
  TimedDisk disk_;
  log::SystemClock clock_;
  resource::Classification classification_;
  identity::Settings identity_;
  std::unique_ptr<engine::Hub> hub_;
  int64_t peak_resident_ = 0;  // without the bodies
};

// Waits for a number of things to be done.
class Latch {
 public:
  void Add(size_t count);
  void Done();
  void WaitBelow(size_t count);  // until fewer than `count` are under way

 private:
  absl::Mutex mutex_;
  absl::CondVar changed_;
  size_t under_way_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace batuta::bench
