// What a process and its threads used: processor time, memory, and the disk's time for syncs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "bench/report.h"
#include "log/posix_disk.h"

namespace batuta::bench {

int64_t WallMicros();
int64_t ProcessCpuMicros();  // all threads, user and kernel
int64_t ThreadCpuMicros();   // the calling thread's

// Wall and processor time since the start. The generator's own time is told by Exclude().
class Meter {
 public:
  Meter() : wall_(WallMicros()), cpu_(ProcessCpuMicros()) {}
  void Exclude(int64_t cpu_micros) { excluded_ += cpu_micros; }
  int64_t wall() const { return WallMicros() - wall_; }
  int64_t cpu() const { return ProcessCpuMicros() - cpu_ - excluded_; }

 private:
  int64_t wall_;
  int64_t cpu_;
  int64_t excluded_ = 0;
};

// Waits until the process does next to nothing: flushes and compactions have ended. At most
// `limit`.
void WaitUntilIdle(int64_t limit_micros);

int64_t ResidentBytes();

// The operating system's disk; how long each SyncData of the log's files took is kept.
class TimedDisk final : public base::Disk {
 public:
  absl::StatusOr<std::unique_ptr<base::File>> OpenFile(const std::string& path, Open mode) override;
  absl::Status Rename(const std::string& from, const std::string& to) override {
    return disk_.Rename(from, to);
  }
  absl::Status Remove(const std::string& path) override { return disk_.Remove(path); }
  absl::Status MakeDirectory(const std::string& path) override { return disk_.MakeDirectory(path); }
  absl::Status SyncDirectory(const std::string& path) override { return disk_.SyncDirectory(path); }
  absl::StatusOr<std::vector<std::string>> List(const std::string& path) override {
    return disk_.List(path);
  }
  bool Exists(const std::string& path) override { return disk_.Exists(path); }
  absl::Status Link(const std::string& from, const std::string& to) override {
    return disk_.Link(from, to);
  }
  absl::StatusOr<uint64_t> FreeBytes(const std::string& path) override {
    return disk_.FreeBytes(path);
  }

  // Since the last call.
  Latencies TakeSyncs() ABSL_LOCKS_EXCLUDED(mutex_);
  void Keep(int64_t micros) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  log::PosixDisk disk_;
  absl::Mutex mutex_;
  Latencies syncs_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace batuta::bench
