// Writes one file of the archive under a temporary name and makes it durable under its own.
//
// Used by one thread. A writer that is destroyed without Finish leaves a temporary file at most.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/disk.h"
#include "base/encoding.h"
#include "base/ids.h"
#include "log/archive_block.h"
#include "log/archive_file.h"
#include "log/record.h"

namespace batuta::log {

struct ArchiveWriterOptions {
  base::Disk* disk = nullptr;  // outlives the writer
  std::string folder;
  base::Id128 hub;
  base::Position first;
  base::Id128 previous_chain;  // of the partition's last block so far
  size_t block_bytes = 0;
  int compression_level = 0;
};

class ArchiveWriter {
 public:
  static absl::StatusOr<std::unique_ptr<ArchiveWriter>> Create(ArchiveWriterOptions options);

  // Use Create.
  ArchiveWriter(ArchiveWriterOptions options, std::string path, std::unique_ptr<base::File> file);

  // Requires: the record is the next one of the partition.
  absl::Status Add(const Record& record);

  // Writes index and footer and makes the file durable; returns its path. Requires: a record was
  // added.
  absl::StatusOr<std::string> Finish();

 private:
  absl::Status Write(std::string_view bytes);
  absl::Status WriteBlock();

  const ArchiveWriterOptions options_;
  const std::string path_;
  const std::unique_ptr<base::File> file_;
  ArchiveSummary summary_;
  BlockCompressor compressor_;
  base::ByteWriter frames_;  // of the block that is being filled
  BlockPlace place_;         // of that block
  uint32_t records_ = 0;     // in that block
  std::string index_;
  uint64_t byte_ = 0;
};

}  // namespace batuta::log
