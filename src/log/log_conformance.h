// What every log does, whatever it is made of. A test file includes this and instantiates the
// suite:
//
//   INSTANTIATE_TEST_SUITE_P(Embedded, LogConformance, testing::Values(MakeHarness));
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "log/log.h"
#include "log/log_testing.h"

namespace batuta::log {

// Holds one log, empty at first, and can close and open it again.
class LogHarness {
 public:
  virtual ~LogHarness() = default;
  virtual Log& log() = 0;
  virtual void Restart() = 0;
};

class LogConformance : public testing::TestWithParam<std::function<std::unique_ptr<LogHarness>()>> {
 protected:
  LogConformance() : harness_(GetParam()()) {}
  Log& log() { return harness_->log(); }
  std::unique_ptr<LogHarness> harness_;
};

TEST_P(LogConformance, OffsetsAreParallelToTheEntriesAndContiguousPerPartition) {
  const std::vector<Entry> entries = {MakeEntry(2, 1, 10), MakeEntry(0, 2, 10),
                                      MakeEntry(2, 3, 10)};
  EXPECT_EQ(*log().Append(entries),
            (std::vector{base::Offset{1}, base::Offset{1}, base::Offset{2}}));
  EXPECT_EQ(*log().Append(entries),
            (std::vector{base::Offset{3}, base::Offset{2}, base::Offset{4}}));
  EXPECT_EQ(log().End(Partition(2)), base::Offset{4});
  EXPECT_EQ(log().End(Partition(1)), base::Offset{});
}

TEST_P(LogConformance, AnEmptyGroupIsNothing) {
  EXPECT_TRUE(log().Append({})->empty());
  EXPECT_EQ(log().End(Partition(0)), base::Offset{});
}

TEST_P(LogConformance, TheHighestNumberIsAPartitionLikeAnyOther) {
  Entry entry = MakeEntry(0, 1, 10);
  entry.partition = base::PartitionId{0xFFFF};
  ASSERT_TRUE(log().Append(std::span(&entry, 1)).ok());
  EXPECT_TRUE(Same(entry, *log().Read({entry.partition, base::Offset{1}})));
}

TEST_P(LogConformance, WhatIsReadIsWhatWasAppendedByteForByte) {
  std::string all_bytes;
  for (int i = 0; i < 256; ++i) all_bytes.push_back(static_cast<char>(i));
  std::vector<Entry> entries = {MakeEntry(1, 1, 0), MakeEntry(1, 2, 100'000)};
  entries.push_back(
      {.partition = Partition(1), .type = 255, .stamp = {-1}, .id = {}, .payload = ""});
  entries.push_back({.partition = Partition(1),
                     .type = 0,
                     .stamp = base::kDistantFuture,
                     .id = {{~uint64_t{0}, 1}},
                     .payload = all_bytes});
  ASSERT_TRUE(log().Append(entries).ok());
  const auto records = ReadAll(log(), Partition(1));
  ASSERT_TRUE(records.ok()) << records.status();
  ASSERT_EQ(records->size(), entries.size());
  for (size_t i = 0; i < entries.size(); ++i) EXPECT_TRUE(Same(entries[i], (*records)[i])) << i;
}

TEST_P(LogConformance, EveryRecordIsFoundAtRandomAndAfterARestart) {
  base::Random random(1, {}, "conformance", "");
  std::vector<std::vector<Entry>> expected(4);
  uint64_t number = 1;
  for (int group = 0; group < 300; ++group) {
    const std::vector<Entry> entries = RandomEntries(random, 4, number);
    ASSERT_TRUE(log().Append(entries).ok());
    for (const Entry& entry : entries) expected[base::Index(entry.partition)].push_back(entry);
  }
  for (int pass = 0; pass < 2; ++pass) {
    for (int i = 0; i < 2000; ++i) {
      const int partition = static_cast<int>(random.Below(4));
      const auto& entries = expected[static_cast<size_t>(partition)];
      const uint64_t offset = 1 + random.Below(entries.size());
      const auto record = log().Read({Partition(partition), base::Offset{offset}});
      ASSERT_TRUE(record.ok()) << record.status();
      ASSERT_TRUE(Same(entries[offset - 1], *record));
    }
    harness_->Restart();
  }
}

TEST_P(LogConformance, AScanVisitsExactlyItsRange) {
  for (uint64_t number = 1; number <= 500; ++number) {
    const std::vector<Entry> entries = {MakeEntry(0, number, 50), MakeEntry(1, number, 50)};
    ASSERT_TRUE(log().Append(entries).ok());
  }
  const auto middle = ReadAll(log(), Partition(1), base::Offset{99}, base::Offset{301});
  ASSERT_EQ(middle->size(), 202u);
  EXPECT_TRUE(Same(MakeEntry(1, 100, 50), middle->front()));
  EXPECT_TRUE(Same(MakeEntry(1, 301, 50), middle->back()));
  EXPECT_TRUE(ReadAll(log(), Partition(1), base::Offset{500})->empty());
  EXPECT_TRUE(ReadAll(log(), Partition(1), base::Offset{7}, base::Offset{7})->empty());
  EXPECT_EQ(ReadAll(log(), Partition(0), base::Offset{490})->size(), 10u);
}

TEST_P(LogConformance, WhatIsStagedHasItsPlacesAtOnceAndIsFoundWhenItIsCommitted) {
  ASSERT_TRUE(log().Append(std::vector{MakeEntry(0, 1, 20)}).ok());
  const std::vector<Entry> staged = {MakeEntry(0, 2, 20), MakeEntry(1, 1, 20)};
  EXPECT_EQ(log().Stage(staged), (std::vector{base::Offset{2}, base::Offset{1}}));
  EXPECT_EQ(log().Stage(std::vector{MakeEntry(0, 3, 20)}), std::vector{base::Offset{3}});
  EXPECT_EQ(log().End(Partition(0)), base::Offset{1});
  EXPECT_TRUE(absl::IsNotFound(log().Read({Partition(0), base::Offset{2}}).status()));
  log().Seal();
  EXPECT_EQ(log().Stage(std::vector{MakeEntry(0, 4, 20)}), std::vector{base::Offset{4}});
  ASSERT_TRUE(log().Commit().ok());
  EXPECT_EQ(log().End(Partition(0)), base::Offset{3});
  EXPECT_EQ(log().End(Partition(1)), base::Offset{1});
  EXPECT_EQ(*log().Append(std::vector{MakeEntry(0, 5, 20)}), std::vector{base::Offset{5}});
  harness_->Restart();
  for (uint64_t offset = 1; offset <= 5; ++offset) {
    EXPECT_TRUE(Same(MakeEntry(0, offset, 20), *log().Read({Partition(0), base::Offset{offset}})));
  }
}

TEST_P(LogConformance, StagingGoesOnWhileOneCommits) {
  constexpr uint64_t kEntries = 2000;
  std::atomic<bool> is_done = false;
  uint64_t count = 0;
  std::thread stager([&] {
    while (count < kEntries) {
      const auto offsets = log().Stage(std::vector{MakeEntry(0, count + 1, 30)});
      if (!offsets) break;  // no room
      ++count;
      EXPECT_EQ(offsets->front(), base::Offset{count});
    }
    is_done = true;
  });
  while (!is_done) {
    log().Seal();
    ASSERT_TRUE(log().Commit().ok());
  }
  stager.join();
  ASSERT_TRUE(log().Append({}).ok());
  EXPECT_GT(count, 0u);
  EXPECT_EQ(log().End(Partition(0)), base::Offset{count});
  for (uint64_t number = 1; number <= count; ++number) {
    ASSERT_TRUE(Same(MakeEntry(0, number, 30), *log().Read({Partition(0), base::Offset{number}})));
  }
}

TEST_P(LogConformance, TheErrorOfAVisitorEndsTheScan) {
  ASSERT_TRUE(log().Append(std::vector{MakeEntry(0, 1, 5), MakeEntry(0, 2, 5)}).ok());
  int visits = 0;
  const absl::Status status = log().Scan(Partition(0), {}, kEverything, [&](const Record&) {
    ++visits;
    return absl::AbortedError("enough");
  });
  EXPECT_EQ(status, absl::AbortedError("enough"));
  EXPECT_EQ(visits, 1);
}

TEST_P(LogConformance, WhatIsNotThereIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(log().Read({Partition(0), base::Offset{1}}).status()));
  ASSERT_TRUE(log().Append(std::vector{MakeEntry(0, 1, 5)}).ok());
  EXPECT_TRUE(absl::IsNotFound(log().Read({Partition(0), base::Offset{}}).status()));
  EXPECT_TRUE(absl::IsNotFound(log().Read({Partition(0), base::Offset{2}}).status()));
  EXPECT_TRUE(absl::IsNotFound(log().Read({Partition(9), base::Offset{1}}).status()));
}

TEST_P(LogConformance, ReadersSeeOnlyWholeRecordsWhileTheLogGrows) {
  constexpr uint64_t kGroups = 400;
  std::atomic<bool> is_done = false;
  std::atomic<int> errors = 0;
  const auto read = [&](uint64_t seed) {
    base::Random random(seed, {}, "reader", "");
    do {
      const uint64_t end = base::Number(log().End(Partition(0)));
      if (end == 0) continue;
      const uint64_t offset = 1 + random.Below(end);
      const auto record = log().Read({Partition(0), base::Offset{offset}});
      if (!record.ok() || !Same(MakeEntry(0, offset, 300), *record)) ++errors;
      const uint64_t after = end > 20 ? end - 20 : 0;
      const auto tail = ReadAll(log(), Partition(0), base::Offset{after}, base::Offset{end});
      if (!tail.ok() || tail->size() != end - after) ++errors;
    } while (!is_done);
  };
  std::thread one(read, 1);
  std::thread two(read, 2);
  for (uint64_t number = 1; number <= kGroups; ++number) {
    const std::vector<Entry> entries = {MakeEntry(0, number, 300), MakeEntry(1, number, 100)};
    if (!log().Append(entries).ok()) ++errors;
  }
  is_done = true;
  one.join();
  two.join();
  EXPECT_EQ(errors, 0);
  EXPECT_EQ(log().End(Partition(0)), base::Offset{kGroups});
}

}  // namespace batuta::log
