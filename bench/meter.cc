#include "bench/meter.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <thread>
#include <utility>

namespace batuta::bench {
namespace {

int64_t MicrosOf(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

class TimedFile final : public base::File {
 public:
  TimedFile(std::unique_ptr<base::File> file, TimedDisk& disk)
      : file_(std::move(file)), disk_(disk) {}
  absl::StatusOr<std::string> Read(uint64_t offset, size_t size) override {
    return file_->Read(offset, size);
  }
  absl::Status Write(uint64_t offset, std::string_view data) override {
    return file_->Write(offset, data);
  }
  absl::Status SyncData() override {
    const int64_t start = WallMicros();
    absl::Status synced = file_->SyncData();
    disk_.Keep(WallMicros() - start);
    return synced;
  }
  absl::Status Truncate(uint64_t size) override { return file_->Truncate(size); }
  absl::Status Allocate(uint64_t size) override { return file_->Allocate(size); }
  absl::StatusOr<uint64_t> Size() override { return file_->Size(); }

 private:
  const std::unique_ptr<base::File> file_;
  TimedDisk& disk_;
};

}  // namespace

int64_t WallMicros() { return MicrosOf(CLOCK_MONOTONIC); }
int64_t ProcessCpuMicros() { return MicrosOf(CLOCK_PROCESS_CPUTIME_ID); }
int64_t ThreadCpuMicros() { return MicrosOf(CLOCK_THREAD_CPUTIME_ID); }

void WaitUntilIdle(int64_t limit_micros) {
  constexpr int64_t kStep = 200'000;
  const int64_t end = WallMicros() + limit_micros;
  int64_t before = ProcessCpuMicros();
  while (WallMicros() < end) {
    std::this_thread::sleep_for(std::chrono::microseconds(kStep));
    const int64_t now = ProcessCpuMicros();
    if (now - before < kStep / 20) return;
    before = now;
  }
}

int64_t ResidentBytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  long total = 0;
  long resident = 0;
  const int read = std::fscanf(file, "%ld %ld", &total, &resident);
  std::fclose(file);
  return read == 2 ? int64_t{resident} * sysconf(_SC_PAGESIZE) : 0;
}

absl::StatusOr<std::unique_ptr<base::File>> TimedDisk::OpenFile(const std::string& path,
                                                                Open mode) {
  auto file = disk_.OpenFile(path, mode);
  if (!file.ok() || path.find("/log/") == std::string::npos) return file;
  return std::unique_ptr<base::File>(std::make_unique<TimedFile>(*std::move(file), *this));
}

Latencies TimedDisk::TakeSyncs() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(syncs_, {});
}

void TimedDisk::Keep(int64_t micros) {
  absl::MutexLock lock(&mutex_);
  syncs_.Add(micros);
}

}  // namespace batuta::bench
