#include "log/file_window.h"

#include <algorithm>
#include <utility>

#include "base/status.h"

namespace batuta::log {

absl::StatusOr<std::string> ReadPatiently(base::File& file, uint64_t offset, size_t size) {
  constexpr int kTries = 3;
  absl::StatusOr<std::string> bytes = file.Read(offset, size);
  for (int i = 1; i < kTries && !bytes.ok(); ++i) bytes = file.Read(offset, size);
  return bytes;
}

absl::StatusOr<std::string_view> FileWindow::View(uint64_t offset, size_t size) {
  if (offset < begin_ || offset + size > begin_ + buffer_.size()) {
    buffer_.clear();
    BATUTA_ASSIGN_OR_RETURN(buffer_, ReadPatiently(*file_, offset, std::max(size, chunk_bytes_)));
    begin_ = offset;
  }
  return std::string_view(buffer_).substr(offset - begin_, size);
}

}  // namespace batuta::log
