// The seam to the disk: everything that the hub keeps goes through one of these, so that a
// simulation can lose, tear and refuse what a real disk may lose, tear and refuse.
//
// Paths are absolute or relative to the process; `/` separates. What is written is durable only
// after `SyncData` on the file and, for a new, renamed or removed name, `SyncDirectory` on its
// folder. Thread-safe, except that one File is used by one thread at a time unless said otherwise.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace batuta::base {

class File {
 public:
  virtual ~File() = default;
  // Reads up to `size` bytes at `offset`; fewer only at the end of the file. Safe from any thread.
  virtual absl::StatusOr<std::string> Read(uint64_t offset, size_t size) = 0;
  // Writes all of `data` at `offset`, extending the file as needed.
  virtual absl::Status Write(uint64_t offset, std::string_view data) = 0;
  // Makes written data durable. After a failure nothing may be assumed about what was written
  // before; the caller ends the process and reads again from the disk.
  virtual absl::Status SyncData() = 0;
  virtual absl::Status Truncate(uint64_t size) = 0;
  // Reserves space so that later writes below `size` need no new blocks; the size grows to `size`,
  // reading as zeros.
  virtual absl::Status Allocate(uint64_t size) = 0;
  virtual absl::StatusOr<uint64_t> Size() = 0;
};

class Disk {
 public:
  enum class Open { kRead, kReadWrite, kCreate };  // kCreate: read and write, made if absent
  virtual ~Disk() = default;
  virtual absl::StatusOr<std::unique_ptr<File>> OpenFile(const std::string& path, Open mode) = 0;
  virtual absl::Status Rename(const std::string& from, const std::string& to) = 0;
  virtual absl::Status Remove(const std::string& path) = 0;
  virtual absl::Status MakeDirectory(const std::string& path) = 0;  // and its parents; may exist
  virtual absl::Status SyncDirectory(const std::string& path) = 0;
  // Names (not paths) in the folder, sorted. NotFound if there is no such folder.
  virtual absl::StatusOr<std::vector<std::string>> List(const std::string& path) = 0;
  virtual bool Exists(const std::string& path) = 0;
  // A second name for the same file (hard link), or a copy where links are not to be had.
  virtual absl::Status Link(const std::string& from, const std::string& to) = 0;
  // Bytes that can still be written to the file system of `path`.
  virtual absl::StatusOr<uint64_t> FreeBytes(const std::string& path) = 0;
};

// Reads a whole file; NotFound if absent.
absl::StatusOr<std::string> ReadFile(Disk& disk, const std::string& path);

// Removes the file, or the folder with all that is in it; nothing where there is none.
absl::Status RemoveTree(Disk& disk, const std::string& path);

// Replaces a small file so that a crash leaves the old or the new content: writes `path`.tmp,
// syncs, renames, syncs the folder.
absl::Status ReplaceFile(Disk& disk, const std::string& path, std::string_view content);

}  // namespace batuta::base
