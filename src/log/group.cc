#include "log/group.h"

#include <utility>

#include "base/crc32c.h"
#include "base/status.h"
#include "log/chain_hash.h"

namespace batuta::log {
namespace {

constexpr uint32_t kGroupMagic = 0x42475250;  // "BGRP"

std::string EncodeHeader(const GroupHeader& header, uint32_t seed) {
  base::ByteWriter writer;
  writer.U32(kGroupMagic);
  writer.U32(header.entries);
  writer.U32(header.body_bytes);
  writer.U64(header.segment);
  writer.U64(header.previous.segment);
  writer.U64(header.previous.byte);
  writer.U64(header.previous.groups);
  writer.Raw(header.previous.chain.ToBytes());
  writer.U32(base::Crc32c(writer.bytes(), seed));
  BATUTA_CHECK(writer.bytes().size() == kGroupHeaderBytes);
  return writer.Take();
}

}  // namespace

uint32_t HeaderSeed(const base::Id128& hub) { return base::Crc32c(hub.ToBytes()); }

std::optional<GroupHeader> ParseGroupHeader(std::string_view bytes, uint32_t seed) {
  base::ByteReader reader(bytes);
  if (reader.U32() != kGroupMagic) return std::nullopt;
  GroupHeader header;
  header.entries = reader.U32();
  header.body_bytes = reader.U32();
  header.segment = reader.U64();
  header.previous.segment = reader.U64();
  header.previous.byte = reader.U64();
  header.previous.groups = reader.U64();
  const std::string_view chain = reader.Raw(16);
  const uint32_t crc = reader.U32();
  if (!reader.ok()) return std::nullopt;
  if (base::Crc32c(bytes.substr(0, kGroupHeaderBytes - 4), seed) != crc) return std::nullopt;
  header.previous.chain = base::Id128::FromBytes(chain);
  return header;
}

std::optional<base::Id128> CheckGroup(const GroupHeader& header,
                                      std::string_view body_and_trailer) {
  if (body_and_trailer.size() < uint64_t{header.body_bytes} + kGroupTrailerBytes) {
    return std::nullopt;
  }
  const std::string_view body = body_and_trailer.substr(0, header.body_bytes);
  base::ByteReader trailer(body_and_trailer.substr(header.body_bytes, kGroupTrailerBytes));
  if (trailer.U32() != base::Crc32c(body)) return std::nullopt;
  const base::Id128 chain = ChainHash(header.previous.chain, {body});
  if (base::Id128::FromBytes(trailer.Raw(16)) != chain) return std::nullopt;
  return chain;
}

// The header is only known when the group is finished; its place is kept free until then.
GroupBuilder::GroupBuilder() { writer_.Raw(std::string(kGroupHeaderBytes, '\0')); }

void GroupBuilder::Add(const FrameHeader& header, std::string_view payload) {
  places_.push_back({.position = header.position, .byte = writer_.bytes().size()});
  WriteFrame(header, payload, writer_);
}

uint64_t GroupBuilder::TotalBytes() const {
  return RoundUpToSector(writer_.bytes().size() + kGroupTrailerBytes);
}

GroupBuilder::Group GroupBuilder::Finish(const CommitPoint& previous, uint64_t segment,
                                         uint32_t seed) {
  const std::string_view body = std::string_view(writer_.bytes()).substr(kGroupHeaderBytes);
  BATUTA_CHECK(!places_.empty() && body.size() <= kMaxGroupBytes);
  const GroupHeader header{.entries = static_cast<uint32_t>(places_.size()),
                           .body_bytes = static_cast<uint32_t>(body.size()),
                           .segment = segment,
                           .previous = previous};
  const uint32_t crc = base::Crc32c(body);
  const base::Id128 chain = ChainHash(previous.chain, {body});
  const uint64_t total = TotalBytes();
  writer_.U32(crc);
  writer_.Raw(chain.ToBytes());
  std::string bytes = writer_.Take();
  bytes.resize(total, '\0');
  bytes.replace(0, kGroupHeaderBytes, EncodeHeader(header, seed));
  return {.bytes = std::move(bytes), .chain = chain};
}

}  // namespace batuta::log
