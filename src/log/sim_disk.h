// A disk in memory that does what real disks are allowed to do, for tests and the simulator.
//
// Each file has what is durable and, by sectors of 512 bytes, what was written since its last sync.
// A crash decides for each such sector alone, by seed, whether it is kept, lost, torn or garbled,
// and for each directory operation since the last sync of its folder whether it has happened. Calls
// can be made to fail, space can run out, bits can rot. Folders are strings that end before a '/';
// the folders "" and "/" and "." always exist.
//
// Not modelled: time, bandwidth, permissions. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/disk.h"
#include "base/random.h"

namespace batuta::log {

enum class DiskCall {
  kOpen,
  kRead,
  kWrite,
  kSyncData,
  kTruncate,
  kAllocate,
  kSize,
  kRename,
  kRemove,
  kMakeDirectory,
  kSyncDirectory,
  kList,
  kLink,
  kFreeBytes,
};

// From the n-th call (1 is the next) of this kind on, or of any kind, one call or all of them fail.
struct DiskFault {
  std::optional<DiskCall> kind;
  uint64_t nth = 1;
  bool sticky = false;
  absl::Status error = absl::InternalError("injected I/O error");
};

class SimDisk final : public base::Disk {
 public:
  struct Inode;  // one file's content; see sim_disk.cc

  // Called before every call, without any lock held; may throw to end the simulated process there.
  using Hook = std::function<void(DiskCall, const std::string& path)>;

  SimDisk();
  ~SimDisk() override;

  absl::StatusOr<std::unique_ptr<base::File>> OpenFile(const std::string& path, Open mode) override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::Status Remove(const std::string& path) override;
  absl::Status MakeDirectory(const std::string& path) override;
  absl::Status SyncDirectory(const std::string& path) override;
  absl::StatusOr<std::vector<std::string>> List(const std::string& path) override;
  bool Exists(const std::string& path) override;
  absl::Status Link(const std::string& from, const std::string& to) override;
  absl::StatusOr<uint64_t> FreeBytes(const std::string& path) override;

  // Loss of power: what is durable stays, the rest is decided by the seed. Files opened before
  // answer every later call with an error. Faults, quota and hook stay.
  void Crash(uint64_t seed);
  // The end of the process alone: everything written stays, but files opened before are closed.
  void Kill();

  void SetHook(Hook hook);
  // Adds a fault. A failing SyncData drops what was written since the last sync; a failing Write
  // writes the first half.
  void Inject(DiskFault fault);
  void ClearFaults();
  // The files may not grow beyond this many bytes together; ResourceExhausted. No quota at first.
  void SetQuota(std::optional<uint64_t> bytes);
  // Inverts one bit of what is stored. Requires: the file exists and is longer than `byte`.
  void Flip(const std::string& path, uint64_t byte, int bit);

  uint64_t calls() const;  // of any kind, so far
  // True if some file has content, or some name a change, that a crash could undo.
  bool HasUnsynced() const;

 private:
  friend class SimFile;
  struct DirectoryChange {
    enum class Kind { kAdd, kRemove, kRename, kMakeDirectory } kind;
    std::string from, to;  // kAdd: to; kRemove: from; kMakeDirectory: to
    std::shared_ptr<Inode> inode;
  };
  struct Names {
    std::map<std::string, std::shared_ptr<Inode>> files;
    std::set<std::string> folders;
  };
  // Runs the hook, counts the call, and returns the error that it shall fail with.
  absl::Status Begin(DiskCall call, const std::string& path) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status CheckSpace(uint64_t growth) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  uint64_t UsedBytes() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Change(DirectoryChange change) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static void Apply(const DirectoryChange& change, Names& names);

  mutable absl::Mutex mutex_;
  Names live_ ABSL_GUARDED_BY(mutex_);
  Names durable_ ABSL_GUARDED_BY(mutex_);
  std::vector<DirectoryChange> unsynced_ ABSL_GUARDED_BY(mutex_);
  std::vector<DiskFault> faults_ ABSL_GUARDED_BY(mutex_);
  std::optional<uint64_t> quota_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const Hook> hook_ ABSL_GUARDED_BY(mutex_);
  uint64_t calls_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t boot_ ABSL_GUARDED_BY(mutex_) = 0;  // counts crashes; files of an older one are dead
};

}  // namespace batuta::log
