// RocksDB's world made of our disk seam: its files are the disk's, its background jobs wait in a
// queue until the caller runs them, and its clock stands still. Private to `store`.
//
// So a database does exactly the same disk operations, in the same order, for the same calls. An
// exception thrown by the disk (a simulator ending the process) does not pass through RocksDB: it
// is kept, every later operation fails, and Rethrow() raises it outside. Thread-safe, as far as the
// disk is; RunJobs is called by one thread at a time.
#pragma once

#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "base/disk.h"
#include "rocksdb/env.h"

namespace batuta::store {

// What the files of one environment share: the disk and its state of having ended.
class GuardedDisk {
 public:
  explicit GuardedDisk(base::Disk& disk) : disk_(disk) {}
  // Runs an operation on the disk; keeps an exception and fails from then on.
  rocksdb::Status Run(absl::FunctionRef<absl::Status(base::Disk&)> operation);
  void Rethrow();

 private:
  base::Disk& disk_;
  std::mutex mutex_;
  std::exception_ptr ended_;
};

class DiskEnvironment final : public rocksdb::EnvWrapper {
 public:
  explicit DiskEnvironment(base::Disk& disk);

  // Runs queued jobs, and those they queue, in order, until none is left or `stop` says so.
  void RunJobs(absl::FunctionRef<bool()> stop);
  // Raises what the disk threw, if it did.
  void Rethrow() { disk_->Rethrow(); }

  const char* Name() const override { return "BatutaDiskEnvironment"; }

  rocksdb::Status NewSequentialFile(const std::string& path,
                                    std::unique_ptr<rocksdb::SequentialFile>* file,
                                    const rocksdb::EnvOptions& options) override;
  rocksdb::Status NewRandomAccessFile(const std::string& path,
                                      std::unique_ptr<rocksdb::RandomAccessFile>* file,
                                      const rocksdb::EnvOptions& options) override;
  rocksdb::Status NewWritableFile(const std::string& path,
                                  std::unique_ptr<rocksdb::WritableFile>* file,
                                  const rocksdb::EnvOptions& options) override;
  rocksdb::Status ReopenWritableFile(const std::string& path,
                                     std::unique_ptr<rocksdb::WritableFile>* file,
                                     const rocksdb::EnvOptions& options) override;
  rocksdb::Status ReuseWritableFile(const std::string& path, const std::string& old_path,
                                    std::unique_ptr<rocksdb::WritableFile>* file,
                                    const rocksdb::EnvOptions& options) override;
  rocksdb::Status NewRandomRWFile(const std::string& path,
                                  std::unique_ptr<rocksdb::RandomRWFile>* file,
                                  const rocksdb::EnvOptions& options) override;
  rocksdb::Status NewDirectory(const std::string& path,
                               std::unique_ptr<rocksdb::Directory>* directory) override;
  rocksdb::Status FileExists(const std::string& path) override;
  rocksdb::Status GetChildren(const std::string& path, std::vector<std::string>* names) override;
  rocksdb::Status GetChildrenFileAttributes(const std::string& path,
                                            std::vector<FileAttributes>* files) override;
  rocksdb::Status DeleteFile(const std::string& path) override;
  rocksdb::Status Truncate(const std::string& path, size_t size) override;
  rocksdb::Status CreateDir(const std::string& path) override;
  rocksdb::Status CreateDirIfMissing(const std::string& path) override;
  rocksdb::Status DeleteDir(const std::string& path) override;
  rocksdb::Status GetFileSize(const std::string& path, uint64_t* size) override;
  rocksdb::Status GetFileModificationTime(const std::string& path, uint64_t* time) override;
  rocksdb::Status RenameFile(const std::string& from, const std::string& to) override;
  rocksdb::Status LinkFile(const std::string& from, const std::string& to) override;
  rocksdb::Status NumFileLinks(const std::string& path, uint64_t* count) override;
  rocksdb::Status AreFilesSame(const std::string& a, const std::string& b, bool* same) override;
  // Two owners of one simulated folder are a bug of the test; nothing is locked.
  rocksdb::Status LockFile(const std::string& path, rocksdb::FileLock** lock) override;
  rocksdb::Status UnlockFile(rocksdb::FileLock* lock) override;
  rocksdb::Status IsDirectory(const std::string& path, bool* is_directory) override;
  rocksdb::Status GetAbsolutePath(const std::string& path, std::string* absolute) override;
  rocksdb::Status GetTestDirectory(std::string* path) override;
  rocksdb::Status NewLogger(const std::string& path,
                            std::shared_ptr<rocksdb::Logger>* logger) override;
  rocksdb::Status GetFreeSpace(const std::string& path, uint64_t* bytes) override;

  void Schedule(void (*run)(void*), void* argument, Priority priority, void* tag,
                void (*unscheduled)(void*)) override;
  int UnSchedule(void* tag, Priority priority) override;
  unsigned int GetThreadPoolQueueLen(Priority priority) const override;
  int ReserveThreads(int, Priority) override { return 0; }
  int ReleaseThreads(int, Priority) override { return 0; }
  void SetBackgroundThreads(int, Priority) override {}
  void IncBackgroundThreadsIfNeeded(int, Priority) override {}
  void LowerThreadPoolIOPriority(Priority) override {}
  void LowerThreadPoolCPUPriority(Priority) override {}
  rocksdb::Status LowerThreadPoolCPUPriority(Priority, rocksdb::CpuPriority) override {
    return rocksdb::Status::OK();
  }

  uint64_t NowMicros() override;
  uint64_t NowNanos() override { return NowMicros() * 1000; }
  uint64_t NowCPUNanos() override { return NowMicros() * 1000; }
  rocksdb::Status GetCurrentTime(int64_t* seconds) override;
  void SleepForMicroseconds(int) override {}

 private:
  struct Job {
    void (*run)(void*);
    void* argument;
    Priority priority;
    void* tag;
    void (*unscheduled)(void*);
  };
  rocksdb::Status OpenWritable(const std::string& path, bool keep_content,
                               std::unique_ptr<rocksdb::WritableFile>* file);

  const std::shared_ptr<GuardedDisk> disk_;
  mutable std::mutex mutex_;
  std::deque<Job> jobs_;
};

}  // namespace batuta::store
