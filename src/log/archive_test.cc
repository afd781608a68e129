#include "log/archive.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "log/embedded_log.h"
#include "log/history.h"
#include "log/log_testing.h"
#include "log/sim_disk.h"

namespace batuta::log {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr base::Id128 kHub{3, 4};

class ArchiveTest : public testing::Test {
 protected:
  ArchiveTest() {
    auto log = EmbeddedLog::Open({.disk = &disk_,
                                  .clock = &clock_,
                                  .folder = "log",
                                  .hub = kHub,
                                  .segment_bytes = 1 << 16,
                                  .reserve_bytes = 0,
                                  .watermark_interval = base::Seconds(1),
                                  .fatal = {}});
    BATUTA_CHECK_OK(log.status());
    log_ = *std::move(log);
    Reopen();
  }
  absl::Status TryReopen() {
    archive_.reset();
    BATUTA_ASSIGN_OR_RETURN(archive_, Archive::Open({.disk = &disk_,
                                                     .folder = "archive",
                                                     .hub = kHub,
                                                     .block_bytes = 4000,
                                                     .cache_bytes = 20'000}));
    return absl::OkStatus();
  }
  void Reopen() { BATUTA_CHECK_OK(TryReopen()); }
  // Appends records with the numbers after End(0) to the partitions 0 and 1.
  void Fill(int count) {
    for (int i = 0; i < count; ++i) {
      const uint64_t number = base::Number(log_->End(Partition(0))) + 1;
      const std::vector<Entry> entries = {MakeEntry(0, number, 200), MakeEntry(1, number, 100)};
      BATUTA_CHECK_OK(log_->Append(entries).status());
    }
  }
  void Extend(int partition, uint64_t up_to) {
    BATUTA_CHECK_OK(archive_->Extend(*log_, Partition(partition), base::Offset{up_to}));
  }
  std::vector<std::string> Paths() {
    std::vector<std::string> paths = *disk_.List("archive");
    for (std::string& path : paths) path = "archive/" + path;
    return paths;
  }

  SimDisk disk_;
  base::ManualClock clock_;
  std::unique_ptr<EmbeddedLog> log_;
  std::unique_ptr<Archive> archive_;
};

TEST_F(ArchiveTest, WhatWasArchivedIsReadAsItWasLogged) {
  Fill(500);
  Extend(0, 200);
  Extend(0, 450);
  Extend(1, 300);
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(archive_->End(Partition(0)), base::Offset{450});
    EXPECT_EQ(archive_->End(Partition(1)), base::Offset{300});
    const auto records = ReadAll(*archive_, Partition(0));
    ASSERT_EQ(records->size(), 450u);
    for (uint64_t number = 1; number <= 450; ++number) {
      ASSERT_TRUE(Same(MakeEntry(0, number, 200), (*records)[number - 1])) << number;
      const auto record = archive_->Read({Partition(0), base::Offset{number}});
      ASSERT_TRUE(record.ok()) << record.status();
      ASSERT_TRUE(Same(MakeEntry(0, number, 200), *record)) << number;
    }
    EXPECT_EQ(ReadAll(*archive_, Partition(0), base::Offset{190}, base::Offset{211})->size(), 21u);
    Reopen();
  }
}

TEST_F(ArchiveTest, WhatIsNotArchivedIsNotFound) {
  Fill(10);
  Extend(0, 5);
  EXPECT_TRUE(absl::IsNotFound(archive_->Read({Partition(0), base::Offset{6}}).status()));
  EXPECT_TRUE(absl::IsNotFound(archive_->Read({Partition(0), base::Offset{}}).status()));
  EXPECT_TRUE(absl::IsNotFound(archive_->Read({Partition(1), base::Offset{1}}).status()));
  EXPECT_TRUE(ReadAll(*archive_, Partition(1))->empty());
}

TEST_F(ArchiveTest, ExtendingByNothingMakesNoFile) {
  Fill(10);
  Extend(0, 10);
  Extend(0, 10);
  Extend(0, 4);
  Extend(7, 100);
  EXPECT_EQ(Paths().size(), 1u);
}

TEST_F(ArchiveTest, ItIsSmallerThanTheLog) {
  Fill(1000);
  Extend(0, 1000);
  EXPECT_LT((*base::ReadFile(disk_, Paths()[0])).size(), 1000u * 200u / 2);
}

TEST_F(ArchiveTest, AHistoryReadsArchiveAndLogAsOne) {
  const History history(archive_.get(), log_.get());
  Fill(900);
  ASSERT_GT(*log_->ArchiveThrough(
                *archive_, {{Partition(0), base::Offset{901}}, {Partition(1), base::Offset{901}}}),
            2u);
  ASSERT_GT(log_->FirstKept(Partition(0)), base::Offset{100});
  const auto records = ReadAll(history, Partition(0));
  ASSERT_TRUE(records.ok()) << records.status();
  ASSERT_EQ(records->size(), 900u);
  for (uint64_t number = 1; number <= 900; ++number) {
    ASSERT_TRUE(Same(MakeEntry(0, number, 200), (*records)[number - 1]));
    ASSERT_TRUE(
        Same(MakeEntry(1, number, 100), *history.Read({Partition(1), base::Offset{number}})));
  }
  const uint64_t seam = base::Number(archive_->End(Partition(0)));
  EXPECT_EQ(ReadAll(history, Partition(0), base::Offset{seam - 2}, base::Offset{seam + 2})->size(),
            4u);
  EXPECT_TRUE(absl::IsNotFound(history.Read({Partition(0), base::Offset{901}}).status()));
}

TEST_F(ArchiveTest, VerificationCountsEverything) {
  Fill(300);
  Extend(0, 200);
  Extend(0, 300);
  Extend(1, 300);
  const VerifyReport report = archive_->Verify();
  EXPECT_TRUE(report.error.ok()) << report.error;
  EXPECT_EQ(report.files, 3u);
  EXPECT_EQ(report.records, 600u);
  EXPECT_GT(report.blocks, 15u);
}

TEST_F(ArchiveTest, VerificationNamesFileAndByte) {
  Fill(300);
  Extend(0, 300);
  disk_.Flip(Paths()[0], kArchiveHeaderBytes + 100, 5);
  Reopen();
  const VerifyReport report = archive_->Verify();
  EXPECT_EQ(report.file, Paths()[0]);
  EXPECT_EQ(report.byte, kArchiveHeaderBytes);
  EXPECT_THAT(std::string(report.error.message()),
              AllOf(HasSubstr("p000-00000000000000000001.arc at byte 56"), HasSubstr("checksum")));
}

TEST_F(ArchiveTest, AnyFlippedBitIsNoticedAndNothingWrongIsRead) {
  Fill(150);
  Extend(0, 100);
  Extend(0, 150);
  const std::vector<std::string> paths = Paths();
  base::Random random(1, {}, "flips", "");
  for (int i = 0; i < 2000; ++i) {
    const std::string& path = paths[random.Below(paths.size())];
    const uint64_t byte = random.Below(base::ReadFile(disk_, path)->size());
    const int bit = static_cast<int>(random.Below(8));
    disk_.Flip(path, byte, bit);
    if (TryReopen().ok()) {
      EXPECT_FALSE(archive_->Verify().error.ok()) << path << " byte " << byte << " bit " << bit;
      for (uint64_t number = 1; number <= 150; number += 10) {
        const auto record = archive_->Read({Partition(0), base::Offset{number}});
        ASSERT_TRUE(!record.ok() || Same(MakeEntry(0, number, 200), *record));
      }
    }
    disk_.Flip(path, byte, bit);
  }
}

TEST_F(ArchiveTest, AFileMissingInBetweenIsRefused) {
  Fill(30);
  Extend(0, 10);
  Extend(0, 20);
  Extend(0, 30);
  ASSERT_TRUE(disk_.Remove(Paths()[1]).ok());
  const absl::Status status = TryReopen();
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("does not follow"));
}

TEST_F(ArchiveTest, AFileOfAnotherHistoryIsRefused) {
  Fill(30);
  Extend(0, 10);
  Extend(0, 20);
  const std::string second = *base::ReadFile(disk_, Paths()[1]);
  // The same offsets, cut otherwise before: the chain differs.
  for (const std::string& path : Paths()) ASSERT_TRUE(disk_.Remove(path).ok());
  Reopen();
  Extend(0, 5);
  Extend(0, 10);
  ASSERT_TRUE(base::ReplaceFile(disk_, "archive/p000-00000000000000000011.arc", second).ok());
  EXPECT_TRUE(absl::IsDataLoss(TryReopen()));
}

TEST_F(ArchiveTest, AnotherHubsArchiveIsRefused) {
  Fill(3);
  Extend(0, 3);
  EXPECT_TRUE(absl::IsFailedPrecondition(
      Archive::Open({.disk = &disk_, .folder = "archive", .hub = {9, 9}}).status()));
}

TEST_F(ArchiveTest, AnInterruptedExtendLeavesNothing) {
  Fill(100);
  Extend(0, 50);
  disk_.Inject({.kind = DiskCall::kSyncData, .nth = 1});
  EXPECT_FALSE(archive_->Extend(*log_, Partition(0), base::Offset{100}).ok());
  EXPECT_EQ(archive_->End(Partition(0)), base::Offset{50});
  Reopen();
  EXPECT_EQ(Paths().size(), 1u);
  Extend(0, 100);
  EXPECT_EQ(ReadAll(*archive_, Partition(0))->size(), 100u);
}

TEST_F(ArchiveTest, WholeFilesAreForgottenAndSaidToBeGone) {
  Fill(30);
  Extend(0, 10);
  Extend(0, 20);
  Extend(0, 30);
  ASSERT_TRUE(archive_->Forget(Partition(0), base::Offset{15}).ok());
  EXPECT_EQ(archive_->Start(Partition(0)), base::Offset{10});
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_TRUE(absl::IsOutOfRange(archive_->Read({Partition(0), base::Offset{10}}).status()));
    EXPECT_TRUE(absl::IsOutOfRange(ReadAll(*archive_, Partition(0)).status()));
    EXPECT_EQ(ReadAll(*archive_, Partition(0), base::Offset{10})->size(), 20u);
    EXPECT_TRUE(archive_->Verify().error.ok());
    Reopen();
  }
}

TEST(BlockCache, KeepsWhatWasUsedLastWithinItsBound) {
  BlockCache cache(100);
  const auto insert = [&](uint64_t byte, size_t size) {
    cache.Insert({{}, byte}, std::make_shared<const std::string>(size, 'x'));
  };
  insert(1, 40);
  insert(2, 40);
  EXPECT_NE(cache.Find({{}, 1}), nullptr);
  insert(3, 40);
  EXPECT_EQ(cache.Find({{}, 2}), nullptr);
  EXPECT_NE(cache.Find({{}, 1}), nullptr);
  insert(4, 101);
  EXPECT_EQ(cache.Find({{}, 4}), nullptr);
  EXPECT_EQ(cache.bytes(), 80u);
}

}  // namespace
}  // namespace batuta::log
