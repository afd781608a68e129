#include "log/sim_disk.h"

#include <set>
#include <string>

#include "gtest/gtest.h"
#include "log/log_testing.h"

namespace batuta::log {
namespace {

constexpr auto kCreate = base::Disk::Open::kCreate;

std::string Content(SimDisk& disk, const std::string& path) {
  const absl::StatusOr<std::string> content = base::ReadFile(disk, path);
  return content.ok() ? *content : "none";
}

// A disk with the file "f" of two sectors of 'a', durable with its name.
void MakeFile(SimDisk& disk) {
  const auto file = *disk.OpenFile("f", kCreate);
  BATUTA_CHECK_OK(file->Write(0, std::string(1024, 'a')));
  BATUTA_CHECK_OK(file->SyncData());
  BATUTA_CHECK_OK(disk.SyncDirectory("."));
}

TEST(SimDisk, WhatWasSyncedSurvivesEveryCrash) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SimDisk disk;
    MakeFile(disk);
    disk.Crash(seed);
    EXPECT_EQ(Content(disk, "f"), std::string(1024, 'a'));
  }
}

TEST(SimDisk, UnsyncedSectorsAreKeptLostTornOrGarbledEachForItself) {
  std::set<std::string> outcomes;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SimDisk disk;
    MakeFile(disk);
    BATUTA_CHECK_OK((*disk.OpenFile("f", kCreate))->Write(0, std::string(1024, 'b')));
    disk.Crash(seed);
    const std::string content = Content(disk, "f");
    ASSERT_EQ(content.size(), 1024u);
    const auto kind = [](const std::string& sector) {
      const size_t tear = sector.find_first_not_of('b');
      if (tear == std::string::npos) return "kept ";
      if (sector == std::string(512, 'a')) return "lost ";
      return sector.find_first_not_of('a', tear) == std::string::npos ? "torn " : "garbled ";
    };
    outcomes.insert(std::string(kind(content.substr(0, 512))) + kind(content.substr(512)));
  }
  EXPECT_EQ(outcomes.size(), 16u);
}

TEST(SimDisk, TheSameSeedCrashesTheSameWay) {
  const auto run = [](uint64_t seed) {
    SimDisk disk;
    MakeFile(disk);
    BATUTA_CHECK_OK((*disk.OpenFile("f", kCreate))->Write(300, std::string(5000, 'b')));
    BATUTA_CHECK_OK((*disk.OpenFile("g", kCreate))->Write(0, "content"));
    disk.Crash(seed);
    return Content(disk, "f") + Content(disk, "g");
  };
  EXPECT_EQ(run(7), run(7));
  EXPECT_NE(run(7), run(8));
}

TEST(SimDisk, NamesAreDurableOnlyWhenTheirFolderWasSynced) {
  std::set<std::string> renames;
  std::set<std::string> creations;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SimDisk disk;
    MakeFile(disk);
    BATUTA_CHECK_OK(disk.Rename("f", "g"));
    BATUTA_CHECK_OK((*disk.OpenFile("h", kCreate))->SyncData());
    disk.Crash(seed);
    renames.insert(std::string(disk.Exists("f") ? "f" : "") + (disk.Exists("g") ? "g" : ""));
    creations.insert(disk.Exists("h") ? "h" : "");
  }
  EXPECT_EQ(renames, (std::set<std::string>{"f", "g"}));  // a rename happens or does not
  EXPECT_EQ(creations, (std::set<std::string>{"", "h"}));
}

TEST(SimDisk, AnUnsyncedFolderMayBeLostWithAllThatIsInIt) {
  int lost = 0;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SimDisk disk;
    BATUTA_CHECK_OK(disk.MakeDirectory("a/b"));
    BATUTA_CHECK_OK(base::ReplaceFile(disk, "a/b/f", "x"));
    disk.Crash(seed);
    lost += disk.Exists("a/b/f") ? 0 : 1;
  }
  EXPECT_GT(lost, 10);
  EXPECT_LT(lost, 50);
}

TEST(SimDisk, OnlyAnEmptyFolderIsRemoved) {
  SimDisk disk;
  BATUTA_CHECK_OK(disk.MakeDirectory("a/b"));
  BATUTA_CHECK_OK(base::ReplaceFile(disk, "a/b/f", "x"));
  EXPECT_FALSE(disk.Remove("a/b").ok());
  BATUTA_CHECK_OK(disk.Remove("a/b/f"));
  EXPECT_FALSE(disk.Remove("a").ok());
  EXPECT_TRUE(disk.Remove("a/b").ok());
  EXPECT_FALSE(disk.Exists("a/b"));
  EXPECT_TRUE(disk.Exists("a"));
}

TEST(SimDisk, AFailedSyncDropsWhatWasWritten) {
  SimDisk disk;
  MakeFile(disk);
  const auto file = *disk.OpenFile("f", kCreate);
  ASSERT_TRUE(file->Write(100, std::string(2000, 'b')).ok());
  disk.Inject({.kind = DiskCall::kSyncData, .nth = 1});
  EXPECT_TRUE(absl::IsInternal(file->SyncData()));
  EXPECT_EQ(Content(disk, "f"), std::string(1024, 'a'));
  EXPECT_TRUE(file->SyncData().ok());
}

TEST(SimDisk, FilesOpenedBeforeACrashAreDead) {
  SimDisk disk;
  MakeFile(disk);
  const auto file = *disk.OpenFile("f", kCreate);
  disk.Kill();
  EXPECT_FALSE(file->Read(0, 1).ok());
  EXPECT_FALSE(file->Write(0, "x").ok());
  EXPECT_FALSE(file->SyncData().ok());
  EXPECT_EQ(Content(disk, "f"), std::string(1024, 'a'));
}

TEST(SimDisk, AStickyFaultStaysAndAnotherPasses) {
  SimDisk disk;
  MakeFile(disk);
  const auto file = *disk.OpenFile("f", kCreate);
  disk.Inject({.kind = DiskCall::kRead, .nth = 2});
  EXPECT_TRUE(file->Read(0, 1).ok());
  EXPECT_FALSE(file->Read(0, 1).ok());
  EXPECT_TRUE(file->Read(0, 1).ok());
  disk.Inject({.kind = std::nullopt, .nth = 1, .sticky = true});
  EXPECT_FALSE(file->Read(0, 1).ok());
  EXPECT_FALSE(file->Size().ok());
  disk.ClearFaults();
  EXPECT_TRUE(file->Read(0, 1).ok());
}

TEST(SimDisk, TheQuotaLimitsGrowthButNotOverwriting) {
  SimDisk disk;
  MakeFile(disk);
  disk.SetQuota(1500);
  const auto file = *disk.OpenFile("f", kCreate);
  EXPECT_TRUE(absl::IsResourceExhausted(file->Allocate(1501)));
  EXPECT_TRUE(file->Allocate(1500).ok());
  EXPECT_TRUE(file->Write(0, std::string(1500, 'c')).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(file->Write(1500, "d")));
  EXPECT_EQ(*disk.FreeBytes("."), 0u);
}

TEST(SimDisk, AFlippedBitStaysFlipped) {
  SimDisk disk;
  MakeFile(disk);
  disk.Flip("f", 3, 1);
  EXPECT_EQ(Content(disk, "f").substr(0, 5), "aaaca");
  disk.Crash(1);
  EXPECT_EQ(Content(disk, "f").substr(0, 5), "aaaca");
}

TEST(SimDisk, AFileMayHaveSeveralNames) {
  SimDisk disk;
  MakeFile(disk);
  ASSERT_TRUE(disk.Link("f", "g").ok());
  ASSERT_TRUE(disk.Remove("f").ok());
  EXPECT_EQ(Content(disk, "g").size(), 1024u);
}

}  // namespace
}  // namespace batuta::log
