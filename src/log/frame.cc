#include "log/frame.h"

#include <limits>
#include <string>

#include "base/crc32c.h"
#include "base/status.h"

namespace batuta::log {

void WriteFrame(const FrameHeader& header, std::string_view payload, base::ByteWriter& writer) {
  BATUTA_CHECK(payload.size() == header.payload_bytes);
  const size_t begin = writer.bytes().size();
  writer.U16(base::Index(header.position.partition));
  writer.U8(header.type);
  writer.U64(base::Number(header.position.offset));
  writer.U64(static_cast<uint64_t>(header.stamp.micros));
  writer.U64(header.id.high);
  writer.U64(header.id.low);
  writer.U32(header.payload_bytes);
  writer.Raw(payload);
  writer.U32(base::Crc32c(std::string_view(writer.bytes()).substr(begin)));
}

std::optional<FrameHeader> PeekFrame(std::string_view bytes) {
  base::ByteReader reader(bytes);
  FrameHeader header;
  header.position.partition = base::PartitionId{reader.U16()};
  header.type = reader.U8();
  header.position.offset = base::Offset{reader.U64()};
  header.stamp.micros = static_cast<int64_t>(reader.U64());
  header.id.high = reader.U64();
  header.id.low = reader.U64();
  header.payload_bytes = reader.U32();
  if (!reader.ok()) return std::nullopt;
  return header;
}

std::optional<std::string_view> CheckFrame(const FrameHeader& header, std::string_view bytes) {
  const size_t covered = kFrameHeaderBytes + header.payload_bytes;
  if (bytes.size() < covered + 4) return std::nullopt;
  base::ByteReader reader(bytes.substr(covered, 4));
  if (base::Crc32c(bytes.substr(0, covered)) != reader.U32()) return std::nullopt;
  return bytes.substr(kFrameHeaderBytes, header.payload_bytes);
}

void FillRecord(const FrameHeader& header, std::string_view payload, Record& record) {
  record.position = header.position;
  record.type = header.type;
  record.stamp = header.stamp;
  record.id = header.id;
  record.payload.assign(payload);
}

}  // namespace batuta::log
