#include "log/embedded_log.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "log/archive.h"
#include "log/log_testing.h"
#include "log/sim_disk.h"
#include "log/verify.h"

namespace batuta::log {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr base::Id128 kHub{3, 4};
constexpr base::Id128 kOtherHub{3, 5};
constexpr char kFirstSegment[] = "log/0000000001.seg";
constexpr char kSecondSegment[] = "log/0000000002.seg";

class EmbeddedLogTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<EmbeddedLog>> Open(const base::Id128& hub = kHub) {
    return EmbeddedLog::Open({.disk = &disk_,
                              .clock = &clock_,
                              .folder = "log",
                              .hub = hub,
                              .segment_bytes = 1 << 13,
                              .reserve_bytes = reserve_bytes_,
                              .watermark_interval = base::Seconds(1),
                              .fatal = [this](const absl::Status& cause) { fatal_ = cause; }});
  }
  std::unique_ptr<EmbeddedLog> MustOpen() {
    auto log = Open();
    BATUTA_CHECK_OK(log.status());
    return *std::move(log);
  }
  // Appends `groups` groups of one entry each, numbered by the partition's offsets.
  static void Fill(EmbeddedLog& log, int groups, size_t payload_bytes = 300) {
    for (int i = 0; i < groups; ++i) {
      const uint64_t number = base::Number(log.End(Partition(0))) + 1;
      const std::vector<Entry> entries = {MakeEntry(0, number, payload_bytes)};
      BATUTA_CHECK_OK(log.Append(entries).status());
    }
  }
  // A closed log of several segments.
  void Make(int groups) {
    const std::unique_ptr<EmbeddedLog> log = MustOpen();
    Fill(*log, groups);
    BATUTA_CHECK_OK(log->Close());
  }
  std::string Content(const std::string& path) { return *base::ReadFile(disk_, path); }
  void Replace(const std::string& path, std::string_view content) {
    BATUTA_CHECK_OK(base::ReplaceFile(disk_, path, content));
  }
  std::vector<std::string> Paths() {
    std::vector<std::string> paths = *disk_.List("log");
    for (std::string& path : paths) path = "log/" + path;
    return paths;
  }
  void ExpectRefused(absl::StatusCode code, const testing::Matcher<const std::string&>& text) {
    const absl::Status status = Open().status();
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_THAT(std::string(status.message()), text);
    const VerifyReport report = VerifySegments(disk_, "log", kHub);
    EXPECT_EQ(report.error, status);
    EXPECT_FALSE(report.file.empty());
  }

  SimDisk disk_;
  base::ManualClock clock_;
  absl::Status fatal_;
  uint64_t reserve_bytes_ = 1 << 12;
};

TEST_F(EmbeddedLogTest, GoesOnInANewSegmentWhenOneIsFull) {
  Make(40);
  EXPECT_TRUE(disk_.Exists(kSecondSegment));
  const auto log = MustOpen();
  EXPECT_EQ(ReadAll(*log, Partition(0))->size(), 40u);
}

TEST_F(EmbeddedLogTest, AGroupLargerThanASegmentGetsASegmentOfItsOwnSize) {
  const auto log = MustOpen();
  const Entry large = MakeEntry(0, 1, 100'000);
  ASSERT_TRUE(log->Append(std::span(&large, 1)).ok());
  Fill(*log, 3);
  ASSERT_TRUE(log->Close().ok());
  const auto again = MustOpen();
  EXPECT_TRUE(Same(large, *again->Read({Partition(0), base::Offset{1}})));
  EXPECT_EQ(again->End(Partition(0)), base::Offset{4});
}

TEST_F(EmbeddedLogTest, TheOldestSegmentMayNotBeMissing) {
  Make(40);
  ASSERT_TRUE(disk_.Remove(kFirstSegment).ok());
  ExpectRefused(absl::StatusCode::kDataLoss,
                AllOf(HasSubstr(kFirstSegment), HasSubstr("the segment is missing")));
}

TEST_F(EmbeddedLogTest, ASegmentInBetweenMayNotBeMissing) {
  Make(60);
  ASSERT_TRUE(disk_.Remove(kSecondSegment).ok());
  ExpectRefused(absl::StatusCode::kDataLoss,
                AllOf(HasSubstr(kSecondSegment), HasSubstr("the segment is missing")));
}

TEST_F(EmbeddedLogTest, TheNewestSegmentMayNotBeMissing) {
  Make(20);
  ASSERT_TRUE(disk_.Exists(kSecondSegment));
  ASSERT_TRUE(disk_.Remove(kSecondSegment).ok());
  ExpectRefused(absl::StatusCode::kDataLoss, HasSubstr("acknowledged data is missing"));
}

TEST_F(EmbeddedLogTest, TheWatermarkMayNotBeMissing) {
  Make(3);
  ASSERT_TRUE(disk_.Remove("log/watermark").ok());
  ExpectRefused(absl::StatusCode::kDataLoss, HasSubstr("the watermark is missing"));
}

TEST_F(EmbeddedLogTest, ADamagedWatermarkIsRefused) {
  Make(3);
  disk_.Flip("log/watermark", 30, 2);
  ExpectRefused(absl::StatusCode::kDataLoss, HasSubstr("log/watermark at byte 0"));
}

TEST_F(EmbeddedLogTest, AnotherHubsLogIsRefused) {
  Make(3);
  const absl::Status status = Open(kOtherHub).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("belongs to hub"));
}

TEST_F(EmbeddedLogTest, AnotherHubsSegmentIsRefused) {
  Make(3);
  const std::string foreign = Content(kFirstSegment);
  for (const std::string& path : Paths()) ASSERT_TRUE(disk_.Remove(path).ok());
  ASSERT_TRUE((*Open(kOtherHub))->Close().ok());
  Replace(kFirstSegment, foreign);
  const absl::Status status = Open(kOtherHub).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr(kFirstSegment), HasSubstr("belongs to hub")));
}

TEST_F(EmbeddedLogTest, AnOldImageOfTheSegmentsIsRefused) {
  Make(5);
  const std::string old = Content(kFirstSegment);
  Make(5);
  Replace(kFirstSegment, old);
  ExpectRefused(absl::StatusCode::kDataLoss, HasSubstr("acknowledged data is missing"));
}

TEST_F(EmbeddedLogTest, AnotherHistoryOfTheSameLengthIsRefused) {
  Make(1);
  const std::string old = Content(kFirstSegment);
  const std::string old_watermark = Content("log/watermark");
  Make(5);
  const std::string watermark = Content("log/watermark");
  Replace(kFirstSegment, old);
  Replace("log/watermark", old_watermark);
  {
    const auto log = MustOpen();
    for (uint64_t i = 0; i < 5; ++i) {
      const std::vector<Entry> entries = {MakeEntry(0, 900 + i, 300)};
      ASSERT_TRUE(log->Append(entries).ok());
    }
  }
  Replace("log/watermark", watermark);
  ExpectRefused(absl::StatusCode::kDataLoss, HasSubstr("not the one that was acknowledged"));
}

TEST_F(EmbeddedLogTest, DamageBeforeGoodGroupsIsRefusedWithFileAndByte) {
  {
    const auto log = MustOpen();
    Fill(*log, 10);  // not closed: the watermark is at the first group
  }
  disk_.Flip(kFirstSegment, 512 + 3 * 512 + 100, 3);
  ExpectRefused(absl::StatusCode::kDataLoss, AllOf(HasSubstr("log/0000000001.seg at byte 2048"),
                                                   HasSubstr("a good group follows at byte 2560")));
}

TEST_F(EmbeddedLogTest, DamageInAClosedSegmentIsRefusedWithFileAndByte) {
  {
    const auto log = MustOpen();
    Fill(*log, 40);
  }
  disk_.Flip(kFirstSegment, 512 + 3 * 512 + 100, 3);
  ExpectRefused(absl::StatusCode::kDataLoss, HasSubstr("log/0000000001.seg at byte 2048"));
}

TEST_F(EmbeddedLogTest, DamageOfTheLastAcknowledgedGroupIsRefusedOnceTheWatermarkSaysSo) {
  Make(10);
  disk_.Flip(kFirstSegment, 512 + 9 * 512 + 100, 3);
  ExpectRefused(absl::StatusCode::kDataLoss, HasSubstr("acknowledged data is missing"));
}

TEST_F(EmbeddedLogTest, ATornTailBehindTheWatermarkIsCutAndNeverComesBack) {
  {
    const auto log = MustOpen();
    Fill(*log, 3, 1500);  // the watermark is at the first group
  }
  // The third group, of four sectors, lost its first one.
  const uint64_t third = 512 + 2 * 2048;
  const std::string whole = Content(kFirstSegment);
  std::string torn = whole;
  torn.replace(third, 512, 512, '\0');
  Replace(kFirstSegment, torn);
  EXPECT_TRUE(VerifySegments(disk_, "log", kHub).error.ok());
  {
    const auto log = MustOpen();
    EXPECT_EQ(log->End(Partition(0)), base::Offset{2});
  }
  disk_.Crash(1);
  EXPECT_EQ(Content(kFirstSegment).substr(third), std::string(whole.size() - third, '\0'));
}

TEST_F(EmbeddedLogTest, AGapInThePartitionsOffsetsIsRefused) {
  Make(1);
  // A whole, well-chained group whose record skips an offset, as only a bug could write it.
  const std::string bytes = Content(kFirstSegment);
  const uint32_t seed = HeaderSeed(kHub);
  const GroupHeader first = *ParseGroupHeader(std::string_view(bytes).substr(512), seed);
  CommitPoint end = first.previous;
  end.byte += first.TotalBytes();
  end.groups += 1;
  end.chain = *CheckGroup(first, std::string_view(bytes).substr(512 + kGroupHeaderBytes));
  GroupBuilder group;
  group.Add({.position = {.partition = Partition(0), .offset = base::Offset{3}},
             .type = 0,
             .stamp = {},
             .id = {},
             .payload_bytes = 1},
            "x");
  const auto file = *disk_.OpenFile(kFirstSegment, base::Disk::Open::kReadWrite);
  ASSERT_TRUE(file->Write(end.byte, group.Finish(end, 1, seed).bytes).ok());
  ExpectRefused(absl::StatusCode::kDataLoss,
                HasSubstr("partition 0 goes on with offset 3 after 1"));
}

TEST_F(EmbeddedLogTest, AnyFlippedBitIsNoticedOrHarmless) {
  base::Random random(1, {}, "flips", "");
  int harmless = 0;
  reserve_bytes_ = 0;
  Make(40);
  const std::vector<std::string> paths = Paths();
  ASSERT_GE(paths.size(), 4u);
  for (int i = 0; i < 2000; ++i) {
    const std::string& path = paths[random.Below(paths.size())];
    const std::string before = Content(path);
    const uint64_t byte = random.Below(before.size());
    const int bit = static_cast<int>(random.Below(8));
    disk_.Flip(path, byte, bit);
    const auto log = Open();
    if (log.ok()) {
      ++harmless;
      const auto records = ReadAll(**log, Partition(0));
      ASSERT_EQ(records->size(), 40u) << path << " byte " << byte << " bit " << bit;
      for (uint64_t number = 1; number <= 40; ++number) {
        ASSERT_TRUE(Same(MakeEntry(0, number, 300), (*records)[number - 1]));
      }
    }
    Replace(path, before);
  }
  EXPECT_LT(harmless, 1500);  // padding and free space
  EXPECT_GT(harmless, 100);
}

TEST_F(EmbeddedLogTest, BitRotUnderARunningLogIsNoticedByTheReader) {
  const auto log = MustOpen();
  Fill(*log, 3);
  disk_.Flip(kFirstSegment, 512 + 512 + 150, 0);
  EXPECT_TRUE(log->Read({Partition(0), base::Offset{1}}).ok());
  const absl::Status status = log->Read({Partition(0), base::Offset{2}}).status();
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("log/0000000001.seg at byte 1088"));
}

TEST_F(EmbeddedLogTest, AReadThatFailsOnceIsTriedAgain) {
  const auto log = MustOpen();
  Fill(*log, 3);
  disk_.Inject({.kind = DiskCall::kRead, .nth = 1});
  EXPECT_TRUE(log->Read({Partition(0), base::Offset{2}}).ok());
}

TEST_F(EmbeddedLogTest, AFailedSyncIsFatalAndNeverRepeated) {
  const auto log = MustOpen();
  Fill(*log, 3);
  disk_.Inject({.kind = DiskCall::kSyncData, .nth = 1});
  const std::vector<Entry> entries = {MakeEntry(0, 4, 100)};
  EXPECT_TRUE(absl::IsInternal(log->Append(entries).status()));
  EXPECT_FALSE(fatal_.ok());
  EXPECT_EQ(log->End(Partition(0)), base::Offset{3});
  const uint64_t calls = disk_.calls();
  EXPECT_FALSE(log->Append(entries).ok());
  EXPECT_FALSE(log->Close().ok());
  EXPECT_EQ(disk_.calls(), calls);
}

TEST_F(EmbeddedLogTest, AGroupRefusedForLackOfSpaceIsNeverReadAndTheLogGoesOn) {
  const auto log = MustOpen();
  Fill(*log, 2);
  disk_.Inject({.kind = DiskCall::kWrite, .nth = 1, .error = absl::ResourceExhaustedError("full")});
  const std::vector<Entry> refused = {MakeEntry(0, 77, 100)};
  EXPECT_TRUE(absl::IsResourceExhausted(log->Append(refused).status()));
  EXPECT_TRUE(fatal_.ok());
  Fill(*log, 1);
  EXPECT_TRUE(Same(MakeEntry(0, 3, 300), *log->Read({Partition(0), base::Offset{3}})));
}

TEST_F(EmbeddedLogTest, ARefusedGroupThatReachedTheDiskWholeIsMadeUnreadable) {
  const auto log = MustOpen();
  Fill(*log, 2);
  // Of this group, all but padding is in the first half, which a failing write still writes.
  disk_.Inject({.kind = DiskCall::kWrite, .nth = 1, .error = absl::ResourceExhaustedError("full")});
  const std::vector<Entry> refused = {MakeEntry(0, 3, 0)};
  ASSERT_TRUE(absl::IsResourceExhausted(log->Append(refused).status()));
  disk_.Kill();
  EXPECT_EQ(MustOpen()->End(Partition(0)), base::Offset{2});
}

TEST_F(EmbeddedLogTest, ARefusedGroupDoesNotComeBackWithALossOfPower) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const auto log = MustOpen();
    const base::Offset before = log->End(Partition(0));
    Fill(*log, 1);
    disk_.Inject(
        {.kind = DiskCall::kWrite, .nth = 1, .error = absl::ResourceExhaustedError("full")});
    const std::vector<Entry> refused = {MakeEntry(0, 3, 0)};
    ASSERT_TRUE(absl::IsResourceExhausted(log->Append(refused).status()));
    disk_.Crash(seed);
    EXPECT_EQ(MustOpen()->End(Partition(0)), base::Next(before));
    disk_.ClearFaults();
  }
}

TEST_F(EmbeddedLogTest, WhatIsStagedWaitsForSpace) {
  const auto log = MustOpen();
  Fill(*log, 2);
  ASSERT_EQ(log->Stage(std::vector{MakeEntry(0, 3, 100)}), std::vector{base::Offset{3}});
  disk_.Inject({.kind = DiskCall::kWrite, .nth = 1, .error = absl::ResourceExhaustedError("full")});
  log->Seal();
  EXPECT_TRUE(absl::IsResourceExhausted(log->Commit()));
  ASSERT_EQ(log->Stage(std::vector{MakeEntry(0, 4, 100)}), std::vector{base::Offset{4}});
  EXPECT_EQ(log->End(Partition(0)), base::Offset{2});
  ASSERT_TRUE(log->Commit().ok());
  EXPECT_EQ(log->End(Partition(0)), base::Offset{3});
  log->Seal();
  ASSERT_TRUE(log->Commit().ok());
  EXPECT_TRUE(Same(MakeEntry(0, 4, 100), *log->Read({Partition(0), base::Offset{4}})));
}

TEST_F(EmbeddedLogTest, NothingIsStagedThatWouldNeedAnotherSegment) {
  const auto log = MustOpen();
  uint64_t staged = 0;
  while (log->Stage(std::vector{MakeEntry(0, staged + 1, 600)})) {
    ++staged;
    log->Seal();
  }
  EXPECT_EQ(staged, 6u);  // of two sectors each, behind a header; a sector is kept free
  ASSERT_TRUE(log->Append(std::vector{MakeEntry(0, staged + 1, 5000)}).ok());
  EXPECT_TRUE(disk_.Exists(kSecondSegment));
  EXPECT_EQ(log->End(Partition(0)), base::Offset{staged + 1});
  EXPECT_EQ(log->Stage(std::vector{MakeEntry(0, staged + 2, 600)}),
            std::vector{base::Offset{staged + 2}});
}

TEST_F(EmbeddedLogTest, WhatWasStagedAndNotCommittedIsGoneAfterACrash) {
  {
    const auto log = MustOpen();
    Fill(*log, 2);
    ASSERT_TRUE(log->Stage(std::vector{MakeEntry(0, 3, 100)}).has_value());
    log->Seal();
  }
  disk_.Kill();
  EXPECT_EQ(MustOpen()->End(Partition(0)), base::Offset{2});
}

TEST_F(EmbeddedLogTest, TheReserveIsReleasedAndRestored) {
  const auto log = MustOpen();
  disk_.SetQuota(8192 + 4096 + 1000);
  Fill(*log, 14);
  const std::vector<Entry> entries = {MakeEntry(0, 15, 600)};
  EXPECT_TRUE(absl::IsResourceExhausted(log->Append(entries).status()));
  ASSERT_TRUE(log->ReleaseReserve().ok());
  EXPECT_FALSE(disk_.Exists("log/reserve"));
  disk_.SetQuota(std::nullopt);
  EXPECT_TRUE(log->Append(entries).ok());
  disk_.SetQuota(0);
  EXPECT_TRUE(absl::IsResourceExhausted(log->RestoreReserve()));
  EXPECT_FALSE(disk_.Exists("log/reserve"));
  disk_.SetQuota(std::nullopt);
  EXPECT_TRUE(log->RestoreReserve().ok());
  EXPECT_EQ(Content("log/reserve").size(), 4096u);
}

TEST_F(EmbeddedLogTest, TheWatermarkIsWrittenAtMostOnceAnInterval) {
  const auto log = MustOpen();
  Fill(*log, 1);
  const std::string first = Content("log/watermark");
  Fill(*log, 1);
  EXPECT_EQ(Content("log/watermark"), first);
  clock_.Advance(base::Seconds(1));
  Fill(*log, 1);
  EXPECT_NE(Content("log/watermark"), first);
}

TEST_F(EmbeddedLogTest, AClosedLogTakesNoMoreAppends) {
  const auto log = MustOpen();
  ASSERT_TRUE(log->Close().ok());
  const std::vector<Entry> entries = {MakeEntry(0, 1, 1)};
  EXPECT_TRUE(absl::IsFailedPrecondition(log->Append(entries).status()));
}

TEST_F(EmbeddedLogTest, SegmentsAreDroppedOnlyWhenNobodyNeedsThem) {
  const auto archive = *Archive::Open({.disk = &disk_, .folder = "archive", .hub = kHub});
  const auto log = MustOpen();
  Fill(*log, 40);
  const auto drop = [&](uint64_t lowest) {
    return *log->ArchiveThrough(*archive, {{Partition(0), base::Offset{lowest}}});
  };
  EXPECT_EQ(*log->ArchiveThrough(*archive, {}), 0u);  // nobody said that it is not needed
  EXPECT_EQ(drop(15), 0u);
  EXPECT_TRUE(log->Read({Partition(0), base::Offset{15}}).ok());
  EXPECT_EQ(drop(16), 1u);  // a segment holds 15 groups
  EXPECT_FALSE(disk_.Exists(kFirstSegment));
  EXPECT_EQ(log->FirstKept(Partition(0)), base::Offset{16});
  EXPECT_TRUE(absl::IsOutOfRange(log->Read({Partition(0), base::Offset{15}}).status()));
  EXPECT_TRUE(absl::IsOutOfRange(ReadAll(*log, Partition(0)).status()));
  EXPECT_EQ(drop(1000), 1u);  // the segment that is being written stays
  EXPECT_EQ(archive->End(Partition(0)), base::Offset{30});
  ASSERT_TRUE(log->Close().ok());
  const auto again = MustOpen();
  EXPECT_EQ(again->FirstKept(Partition(0)), base::Offset{31});
  EXPECT_EQ(again->End(Partition(0)), base::Offset{40});
  EXPECT_EQ(ReadAll(*again, Partition(0), base::Offset{30})->size(), 10u);
}

TEST_F(EmbeddedLogTest, DroppingRightAfterAKilledProcessTakesTheWatermarkAlong) {
  const auto archive = *Archive::Open({.disk = &disk_, .folder = "archive", .hub = kHub});
  {
    const auto killed = MustOpen();
    Fill(*killed, 1);
    const std::string early = Content("log/watermark");
    Fill(*killed, 39);
    Replace("log/watermark", early);
  }
  {
    const auto log = MustOpen();
    EXPECT_EQ(*log->ArchiveThrough(*archive, {{Partition(0), base::Offset{1000}}}), 2u);
  }
  EXPECT_EQ(MustOpen()->End(Partition(0)), base::Offset{40});
}

TEST_F(EmbeddedLogTest, AVerificationCountsWhatItFound) {
  Make(40);
  const VerifyReport report = VerifySegments(disk_, "log", kHub);
  EXPECT_TRUE(report.error.ok());
  EXPECT_EQ(report.files, 3u);
  EXPECT_EQ(report.blocks, 40u);
  EXPECT_EQ(report.records, 40u);
}

}  // namespace
}  // namespace batuta::log
