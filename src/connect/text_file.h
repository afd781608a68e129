// A file of text read from begin to end, plain or gzip.
//
// Not thread-safe. Offsets count bytes after decompression.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"

struct gzFile_s;

namespace batuta::connect {

class TextFile {
 public:
  // NotFound if it cannot be read.
  static absl::StatusOr<TextFile> Open(const std::string& path);

  // Goes on from this offset; reads up to it where the file is compressed.
  absl::Status Seek(uint64_t offset);
  // The next line without its end ("\n" or "\r\n"); false at the end of the file. A line of more
  // than kMaxLineBytes is cut there, and the rest of it is passed over. DataLoss: the compressed
  // data is damaged or cut short.
  absl::StatusOr<bool> NextLine(std::string& line);

  static constexpr size_t kMaxLineBytes = size_t{1} << 20;

  uint64_t offset() const { return offset_; }
  // Of the file as it lies on the disk, for progress.
  uint64_t stored_offset() const;
  uint64_t stored_size() const { return stored_size_; }

 private:
  struct Closer {
    void operator()(gzFile_s* file) const;
  };
  TextFile(std::unique_ptr<gzFile_s, Closer> file, std::string path, uint64_t size);
  absl::StatusOr<bool> Fill();

  std::unique_ptr<gzFile_s, Closer> file_;
  std::string path_;
  uint64_t stored_size_;
  uint64_t offset_ = 0;
  std::string buffer_;
  size_t at_ = 0;
};

// A hash of everything in the file as it lies on the disk.
absl::StatusOr<base::Id128> HashOfFile(const std::string& path);

}  // namespace batuta::connect
