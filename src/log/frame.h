// One record as it is stored, in the log and in the blocks of the archive alike.
//
// The checksum is made when a record is appended and travels with it into the archive, so a record
// that is read years later is known to be the one that was acknowledged.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/encoding.h"
#include "base/ids.h"
#include "base/time.h"
#include "log/record.h"

namespace batuta::log {

inline constexpr size_t kFrameHeaderBytes = 39;
inline constexpr size_t kFrameBytes = kFrameHeaderBytes + 4;  // without the payload

struct FrameHeader {
  base::Position position;
  uint8_t type = 0;
  base::Time stamp;
  base::RecordId id;
  uint32_t payload_bytes = 0;
  uint64_t FrameSize() const { return kFrameBytes + uint64_t{payload_bytes}; }
};

// Requires: the payload is shorter than 4 GiB.
void WriteFrame(const FrameHeader& header, std::string_view payload, base::ByteWriter& writer);

// Reads the header at the beginning of the bytes, unchecked. Nothing if there are too few bytes.
std::optional<FrameHeader> PeekFrame(std::string_view bytes);

// The payload of the frame that begins with the bytes. Nothing if it is cut or its checksum is
// wrong.
std::optional<std::string_view> CheckFrame(const FrameHeader& header, std::string_view bytes);

// Overwrites the record, using its payload's memory again.
void FillRecord(const FrameHeader& header, std::string_view payload, Record& record);

}  // namespace batuta::log
