#include "store/database.h"

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "log/sim_disk.h"
#include "rocksdb/db.h"
#include "store/key_value.h"
#include "store/test_folder.h"

namespace batuta::store {
namespace {

using base::Offset;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr base::Id128 kHub{7, 9};

class DatabaseTest : public testing::TestWithParam<FileAccess> {
 protected:
  Database::Options Options() {
    const bool through_disk = GetParam() == FileAccess::through_disk;
    return {.path = folder_.path() + "/p0",
            .hub = kHub,
            .partition = base::PartitionId{3},
            .disk = through_disk ? &sim_disk_ : nullptr};
  }
  std::unique_ptr<Database> Open() {
    auto opened = Database::Open(shared_, Options());
    EXPECT_TRUE(opened.ok()) << opened.status();
    return opened.ok() ? *std::move(opened) : nullptr;
  }
  static std::vector<std::string> Keys(const Database& database, Table table,
                                       std::string_view from = "", std::string_view to = "") {
    std::vector<std::string> keys;
    EXPECT_TRUE(database
                    .Scan(table, from, to,
                          [&](std::string_view key, std::string_view) {
                            keys.emplace_back(key);
                            return true;
                          })
                    .ok());
    return keys;
  }

  TestFolder folder_;
  log::SimDisk sim_disk_;
  SharedResources shared_{{.block_cache_bytes = 8 << 20, .write_buffer_bytes = 8 << 20}};
};

INSTANTIATE_TEST_SUITE_P(Files, DatabaseTest,
                         testing::Values(FileAccess::direct, FileAccess::through_disk),
                         [](const auto& files) {
                           return files.param == FileAccess::direct ? "Direct" : "ThroughDisk";
                         });

TEST_P(DatabaseTest, ANewOneIsEmptyAtOffsetZero) {
  const auto database = Open();
  EXPECT_EQ(database->Applied(), Offset{0});
  EXPECT_EQ(*database->Get(Table::people, "p"), std::nullopt);
}

TEST_P(DatabaseTest, WhatWasWrittenIsThereAfterReopening) {
  {
    const auto database = Open();
    Batch batch;
    batch.Put(Table::people, "p", "Ana");
    batch.Put(Table::rows, "p", std::string("\0x", 2));
    batch.Put(Table::rows, "gone", "1");
    ASSERT_TRUE(database->Write(batch, Offset{10}).ok());
    batch.Clear();
    batch.Delete(Table::rows, "gone");
    ASSERT_TRUE(database->Write(batch, Offset{11}).ok());
  }
  const auto database = Open();
  EXPECT_EQ(database->Applied(), Offset{11});
  EXPECT_EQ(*database->Get(Table::people, "p"), "Ana");
  EXPECT_EQ(*database->Get(Table::rows, "p"), std::string("\0x", 2));
  EXPECT_EQ(*database->Get(Table::rows, "gone"), std::nullopt);
  EXPECT_EQ(*database->Get(Table::timers, "p"), std::nullopt);
}

TEST_P(DatabaseTest, TheLastChangeOfAKeyInABatchCounts) {
  const auto database = Open();
  Batch batch;
  batch.Put(Table::rows, "a", "1");
  batch.Delete(Table::rows, "b");
  batch.Delete(Table::rows, "a");
  batch.Put(Table::rows, "b", "2");
  ASSERT_TRUE(database->Write(batch, Offset{1}).ok());
  EXPECT_EQ(*database->Get(Table::rows, "a"), std::nullopt);
  EXPECT_EQ(*database->Get(Table::rows, "b"), "2");
}

TEST_P(DatabaseTest, AnOffsetWithoutChangesIsKept) {
  ASSERT_TRUE(Open()->Write(Batch(), Offset{5}).ok());
  EXPECT_EQ(Open()->Applied(), Offset{5});
}

TEST_P(DatabaseTest, ScansInTheOrderOfBytesWithinTheBounds) {
  const auto database = Open();
  Batch batch;
  for (const std::string key : {"b", "\xff", "a", "c", "aa"}) batch.Put(Table::timers, key, key);
  ASSERT_TRUE(database->Write(batch, Offset{1}).ok());
  EXPECT_THAT(Keys(*database, Table::timers), ElementsAre("a", "aa", "b", "c", "\xff"));
  EXPECT_THAT(Keys(*database, Table::timers, "aa", "c"), ElementsAre("aa", "b"));
  EXPECT_THAT(Keys(*database, Table::timers, "d"), ElementsAre("\xff"));
}

TEST_P(DatabaseTest, AScanEndsWhenTheVisitorHasEnough) {
  const auto database = Open();
  Batch batch;
  for (const std::string key : {"a", "b", "c"}) batch.Put(Table::timers, key, "");
  ASSERT_TRUE(database->Write(batch, Offset{1}).ok());
  int seen = 0;
  ASSERT_TRUE(database->Scan(Table::timers, "", "", [&](auto, auto) { return ++seen < 2; }).ok());
  EXPECT_EQ(seen, 2);
}

TEST_P(DatabaseTest, ACursorResumesAndDoesNotSeeLaterWrites) {
  const auto database = Open();
  Batch batch;
  for (const std::string key : {"a", "b", "d"}) batch.Put(Table::rows, key, "old");
  ASSERT_TRUE(database->Write(batch, Offset{1}).ok());
  const auto cursor = database->OpenCursor(Table::rows, "a", "d");
  batch.Clear();
  batch.Put(Table::rows, "b", "new");
  batch.Put(Table::rows, "c", "new");
  ASSERT_TRUE(database->Write(batch, Offset{2}).ok());
  cursor->Seek("b");
  ASSERT_TRUE(cursor->Valid());
  EXPECT_EQ(cursor->value(), "old");
  cursor->Next();
  EXPECT_FALSE(cursor->Valid());
  EXPECT_TRUE(cursor->status().ok());
}

TEST_P(DatabaseTest, MultiGetAnswersInTheOrderOfTheKeys) {
  const auto database = Open();
  Batch batch;
  batch.Put(Table::people, "a", "1");
  batch.Put(Table::people, "c", "3");
  ASSERT_TRUE(database->Write(batch, Offset{1}).ok());
  const std::vector<std::string> keys = {"c", "b", "a"};
  EXPECT_THAT(*database->MultiGet(Table::people, keys), ElementsAre("3", std::nullopt, "1"));
}

TEST_P(DatabaseTest, AHundredThousandKeysAreOneBatch) {
  {
    const auto database = Open();
    Batch batch;
    for (int i = 0; i < 100'000; ++i) {
      batch.Put(Table::identifiers, absl::StrCat((i * 7919) % 100'000), absl::StrCat(i));
    }
    ASSERT_TRUE(database->Write(batch, Offset{1}).ok());
  }
  const auto database = Open();
  EXPECT_EQ(Keys(*database, Table::identifiers).size(), 100'000u);
  EXPECT_EQ(*database->Get(Table::identifiers, "7919"), "1");
}

TEST_P(DatabaseTest, RefusesAnotherHub) {
  Open().reset();
  Database::Options options = Options();
  options.hub = {1, 1};
  const auto opened = Database::Open(shared_, options);
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(opened.status().message()), HasSubstr("belongs to hub"));
}

TEST_P(DatabaseTest, RefusesAnotherPartition) {
  Open().reset();
  Database::Options options = Options();
  options.partition = base::PartitionId{4};
  const auto opened = Database::Open(shared_, options);
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(opened.status().message()), HasSubstr("belongs to partition 3"));
}

TEST_P(DatabaseTest, ACheckpointIsIndependentOfWhatComesAfter) {
  const auto database = Open();
  Batch batch;
  batch.Put(Table::people, "p", "before");
  ASSERT_TRUE(database->Write(batch, Offset{1}).ok());
  const std::string path = folder_.path() + "/checkpoint";
  ASSERT_TRUE(database->Checkpoint(path).ok());
  EXPECT_EQ(database->Checkpoint(path).code(), absl::StatusCode::kAlreadyExists);
  batch.Clear();
  batch.Put(Table::people, "p", "after");
  ASSERT_TRUE(database->Write(batch, Offset{2}).ok());
  ASSERT_TRUE(database->CompactAll().ok());

  Database::Options options = Options();
  options.path = path;
  const auto copy = Database::Open(shared_, options);
  ASSERT_TRUE(copy.ok()) << copy.status();
  EXPECT_EQ((*copy)->Applied(), Offset{1});
  EXPECT_EQ(*(*copy)->Get(Table::people, "p"), "before");
  EXPECT_EQ(*database->Get(Table::people, "p"), "after");
}

TEST_P(DatabaseTest, CompactingKeepsWhatIsThereAndFreesTheRest) {
  const auto database = Open();
  for (uint64_t round = 1; round <= 6; ++round) {
    Batch batch;
    for (int i = 0; i < 1000; ++i) {
      batch.Put(Table::people, absl::StrCat(i), std::string(100, static_cast<char>('a' + round)));
    }
    if (round == 6) batch.Delete(Table::people, "17");
    ASSERT_TRUE(database->Write(batch, Offset{round}).ok());
  }
  ASSERT_TRUE(database->CompactAll().ok());
  EXPECT_EQ(Keys(*database, Table::people).size(), 999u);
  EXPECT_EQ(*database->Get(Table::people, "16"), std::string(100, 'g'));
  EXPECT_TRUE(database->Verify().ok());
  EXPECT_EQ(database->GetStatistics().entry_estimate, 999u);
}

TEST_P(DatabaseTest, ExpiredDedupEntriesGoWhenFilesAreRewritten) {
  Database::Options options = Options();
  options.dedup_expired = [](std::string_view, std::string_view value) { return value == "old"; };
  const auto database = *Database::Open(shared_, options);
  Batch batch;
  batch.Put(Table::dedup, "a", "old");
  batch.Put(Table::dedup, "b", "new");
  batch.Put(Table::rows, "a", "old");
  ASSERT_TRUE(database->Write(batch, Offset{1}).ok());
  ASSERT_TRUE(database->CompactAll().ok());
  EXPECT_THAT(Keys(*database, Table::dedup), ElementsAre("b"));
  EXPECT_THAT(Keys(*database, Table::rows), ElementsAre("a"));
}

TEST(DatabaseMemory, StaysNearItsBudgetWithManyDatabases) {
  const TestFolder folder;
  SharedResources shared({.block_cache_bytes = 4 << 20, .write_buffer_bytes = 4 << 20});
  std::vector<std::unique_ptr<Database>> databases;
  for (uint16_t i = 0; i < 4; ++i) {
    databases.push_back(*Database::Open(shared, {.path = absl::StrCat(folder.path(), "/", i),
                                                 .hub = kHub,
                                                 .partition = base::PartitionId{i}}));
  }
  for (uint64_t round = 1; round <= 4; ++round) {
    for (const auto& database : databases) {
      Batch batch;
      for (int i = 0; i < 5000; ++i) {
        batch.Put(Table::people, absl::StrCat(round, "/", i), std::string(500, 'x'));
      }
      ASSERT_TRUE(database->Write(batch, Offset{round}).ok());
      for (int i = 0; i < 5000; i += 3) {
        ASSERT_TRUE(database->Get(Table::people, absl::StrCat(round, "/", i)).ok());
      }
      EXPECT_LE(shared.WriteBufferBytes(), shared.LimitBytes());
    }
  }
  EXPECT_LE(shared.CacheBytes(), shared.LimitBytes() * 5 / 4);
}

TEST(DatabaseDamage, AFlippedBitIsFoundAndNeverServed) {
  const TestFolder folder;
  SharedResources shared({.block_cache_bytes = 1 << 20, .write_buffer_bytes = 1 << 20});
  const Database::Options options{.path = folder.path() + "/p", .hub = kHub};
  {
    const auto database = *Database::Open(shared, options);
    Batch batch;
    for (int i = 0; i < 1000; ++i) batch.Put(Table::people, absl::StrCat(i), absl::StrCat("v", i));
    ASSERT_TRUE(database->Write(batch, Offset{1}).ok());
  }
  for (const std::string& file : folder.FilesWithSuffix(".sst")) folder.FlipByte(file, 200);
  const auto database = Database::Open(shared, options);
  if (!database.ok()) return;  // refused: as good
  EXPECT_FALSE((*database)->Verify().ok());
  for (int i = 0; i < 1000; ++i) {
    const auto value = (*database)->Get(Table::people, absl::StrCat(i));
    if (value.ok() && *value) {
      EXPECT_EQ(**value, absl::StrCat("v", i));
    }
  }
}

TEST(DatabaseDamage, TablesWithoutTheirListAreRefusedNotForgotten) {
  const TestFolder folder;
  SharedResources shared({.block_cache_bytes = 1 << 20, .write_buffer_bytes = 1 << 20});
  const Database::Options options{.path = folder.path() + "/p", .hub = kHub};
  Database::Open(shared, options).value().reset();
  std::filesystem::remove(options.path + "/CURRENT");
  EXPECT_EQ(Database::Open(shared, options).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_FALSE(folder.FilesWithSuffix(".sst").empty());
}

// What says whose the files are also says their format.
TEST(DatabaseFormat, OneOfANewerReleaseIsRefusedAndLeftAsItIs) {
  const TestFolder folder;
  SharedResources shared({.block_cache_bytes = 1 << 20, .write_buffer_bytes = 1 << 20});
  const Database::Options options{.path = folder.path() + "/p", .hub = kHub};
  Database::Open(shared, options).value().reset();
  const auto swap_identity = [&](const std::string& identity) {
    std::vector<std::string> names;
    EXPECT_TRUE(rocksdb::DB::ListColumnFamilies({}, options.path, &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> tables;
    for (const std::string& name : names) tables.push_back({name, {}});
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* opened = nullptr;
    EXPECT_TRUE(rocksdb::DB::Open({}, options.path, tables, &handles, &opened).ok());
    const std::unique_ptr<rocksdb::DB> rocks(opened);
    std::string before;
    EXPECT_TRUE(rocks->Get({}, "identity", &before).ok());
    EXPECT_TRUE(rocks->Put({}, "identity", identity).ok());
    EXPECT_TRUE(rocks->Flush({}).ok());
    for (rocksdb::ColumnFamilyHandle* handle : handles) {
      EXPECT_TRUE(rocks->DestroyColumnFamilyHandle(handle).ok());
    }
    EXPECT_TRUE(rocks->Close().ok());
    return before;
  };
  // What a newer release would write behind the format nobody knows.
  const std::string newer("\0\0\0\x02?", 5);
  const std::string before = swap_identity(newer);
  const auto refused = Database::Open(shared, options);
  EXPECT_TRUE(absl::IsFailedPrecondition(refused.status())) << refused.status();
  EXPECT_THAT(refused.status().message(),
              AllOf(HasSubstr(options.path), HasSubstr("made by a newer release")));
  EXPECT_EQ(swap_identity(before), newer);
  EXPECT_TRUE(Database::Open(shared, options).ok());
}

TEST(DatabaseThreads, ReadersGoOnBesideAWrite) {
  const TestFolder folder;
  SharedResources shared({});
  const auto database = *Database::Open(shared, {.path = folder.path() + "/p", .hub = kHub});
  std::atomic<bool> done = false;
  std::thread reader([&] {
    // Both keys are written together: never one alone.
    while (!done) {
      const auto cursor = database->OpenCursor(Table::rows, "", "");
      int keys = 0;
      for (; cursor->Valid(); cursor->Next()) ++keys;
      EXPECT_TRUE(keys == 0 || keys == 2) << keys;
    }
  });
  for (uint64_t i = 1; i <= 20; ++i) {
    Batch batch;
    batch.Put(Table::rows, "a", absl::StrCat(i));
    batch.Put(Table::rows, "b", absl::StrCat(i));
    EXPECT_TRUE(database->Write(batch, Offset{i}).ok());
  }
  done = true;
  reader.join();
}

}  // namespace
}  // namespace batuta::store
