// A block of the archive: consecutive records of one partition, as frames, compressed together.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "log/log.h"

struct ZSTD_CCtx_s;

namespace batuta::log {

inline constexpr size_t kBlockHeaderBytes = 44;

struct BlockHeader {
  uint32_t raw_bytes = 0;     // of the frames
  uint32_t stored_bytes = 0;  // of the compressed frames, which follow the header
  uint32_t records = 0;
  base::Offset first{};
  base::Id128 chain;  // hash over the block before and this one
  uint32_t crc = 0;   // over all of the above and the compressed frames
};

struct StoredBlock {
  std::string bytes;  // header and compressed frames
  base::Id128 chain;
};

// Compresses block after block with the same memory. Used by one thread.
class BlockCompressor {
 public:
  explicit BlockCompressor(int level);  // of zstd; negative levels are faster
  ~BlockCompressor();
  BlockCompressor(const BlockCompressor&) = delete;
  BlockCompressor& operator=(const BlockCompressor&) = delete;
  std::string Compress(std::string_view raw);

 private:
  const int level_;
  ZSTD_CCtx_s* const context_;
};

// Requires: `frames` is not empty.
StoredBlock EncodeBlock(const base::Id128& previous, base::Offset first, uint32_t records,
                        std::string_view frames, BlockCompressor& compressor);

// Nothing if the bytes do not begin with a block.
std::optional<BlockHeader> ParseBlockHeader(std::string_view bytes);

// The frames of the block that `bytes` are. DataLoss says what is wrong with it, but not where it
// is.
absl::StatusOr<std::string> DecodeBlock(std::string_view bytes);

// Whether the block is the one that was written after the one with the chain `previous`.
bool FollowsChain(const base::Id128& previous, std::string_view bytes);

// Visits those records of a decoded block that lie in (after, up_to]. DataLoss if a frame is
// damaged or not the next one of its partition.
absl::Status VisitFrames(std::string_view frames, base::Position first, base::Offset after,
                         base::Offset up_to, RecordVisitor visit);

}  // namespace batuta::log
