#include "engine/dedup.h"

#include <memory>
#include <string>

#include "base/hash.h"
#include "base/status.h"
#include "gtest/gtest.h"
#include "log/sim_disk.h"
#include "store/database.h"

namespace batuta::engine {
namespace {

using Verdict = Dedup::Verdict;

constexpr base::Time kStart{1'767'225'600'000'000};

base::Id128 Id(uint64_t number) { return base::Hash128("id", number); }

class DedupTest : public testing::Test {
 protected:
  DedupTest() { Open(); }

  void Open() {
    dedup_.reset();
    database_.reset();
    auto opened = store::Database::Open(shared_, {.path = "state", .hub = {1, 2}, .disk = &disk_});
    BATUTA_CHECK_OK(opened.status());
    database_ = *std::move(opened);
    dedup_ = std::make_unique<Dedup>(*database_);
  }
  // What the fold's checkpoint does.
  void Checkpoint() {
    store::Batch batch;
    for (const auto& [id, entry] : *dedup_->Freeze()) {
      batch.Put(store::Table::dedup, id.ToBytes(), Dedup::EncodeEntry(entry));
    }
    BATUTA_CHECK_OK(database_->Write(batch, base::Offset{++written_}));
    dedup_->Written();
  }
  Verdict Check(uint64_t number, base::Time at = kStart, uint64_t payload = 1) {
    return dedup_->Check(Id(number), payload, at);
  }

  log::SimDisk disk_;
  store::SharedResources shared_{{}};
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Dedup> dedup_;
  uint64_t written_ = 0;
};

TEST_F(DedupTest, AnIdIsNewOnce) {
  EXPECT_EQ(Check(1), Verdict::kNew);
  EXPECT_EQ(Check(1), Verdict::kDuplicate);
  EXPECT_EQ(Check(1, kStart, /*payload=*/2), Verdict::kMismatch);
  EXPECT_EQ(Check(2), Verdict::kNew);
}

TEST_F(DedupTest, AnIdIsKnownWhereverItIsKept) {
  Check(1);
  const auto frozen = dedup_->Freeze();
  EXPECT_EQ(Check(1), Verdict::kDuplicate);
  store::Batch batch;
  batch.Put(store::Table::dedup, Id(1).ToBytes(), Dedup::EncodeEntry(frozen->at(Id(1))));
  BATUTA_CHECK_OK(database_->Write(batch, base::Offset{1}));
  dedup_->Written();
  EXPECT_EQ(Check(1), Verdict::kDuplicate);
}

TEST_F(DedupTest, AfterOpeningEveryStoredIdIsKnownBeforeAndAfterTheFilterIsFull) {
  constexpr uint64_t kIds = 5'000;
  for (uint64_t i = 0; i < kIds; ++i) Check(i);
  Checkpoint();
  Open();
  for (uint64_t i = 0; i < 10; ++i) EXPECT_EQ(Check(i), Verdict::kDuplicate) << i;
  EXPECT_EQ(Check(kIds), Verdict::kNew);
  int steps = 1;
  while (!dedup_->FillFilter()) ++steps;
  EXPECT_GT(steps, 1);
  for (uint64_t i = 0; i <= kIds; ++i) ASSERT_EQ(Check(i), Verdict::kDuplicate) << i;
  EXPECT_EQ(Check(kIds + 1), Verdict::kNew);
}

TEST_F(DedupTest, ChecksFillTheFilterToo) {
  for (uint64_t i = 0; i < 5'000; ++i) Check(i);
  Checkpoint();
  Open();
  for (uint64_t i = 0; i < 1'000; ++i) ASSERT_EQ(Check(i), Verdict::kDuplicate);
  EXPECT_TRUE(dedup_->FillFilter());
}

TEST_F(DedupTest, AnIdIsNewAgainAfterTheWindow) {
  Check(1);
  Checkpoint();
  EXPECT_EQ(Check(1, kStart + kDedupWindow - base::Seconds(1)), Verdict::kDuplicate);
  EXPECT_EQ(Check(1, kStart + kDedupWindow), Verdict::kNew);
  Checkpoint();
  EXPECT_EQ(Check(1, kStart + kDedupWindow + base::Seconds(1)), Verdict::kDuplicate);
}

}  // namespace
}  // namespace batuta::engine
