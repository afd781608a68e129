#include "store/disk_file_system.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "store/rocks_status.h"

namespace batuta::store {

namespace {

using rocksdb::Slice;
using rocksdb::Status;

// Arbitrary but fixed, so that the times RocksDB keeps in its files are the same in every run.
constexpr uint64_t kStandingMicros = 1'600'000'000'000'000;

// RocksDB's files on one file of the disk.
class FileOnDisk {
 public:
  FileOnDisk(std::shared_ptr<GuardedDisk> disk, std::unique_ptr<base::File> file)
      : disk_(std::move(disk)), file_(std::move(file)) {}

  Status Read(uint64_t offset, size_t n, Slice* result, char* scratch) const {
    return disk_->Run([&](base::Disk&) -> absl::Status {
      absl::StatusOr<std::string> bytes = file_->Read(offset, n);
      if (!bytes.ok()) return bytes.status();
      std::memcpy(scratch, bytes->data(), bytes->size());
      *result = Slice(scratch, bytes->size());
      return absl::OkStatus();
    });
  }
  Status Run(absl::FunctionRef<absl::Status(base::File&)> operation) const {
    return disk_->Run([&](base::Disk&) { return operation(*file_); });
  }

 private:
  std::shared_ptr<GuardedDisk> disk_;
  std::unique_ptr<base::File> file_;
};

class SequentialOnDisk final : public rocksdb::SequentialFile {
 public:
  explicit SequentialOnDisk(FileOnDisk file) : file_(std::move(file)) {}
  Status Read(size_t n, Slice* result, char* scratch) override {
    const Status status = file_.Read(offset_, n, result, scratch);
    if (status.ok()) offset_ += result->size();
    return status;
  }
  Status Skip(uint64_t n) override {
    offset_ += n;
    return Status::OK();
  }

 private:
  const FileOnDisk file_;
  uint64_t offset_ = 0;
};

class RandomAccessOnDisk final : public rocksdb::RandomAccessFile {
 public:
  explicit RandomAccessOnDisk(FileOnDisk file) : file_(std::move(file)) {}
  Status Read(uint64_t offset, size_t n, Slice* result, char* scratch) const override {
    return file_.Read(offset, n, result, scratch);
  }

 private:
  const FileOnDisk file_;
};

class WritableOnDisk final : public rocksdb::WritableFile {
 public:
  WritableOnDisk(FileOnDisk file, uint64_t size) : file_(std::move(file)), size_(size) {}
  Status Append(const Slice& data) override {
    const Status status =
        file_.Run([&](base::File& file) { return file.Write(size_, ToView(data)); });
    if (status.ok()) size_ += data.size();
    return status;
  }
  using rocksdb::WritableFile::Append;
  Status Truncate(uint64_t size) override {
    const Status status = file_.Run([&](base::File& file) { return file.Truncate(size); });
    if (status.ok()) size_ = size;
    return status;
  }
  Status Close() override { return Status::OK(); }
  Status Flush() override { return Status::OK(); }
  Status Sync() override {
    return file_.Run([](base::File& file) { return file.SyncData(); });
  }
  uint64_t GetFileSize() override { return size_; }

 private:
  const FileOnDisk file_;
  uint64_t size_;
};

class DirectoryOnDisk final : public rocksdb::Directory {
 public:
  DirectoryOnDisk(std::shared_ptr<GuardedDisk> disk, std::string path)
      : disk_(std::move(disk)), path_(std::move(path)) {}
  Status Fsync() override {
    return disk_->Run([&](base::Disk& disk) { return disk.SyncDirectory(path_); });
  }
  Status Close() override { return Status::OK(); }

 private:
  const std::shared_ptr<GuardedDisk> disk_;
  const std::string path_;
};

class NoLock final : public rocksdb::FileLock {};

class SilentLogger final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

std::string WithoutSlash(const std::string& path) {
  return path.size() > 1 && path.back() == '/' ? path.substr(0, path.size() - 1) : path;
}

}  // namespace

Status GuardedDisk::Run(absl::FunctionRef<absl::Status(base::Disk&)> operation) {
  {
    std::lock_guard lock(mutex_);
    if (ended_) return Status::IOError("the disk has ended");
  }
  try {
    return ToRocks(operation(disk_));
  } catch (...) {
    std::lock_guard lock(mutex_);
    if (!ended_) ended_ = std::current_exception();
    return Status::IOError("the disk has ended");
  }
}

void GuardedDisk::Rethrow() {
  std::exception_ptr ended;
  {
    std::lock_guard lock(mutex_);
    ended = ended_;
  }
  if (ended) std::rethrow_exception(ended);
}

DiskEnvironment::DiskEnvironment(base::Disk& disk)
    : EnvWrapper(rocksdb::Env::Default()), disk_(std::make_shared<GuardedDisk>(disk)) {}

void DiskEnvironment::RunJobs(absl::FunctionRef<bool()> stop) {
  while (!stop()) {
    Job job;
    {
      std::lock_guard lock(mutex_);
      if (jobs_.empty()) return;
      job = jobs_.front();
      jobs_.pop_front();
    }
    job.run(job.argument);
  }
}

void DiskEnvironment::Schedule(void (*run)(void*), void* argument, Priority priority, void* tag,
                               void (*unscheduled)(void*)) {
  std::lock_guard lock(mutex_);
  jobs_.push_back({run, argument, priority, tag, unscheduled});
}

int DiskEnvironment::UnSchedule(void* tag, Priority priority) {
  std::vector<Job> dropped;
  {
    std::lock_guard lock(mutex_);
    const auto matches = [&](const Job& job) { return job.tag == tag && job.priority == priority; };
    std::copy_if(jobs_.begin(), jobs_.end(), std::back_inserter(dropped), matches);
    std::erase_if(jobs_, matches);
  }
  for (const Job& job : dropped) {
    if (job.unscheduled != nullptr) job.unscheduled(job.argument);
  }
  return static_cast<int>(dropped.size());
}

unsigned int DiskEnvironment::GetThreadPoolQueueLen(Priority priority) const {
  std::lock_guard lock(mutex_);
  return static_cast<unsigned int>(std::count_if(
      jobs_.begin(), jobs_.end(), [&](const Job& job) { return job.priority == priority; }));
}

Status DiskEnvironment::NewSequentialFile(const std::string& path,
                                          std::unique_ptr<rocksdb::SequentialFile>* file,
                                          const rocksdb::EnvOptions&) {
  return disk_->Run([&](base::Disk& disk) -> absl::Status {
    auto opened = disk.OpenFile(path, base::Disk::Open::kRead);
    if (!opened.ok()) return opened.status();
    *file = std::make_unique<SequentialOnDisk>(FileOnDisk(disk_, *std::move(opened)));
    return absl::OkStatus();
  });
}

Status DiskEnvironment::NewRandomAccessFile(const std::string& path,
                                            std::unique_ptr<rocksdb::RandomAccessFile>* file,
                                            const rocksdb::EnvOptions&) {
  return disk_->Run([&](base::Disk& disk) -> absl::Status {
    auto opened = disk.OpenFile(path, base::Disk::Open::kRead);
    if (!opened.ok()) return opened.status();
    *file = std::make_unique<RandomAccessOnDisk>(FileOnDisk(disk_, *std::move(opened)));
    return absl::OkStatus();
  });
}

Status DiskEnvironment::OpenWritable(const std::string& path, bool keep_content,
                                     std::unique_ptr<rocksdb::WritableFile>* file) {
  return disk_->Run([&](base::Disk& disk) -> absl::Status {
    auto opened = disk.OpenFile(path, base::Disk::Open::kCreate);
    if (!opened.ok()) return opened.status();
    absl::StatusOr<uint64_t> size = (*opened)->Size();
    if (!size.ok()) return size.status();
    if (!keep_content && *size > 0) {
      if (absl::Status status = (*opened)->Truncate(0); !status.ok()) return status;
      *size = 0;
    }
    *file = std::make_unique<WritableOnDisk>(FileOnDisk(disk_, *std::move(opened)), *size);
    return absl::OkStatus();
  });
}

Status DiskEnvironment::NewWritableFile(const std::string& path,
                                        std::unique_ptr<rocksdb::WritableFile>* file,
                                        const rocksdb::EnvOptions&) {
  return OpenWritable(path, false, file);
}

Status DiskEnvironment::ReopenWritableFile(const std::string& path,
                                           std::unique_ptr<rocksdb::WritableFile>* file,
                                           const rocksdb::EnvOptions&) {
  return OpenWritable(path, true, file);
}

Status DiskEnvironment::ReuseWritableFile(const std::string& path, const std::string& old_path,
                                          std::unique_ptr<rocksdb::WritableFile>* file,
                                          const rocksdb::EnvOptions&) {
  const Status renamed = RenameFile(old_path, path);
  return renamed.ok() ? OpenWritable(path, false, file) : renamed;
}

Status DiskEnvironment::NewRandomRWFile(const std::string&, std::unique_ptr<rocksdb::RandomRWFile>*,
                                        const rocksdb::EnvOptions&) {
  return Status::NotSupported("files written in place");
}

Status DiskEnvironment::NewDirectory(const std::string& path,
                                     std::unique_ptr<rocksdb::Directory>* directory) {
  *directory = std::make_unique<DirectoryOnDisk>(disk_, WithoutSlash(path));
  return Status::OK();
}

// RocksDB 7.8 (wal_manager.cc) does not bear any other answer than yes or no. If the disk has
// ended, whatever comes next says so.
Status DiskEnvironment::FileExists(const std::string& path) {
  bool exists = false;
  const Status status = disk_->Run([&](base::Disk& disk) {
    exists = disk.Exists(path) || disk.List(WithoutSlash(path)).ok();
    return absl::OkStatus();
  });
  return status.ok() && exists ? status : Status::NotFound(path);
}

Status DiskEnvironment::GetChildren(const std::string& path, std::vector<std::string>* names) {
  return disk_->Run([&](base::Disk& disk) -> absl::Status {
    auto listed = disk.List(WithoutSlash(path));
    if (!listed.ok()) return listed.status();
    *names = *std::move(listed);
    return absl::OkStatus();
  });
}

Status DiskEnvironment::GetChildrenFileAttributes(const std::string& path,
                                                  std::vector<FileAttributes>* files) {
  std::vector<std::string> names;
  Status status = GetChildren(path, &names);
  files->clear();
  for (const std::string& name : names) {
    uint64_t size = 0;
    if (!status.ok()) break;
    status = GetFileSize(path + "/" + name, &size);
    if (status.ok()) files->push_back({name, size});
  }
  return status;
}

Status DiskEnvironment::DeleteFile(const std::string& path) {
  return disk_->Run([&](base::Disk& disk) { return disk.Remove(path); });
}

Status DiskEnvironment::Truncate(const std::string& path, size_t size) {
  return disk_->Run([&](base::Disk& disk) -> absl::Status {
    auto opened = disk.OpenFile(path, base::Disk::Open::kReadWrite);
    if (!opened.ok()) return opened.status();
    if (absl::Status status = (*opened)->Truncate(size); !status.ok()) return status;
    return (*opened)->SyncData();
  });
}

Status DiskEnvironment::CreateDir(const std::string& path) { return CreateDirIfMissing(path); }

Status DiskEnvironment::CreateDirIfMissing(const std::string& path) {
  return disk_->Run([&](base::Disk& disk) { return disk.MakeDirectory(WithoutSlash(path)); });
}

// The seam has no removal of folders; empty ones do no harm.
Status DiskEnvironment::DeleteDir(const std::string&) { return Status::OK(); }

Status DiskEnvironment::GetFileSize(const std::string& path, uint64_t* size) {
  return disk_->Run([&](base::Disk& disk) -> absl::Status {
    auto opened = disk.OpenFile(path, base::Disk::Open::kRead);
    if (!opened.ok()) return opened.status();
    auto bytes = (*opened)->Size();
    if (!bytes.ok()) return bytes.status();
    *size = *bytes;
    return absl::OkStatus();
  });
}

Status DiskEnvironment::GetFileModificationTime(const std::string&, uint64_t* time) {
  *time = kStandingMicros / 1'000'000;
  return Status::OK();
}

Status DiskEnvironment::RenameFile(const std::string& from, const std::string& to) {
  return disk_->Run([&](base::Disk& disk) -> absl::Status {
    // RocksDB renames CURRENT to name a list made just before, and relies on the order of the two.
    const size_t slash = from.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : from.substr(0, slash);
    if (absl::Status status = disk.SyncDirectory(folder); !status.ok()) return status;
    return disk.Rename(from, to);
  });
}

Status DiskEnvironment::LinkFile(const std::string& from, const std::string& to) {
  return disk_->Run([&](base::Disk& disk) { return disk.Link(from, to); });
}

Status DiskEnvironment::NumFileLinks(const std::string&, uint64_t* count) {
  *count = 1;
  return Status::OK();
}

Status DiskEnvironment::AreFilesSame(const std::string& a, const std::string& b, bool* same) {
  *same = WithoutSlash(a) == WithoutSlash(b);
  return Status::OK();
}

Status DiskEnvironment::LockFile(const std::string&, rocksdb::FileLock** lock) {
  *lock = new NoLock;
  return Status::OK();
}

Status DiskEnvironment::UnlockFile(rocksdb::FileLock* lock) {
  delete lock;
  return Status::OK();
}

Status DiskEnvironment::IsDirectory(const std::string& path, bool* is_directory) {
  return disk_->Run([&](base::Disk& disk) {
    *is_directory = disk.List(WithoutSlash(path)).ok();
    return absl::OkStatus();
  });
}

Status DiskEnvironment::GetAbsolutePath(const std::string& path, std::string* absolute) {
  *absolute = path;
  return Status::OK();
}

Status DiskEnvironment::GetTestDirectory(std::string* path) {
  *path = "test";
  return CreateDirIfMissing(*path);
}

Status DiskEnvironment::NewLogger(const std::string&, std::shared_ptr<rocksdb::Logger>* logger) {
  *logger = std::make_shared<SilentLogger>();
  return Status::OK();
}

Status DiskEnvironment::GetFreeSpace(const std::string&, uint64_t* bytes) {
  *bytes = std::numeric_limits<int64_t>::max();
  return Status::OK();
}

uint64_t DiskEnvironment::NowMicros() { return kStandingMicros; }

Status DiskEnvironment::GetCurrentTime(int64_t* seconds) {
  *seconds = kStandingMicros / 1'000'000;
  return Status::OK();
}

}  // namespace batuta::store
