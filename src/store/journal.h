// The journal of a key-value store: writes in the order of their numbers, each durable before it is
// believed. Private to `store`.
//
// A file holds a header (owner and the first number) and then frames, one per write, each synced
// before the next is written. So only the last frame of the last file can be torn; it is cut.
// Damage before it is refused. Used by one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/disk.h"
#include "base/ids.h"

namespace batuta::store {

class Journal {
 public:
  Journal(base::Disk& disk, std::string folder, const base::Id128& owner)
      : disk_(disk), folder_(std::move(folder)), owner_(owner) {}

  // Reads all files; `visit` sees each sound frame, durable by then, in order and may refuse it.
  // Returns the number after the last frame, or 0 if there is no file at all.
  absl::StatusOr<uint64_t> Read(
      absl::FunctionRef<absl::Status(uint64_t number, std::string_view payload)> visit);

  // Starts a new file; its first frame will have this number.
  absl::Status Start(uint64_t first);
  // Adds a frame; durable on return. Requires: Start was called, and the numbers are without gaps.
  absl::Status Append(uint64_t number, std::string_view payload);
  uint64_t bytes() const { return size_; }  // of the current file

  // Overwrites all files but the current one with zeros, and removes them.
  absl::Status RemoveOld();

 private:
  std::string Path(uint64_t first) const;
  std::string Header(uint64_t first) const;
  absl::StatusOr<std::vector<std::string>> Files(std::string_view prefix) const;
  absl::StatusOr<uint64_t> ReadFrames(
      const std::string& path, bool is_last, uint64_t expected,
      absl::FunctionRef<absl::Status(uint64_t number, std::string_view payload)> visit);
  absl::Status Sync(const std::string& path);
  absl::Status Wipe(const std::string& path);

  base::Disk& disk_;
  const std::string folder_;
  const base::Id128 owner_;
  std::unique_ptr<base::File> file_;
  std::string current_;
  uint64_t next_ = 0;
  uint64_t size_ = 0;
};

}  // namespace batuta::store
