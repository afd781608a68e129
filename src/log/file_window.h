// Reads a file through one buffer, for readers that go forward in small steps.
//
// A read that fails is tried three times, since a disk's bad moment must not end the hub. Used by
// one thread; the file may be written by another meanwhile, beyond what is asked for here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/disk.h"

namespace batuta::log {

class FileWindow {
 public:
  // The file outlives the window. At least `chunk_bytes` are read at a time.
  FileWindow(base::File* file, size_t chunk_bytes) : file_(file), chunk_bytes_(chunk_bytes) {}

  // The bytes at the offset; fewer than `size` only at the end of the file. Valid until the next
  // call.
  absl::StatusOr<std::string_view> View(uint64_t offset, size_t size);

 private:
  base::File* file_;
  size_t chunk_bytes_;
  uint64_t begin_ = 0;
  std::string buffer_;
};

// Reads with the same patience.
absl::StatusOr<std::string> ReadPatiently(base::File& file, uint64_t offset, size_t size);

}  // namespace batuta::log
