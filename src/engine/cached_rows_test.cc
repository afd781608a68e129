#include "engine/cached_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/ids.h"
#include "base/text.h"
#include "engine/row.pb.h"
#include "log/sim_disk.h"
#include "store/batch.h"
#include "store/database.h"
#include "store/shared_resources.h"

namespace batuta::engine {
namespace {

base::PersonId Who(uint64_t number) {
  base::PersonId person;
  person.record.low = number;
  return person;
}

class CachedRowsTest : public testing::Test {
 protected:
  using Rows = CachedRows<base::PersonId, PersonRow>;

  // Twenty rows that are stored and not cached.
  CachedRowsTest() {
    for (uint32_t i = 1; i <= 20; ++i) rows_.Mutable(Who(i)).set_number(i);
    rows_.Freeze();
    EXPECT_TRUE(rows_.EncodeSome(100));
    store::Batch batch;
    for (const auto& [key, bytes] : rows_.TakeEncoded()) {
      batch.Put(store::Table::people, key, *bytes);
    }
    EXPECT_TRUE(database_->Write(batch, base::Offset{1}).ok());
    rows_.Written();
    for (int i = 0; i < 10; ++i) rows_.Trim(0);  // each looks at some
    EXPECT_EQ(rows_.cached_bytes(), 0u);
  }

  // "3c 5" : the third was cached, the fifth was not.
  std::string Peek(const std::vector<uint64_t>& numbers) {
    std::vector<base::PersonId> keys;
    for (const uint64_t number : numbers) keys.push_back(Who(number));
    std::string seen;
    rows_.PeekMany(keys, [&](size_t i, const PersonRow* cached, std::string_view stored) {
      PersonRow row;
      if (cached == nullptr) row.ParseFromString(std::string(stored));
      const uint32_t number = (cached != nullptr ? *cached : row).number();
      EXPECT_EQ(number, numbers[i]);
      base::StrAppend(&seen, seen.empty() ? "" : " ", number, cached != nullptr ? "c" : "");
    });
    return seen;
  }

  log::SimDisk disk_;
  store::SharedResources shared_{{.block_cache_bytes = 1 << 20, .write_buffer_bytes = 1 << 20}};
  std::unique_ptr<store::Database> database_ = *store::Database::Open(
      shared_, {.path = "/people", .partition = base::PartitionId{0}, .disk = &disk_});
  Rows rows_{*database_, store::Table::people};
};

TEST_F(CachedRowsTest, LookAtManyInTheOrderOfTheKeys) {
  EXPECT_EQ(Peek({1, 2, 3, 19, 20}), "1 2 3 19 20");
  EXPECT_EQ(Peek({7, 7, 8}), "7 7 8");
  EXPECT_EQ(Peek({}), "");
  EXPECT_EQ(rows_.cached_bytes(), 0u) << "nothing is kept";
}

TEST_F(CachedRowsTest, LookAtWhatIsCachedAsItIsThere) {
  rows_.Mutable(Who(4)).set_number(4);
  rows_.Find(Who(6));
  rows_.Mutable(Who(30)).set_number(30);
  EXPECT_EQ(Peek({3, 4, 5, 6, 30}), "3 4c 5 6c 30c");
}

TEST_F(CachedRowsTest, LeaveOutWhatIsNotThere) {
  rows_.Erase(Who(7));
  EXPECT_EQ(Peek({6, 7, 8, 9, 21, 22}), "6 8 9");
}

}  // namespace
}  // namespace batuta::engine
