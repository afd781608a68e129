// Makes segments and writes groups into them.
//
// Errors fall in two kinds, told apart by IsHarmless: after a harmless one nothing that anyone
// could read has changed, and the caller may try again; after any other nobody knows what is on the
// disk.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/disk.h"
#include "log/segment.h"

namespace batuta::log {

inline constexpr std::string_view kTemporarySuffix = ".tmp";

// No space, or no descriptors or memory for the moment.
bool IsHarmless(const absl::Status& error);

// Makes the file of a segment under a temporary name, with all its space and its header. Every
// error of this step is harmless, and is returned as ResourceExhausted or Unavailable.
absl::Status PrepareSegment(base::Disk& disk, const std::string& folder,
                            const SegmentHeader& header, uint64_t segment_bytes);

// Makes the prepared file durable under its name. No error of this step is harmless.
absl::StatusOr<std::shared_ptr<Segment>> PublishSegment(base::Disk& disk, const std::string& folder,
                                                        const SegmentHeader& header);

// Writes a group at the byte and makes it durable. When the write is refused for lack of space,
// what it may have written is made unreadable, durably, before the harmless error is returned.
absl::Status WriteGroup(base::File& file, uint64_t byte, std::string_view group);

}  // namespace batuta::log
