#include "log/archive_block.h"

#include <zstd.h>

#include "base/crc32c.h"
#include "base/encoding.h"
#include "base/status.h"
#include "base/text.h"
#include "log/chain_hash.h"
#include "log/frame.h"

namespace batuta::log {
namespace {

constexpr uint32_t kBlockMagic = 0x42424C4B;  // "BBLK"
constexpr size_t kHashedHeaderBytes = 24;     // what precedes the chain hash
constexpr size_t kSummedHeaderBytes = kBlockHeaderBytes - 4;

}  // namespace

BlockCompressor::BlockCompressor(int level) : level_(level), context_(ZSTD_createCCtx()) {
  BATUTA_CHECK(context_ != nullptr);
}

BlockCompressor::~BlockCompressor() { ZSTD_freeCCtx(context_); }

std::string BlockCompressor::Compress(std::string_view raw) {
  std::string stored(ZSTD_compressBound(raw.size()), '\0');
  const size_t size =
      ZSTD_compressCCtx(context_, stored.data(), stored.size(), raw.data(), raw.size(), level_);
  BATUTA_CHECK(ZSTD_isError(size) == 0);
  stored.resize(size);
  return stored;
}

StoredBlock EncodeBlock(const base::Id128& previous, base::Offset first, uint32_t records,
                        std::string_view frames, BlockCompressor& compressor) {
  BATUTA_CHECK(!frames.empty() && records > 0);
  const std::string stored = compressor.Compress(frames);
  base::ByteWriter writer;
  writer.U32(kBlockMagic);
  writer.U32(static_cast<uint32_t>(frames.size()));
  writer.U32(static_cast<uint32_t>(stored.size()));
  writer.U32(records);
  writer.U64(base::Number(first));
  const base::Id128 chain = ChainHash(previous, {writer.bytes(), stored});
  writer.Raw(chain.ToBytes());
  writer.U32(base::Crc32c(stored, base::Crc32c(writer.bytes())));
  writer.Raw(stored);
  return {.bytes = writer.Take(), .chain = chain};
}

std::optional<BlockHeader> ParseBlockHeader(std::string_view bytes) {
  base::ByteReader reader(bytes);
  if (reader.U32() != kBlockMagic) return std::nullopt;
  BlockHeader header;
  header.raw_bytes = reader.U32();
  header.stored_bytes = reader.U32();
  header.records = reader.U32();
  header.first = base::Offset{reader.U64()};
  const std::string_view chain = reader.Raw(16);
  header.crc = reader.U32();
  if (!reader.ok()) return std::nullopt;
  header.chain = base::Id128::FromBytes(chain);
  return header;
}

absl::StatusOr<std::string> DecodeBlock(std::string_view bytes) {
  const std::optional<BlockHeader> header = ParseBlockHeader(bytes);
  if (!header || bytes.size() != kBlockHeaderBytes + header->stored_bytes) {
    return absl::DataLossError("the block header is damaged");
  }
  const std::string_view stored = bytes.substr(kBlockHeaderBytes);
  const uint32_t crc = base::Crc32c(stored, base::Crc32c(bytes.substr(0, kSummedHeaderBytes)));
  if (crc != header->crc) return absl::DataLossError("the checksum of the block is wrong");
  std::string raw(header->raw_bytes, '\0');
  const size_t size = ZSTD_decompress(raw.data(), raw.size(), stored.data(), stored.size());
  if (ZSTD_isError(size) != 0 || size != raw.size()) {
    return absl::DataLossError("the block cannot be decompressed");
  }
  return raw;
}

bool FollowsChain(const base::Id128& previous, std::string_view bytes) {
  const std::optional<BlockHeader> header = ParseBlockHeader(bytes);
  return header && header->chain == ChainHash(previous, {bytes.substr(0, kHashedHeaderBytes),
                                                         bytes.substr(kBlockHeaderBytes)});
}

absl::Status VisitFrames(std::string_view frames, base::Position first, base::Offset after,
                         base::Offset up_to, RecordVisitor visit) {
  Record record;
  base::Position expected = first;
  while (!frames.empty() && expected.offset <= up_to) {
    const std::optional<FrameHeader> header = PeekFrame(frames);
    if (!header || header->position != expected || header->FrameSize() > frames.size()) {
      return absl::DataLossError(
          base::StrCat("record ", base::Number(expected.offset), " is not in its place"));
    }
    if (expected.offset > after) {
      const std::optional<std::string_view> payload = CheckFrame(*header, frames);
      if (!payload) {
        return absl::DataLossError(
            base::StrCat("the checksum of record ", base::Number(expected.offset), " is wrong"));
      }
      FillRecord(*header, *payload, record);
      BATUTA_RETURN_IF_ERROR(visit(record));
    }
    frames.remove_prefix(header->FrameSize());
    expected.offset = base::Next(expected.offset);
  }
  return absl::OkStatus();
}

}  // namespace batuta::log
