// What databases and key-value stores keep when the power fails at any disk operation.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "gtest/gtest.h"
#include "log/sim_disk.h"
#include "store/database.h"
#include "store/durable_folder.h"
#include "store/key_value.h"

namespace batuta::store {
namespace {

using base::Offset;

constexpr base::Id128 kHub{7, 9};
struct PowerLoss {};

class CrashTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Database>> OpenDatabase() {
    return Database::Open(shared_, {.path = "hub/p0", .hub = kHub, .disk = &disk_});
  }
  absl::StatusOr<std::unique_ptr<KeyValue>> OpenKeys() {
    return KeyValue::Open(shared_, {.path = "hub/keys",
                                    .owner = kHub,
                                    .disk = &disk_,
                                    .access = FileAccess::through_disk,
                                    .journal_bytes = 2000});
  }
  // From the n-th disk operation on there is no power. True if it came to that.
  template <typename Work>
  bool CutPower(uint64_t n, uint64_t seed, Work work) {
    return CutPower(disk_, n, seed, work);
  }
  template <typename Work>
  static bool CutPower(log::SimDisk& disk, uint64_t n, uint64_t seed, Work work) {
    uint64_t calls = 0;
    disk.SetHook([&](log::DiskCall, const std::string&) {
      if (++calls >= n) throw PowerLoss();
    });
    bool was_cut = false;
    try {
      work();
    } catch (const PowerLoss&) {
      was_cut = true;
    }
    disk.SetHook(nullptr);
    disk.Crash(seed);
    return was_cut;
  }

  log::SimDisk disk_;
  SharedResources shared_{{.block_cache_bytes = 1 << 20, .write_buffer_bytes = 1 << 20}};
};

TEST_F(CrashTest, DataAndOffsetAlwaysAgree) {
  base::Random random(1, {1, 1}, "test", "crash");
  uint64_t acknowledged = 0, attempted = 0, cuts = 0;
  for (uint64_t round = 0; round < 120; ++round) {
    std::unique_ptr<Database> database;
    const bool was_cut = CutPower(1 + random.Below(150), round, [&] {
      auto opened = OpenDatabase();
      ASSERT_TRUE(opened.ok()) << round << ": " << opened.status();
      database = *std::move(opened);
      attempted = base::Number(database->Applied());
      ASSERT_GE(attempted, acknowledged);
      for (int i = 0; i < 4; ++i) {
        Batch batch;
        ++attempted;
        for (const Table table : {Table::people, Table::rows, Table::dedup}) {
          batch.Put(table, "last", absl::StrCat(attempted));
          batch.Put(table, absl::StrCat("at ", attempted), std::string(300, 'x'));
        }
        ASSERT_TRUE(database->Write(batch, Offset{attempted}).ok());
        acknowledged = attempted;
      }
      if (round % 4 == 0) {
        ASSERT_TRUE(database->CompactAll().ok());
      }
    });
    cuts += was_cut ? 1 : 0;
    database.reset();
    const auto opened = OpenDatabase();
    ASSERT_TRUE(opened.ok()) << round << ": " << opened.status();
    const uint64_t applied = base::Number((*opened)->Applied());
    ASSERT_GE(applied, acknowledged);
    ASSERT_LE(applied, attempted);
    for (const Table table : {Table::people, Table::rows, Table::dedup}) {
      const auto last = *(*opened)->Get(table, "last");
      ASSERT_EQ(last.value_or("0"), absl::StrCat(applied));
    }
    if (applied > 0) {
      ASSERT_TRUE(*(*opened)->Get(Table::rows, absl::StrCat("at ", applied)));
    }
  }
  EXPECT_GT(cuts, 40u);
}

TEST_F(CrashTest, FinishedWritesOfAKeyValueStoreAreThereWhole) {
  base::Random random(2, {1, 1}, "test", "crash");
  uint64_t acknowledged = 0, attempted = 0, cuts = 0;
  for (uint64_t round = 0; round < 120; ++round) {
    std::unique_ptr<KeyValue> keys;
    const bool was_cut = CutPower(1 + random.Below(150), round, [&] {
      auto opened = OpenKeys();
      ASSERT_TRUE(opened.ok()) << round << ": " << opened.status();
      keys = *std::move(opened);
      for (int i = 0; i < 6; ++i) {
        ++attempted;
        const std::vector<Change> changes = {{"a", absl::StrCat(attempted)},
                                             {absl::StrCat("k", attempted), std::string(400, 'v')},
                                             {"b", absl::StrCat(attempted)}};
        ASSERT_TRUE(keys->Write(changes).ok());
        acknowledged = attempted;
      }
      if (round % 3 == 0) {
        ASSERT_TRUE(keys->Purge("k", "l").ok());
      }
    });
    cuts += was_cut ? 1 : 0;
    keys.reset();
    auto opened = OpenKeys();
    ASSERT_TRUE(opened.ok()) << round << ": " << opened.status();
    const auto a = *(*opened)->Get("a");
    ASSERT_EQ(a, *(*opened)->Get("b"));
    if (acknowledged > 0) {
      ASSERT_TRUE(a.has_value());
      ASSERT_GE(std::stoull(*a), acknowledged);
      ASSERT_TRUE((*opened)->Get(absl::StrCat("k", acknowledged))->has_value());
    }
    attempted = a ? std::stoull(*a) : 0;
  }
  EXPECT_GT(cuts, 40u);
}

// The power fails at each disk operation of a checkpoint in turn. The database is as it was; what
// is left of the copy can be removed, and a copy that was finished is whole.
// What such a write left is read when the store is opened again; it must not be believed before it
// is durable.
TEST_F(CrashTest, AWriteThatAnEndedProcessDidNotSyncIsThereForGoodOrNotAtAll) {
  uint64_t cut_after = 0;
  for (bool was_cut = true; was_cut; ++cut_after) {
    log::SimDisk disk;
    const KeyValue::Options options = {
        .path = "hub/keys", .owner = kHub, .disk = &disk, .access = FileAccess::through_disk};
    {
      auto keys = *KeyValue::Open(shared_, options);
      ASSERT_TRUE(keys->Write(std::vector<Change>{{"a", "1"}}).ok());
      disk.SetHook([](log::DiskCall call, const std::string& path) {
        if (call == log::DiskCall::kSyncData && path.find("journal") != path.npos) {
          throw PowerLoss();
        }
      });
      EXPECT_THROW(keys->Write(std::vector<Change>{{"b", "2"}}).IgnoreError(), PowerLoss);
      disk.SetHook(nullptr);
      disk.Kill();
    }
    was_cut = CutPower(disk, 1 + cut_after, cut_after,
                       [&] { ASSERT_TRUE(KeyValue::Open(shared_, options).ok()); });
    const auto opened = KeyValue::Open(shared_, options);
    ASSERT_TRUE(opened.ok()) << cut_after << ": " << opened.status();
    EXPECT_EQ(*(*opened)->Get("a"), "1");
  }
  EXPECT_GT(cut_after, 20u);
}

TEST_F(CrashTest, ACheckpointThatIsBrokenOffHarmsNothing) {
  bool was_cut = true;
  uint64_t cuts = 0;
  for (uint64_t n = 1; was_cut && n < 1'000; ++n, ++cuts) {
    log::SimDisk disk;
    const auto open = [&](std::string path) {
      return Database::Open(shared_, {.path = std::move(path), .hub = kHub, .disk = &disk});
    };
    const auto check = [&](const std::string& path) {
      const auto database = open(path);
      ASSERT_TRUE(database.ok()) << n << ", " << path << ": " << database.status();
      EXPECT_EQ((*database)->Applied(), Offset{1});
      EXPECT_EQ(*(*database)->Get(Table::people, "b"), std::string(5'000, 'b'));
    };
    std::unique_ptr<Database> database = *open("hub/p0");
    Batch batch;
    batch.Put(Table::people, "b", std::string(5'000, 'b'));
    ASSERT_TRUE(database->Write(batch, Offset{1}).ok());
    was_cut = CutPower(disk, n, n, [&] { ASSERT_TRUE(database->Checkpoint("copy/p0").ok()); });
    database.reset();
    check("hub/p0");
    if (!was_cut) check("copy/p0");
    ASSERT_TRUE(RemoveFolder(disk, "copy").ok()) << n;
    EXPECT_FALSE(disk.Exists("copy")) << n;
    ASSERT_TRUE((*open("hub/p0"))->Checkpoint("copy/p0").ok()) << n;
    check("copy/p0");
  }
  EXPECT_GT(cuts, 20u);
  EXPECT_FALSE(was_cut);
}

TEST_F(CrashTest, AFailedSyncFailsTheWrite) {
  const auto database = *OpenDatabase();
  disk_.Inject({.kind = log::DiskCall::kSyncData});
  Batch batch;
  batch.Put(Table::rows, "a", "1");
  EXPECT_FALSE(database->Write(batch, Offset{1}).ok());
}

TEST_F(CrashTest, AFullDiskFailsTheWriteAndLosesNothing) {
  {
    const auto database = *OpenDatabase();
    Batch batch;
    batch.Put(Table::rows, "a", "1");
    ASSERT_TRUE(database->Write(batch, Offset{1}).ok());
    disk_.SetQuota(1);
    batch.Put(Table::rows, "b", std::string(100'000, 'b'));
    EXPECT_FALSE(database->Write(batch, Offset{2}).ok());
  }
  disk_.SetQuota(std::nullopt);
  const auto database = OpenDatabase();
  ASSERT_TRUE(database.ok()) << database.status();
  EXPECT_EQ((*database)->Applied(), Offset{1});
  EXPECT_EQ(*(*database)->Get(Table::rows, "a"), "1");
}

TEST_F(CrashTest, TheSameCallsDoTheSameDiskOperations) {
  std::vector<std::string> runs[2];
  for (std::vector<std::string>& run : runs) {
    log::SimDisk disk;
    disk.SetHook([&](log::DiskCall call, const std::string& path) {
      run.push_back(absl::StrCat(static_cast<int>(call), " ", path));
    });
    const auto database = *Database::Open(shared_, {.path = "p", .hub = kHub, .disk = &disk});
    for (uint64_t i = 1; i <= 20; ++i) {
      Batch batch;
      for (uint64_t k = 0; k < 200; ++k) batch.Put(Table::people, absl::StrCat(k * i), "value");
      ASSERT_TRUE(database->Write(batch, Offset{i}).ok());
      ASSERT_TRUE(database->Get(Table::people, absl::StrCat(i)).ok());
    }
    ASSERT_TRUE(database->CompactAll().ok());
    disk.SetHook(nullptr);
  }
  EXPECT_EQ(runs[0], runs[1]);
}

}  // namespace
}  // namespace batuta::store
