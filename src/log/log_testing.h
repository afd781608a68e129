// What the tests of logs share: a clock that is set, entries that can be known again, whole reads.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/manual_clock.h"
#include "base/random.h"
#include "base/status.h"
#include "base/time.h"
#include "gmock/gmock.h"
#include "log/log.h"
#include "log/record.h"

namespace batuta::log {

inline base::PartitionId Partition(int number) {
  return base::PartitionId{static_cast<uint16_t>(number)};
}

inline constexpr base::Offset kEverything{~uint64_t{0}};

// An entry whose content says which one it is.
inline Entry MakeEntry(int partition, uint64_t number, size_t payload_bytes) {
  Entry entry{.partition = Partition(partition),
              .type = static_cast<uint8_t>(number),
              .stamp = {static_cast<int64_t>(number) * 1000},
              .id = {{number, ~number}},
              .payload = "record " + std::to_string(number) + " "};
  while (entry.payload.size() < payload_bytes) entry.payload += std::to_string(number * 7919);
  return entry;
}

// Entries of random size for random ones of `partitions` partitions, numbered from `number` on.
inline std::vector<Entry> RandomEntries(base::Random& random, int partitions, uint64_t& number) {
  std::vector<Entry> entries;
  const uint64_t count = 1 + random.Below(6);
  for (uint64_t i = 0; i < count; ++i) {
    const int partition = static_cast<int>(random.Below(static_cast<uint64_t>(partitions)));
    const uint64_t size = random.Below(8) == 0 ? random.Below(3000) : random.Below(200);
    entries.push_back(MakeEntry(partition, number++, size));
  }
  return entries;
}

inline bool Same(const Entry& entry, const Record& record) {
  return entry.partition == record.position.partition && entry.type == record.type &&
         entry.stamp == record.stamp && entry.id == record.id && entry.payload == record.payload;
}

// All records of a partition, by Scan; checks that their offsets are those asked for.
template <typename Source>
absl::StatusOr<std::vector<Record>> ReadAll(const Source& source, base::PartitionId partition,
                                            base::Offset after = {},
                                            base::Offset up_to = kEverything) {
  std::vector<Record> records;
  base::Offset last = after;
  BATUTA_RETURN_IF_ERROR(source.Scan(partition, after, up_to, [&](const Record& record) {
    EXPECT_EQ(record.position, base::Position(partition, base::Next(last)));
    last = record.position.offset;
    records.push_back(record);
    return absl::OkStatus();
  }));
  return records;
}

}  // namespace batuta::log
