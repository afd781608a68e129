#include "store/manifest_tail.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "gtest/gtest.h"
#include "store/database.h"
#include "store/test_folder.h"

namespace batuta::store {
namespace {

class ManifestTail : public testing::Test {
 protected:
  void SetUp() override {
    const auto database = *Database::Open(shared_, options_);
    Batch batch;
    batch.Put(Table::rows, "a", "1");
    ASSERT_TRUE(database->Write(batch, base::Offset{1}).ok());
  }
  std::string Path() const {
    for (const auto& entry : std::filesystem::directory_iterator(options_.path)) {
      const std::string name = entry.path().filename();
      if (name.starts_with("MANIFEST")) return entry.path();
    }
    return "";
  }

  const TestFolder folder_;
  SharedResources shared_{{.block_cache_bytes = 1 << 20, .write_buffer_bytes = 1 << 20}};
  const Database::Options options_{.path = folder_.path() + "/p", .hub = {1, 2}};
};

TEST_F(ManifestTail, AWholeListIsSound) {
  const std::string content = TestFolder::Content(Path());
  EXPECT_GT(content.size(), 100u);
  EXPECT_EQ(SoundManifestBytes(content), content.size());
}

TEST_F(ManifestTail, GarbageAtTheEndIsCutAndNothingElse) {
  const std::string content = TestFolder::Content(Path());
  EXPECT_EQ(SoundManifestBytes(content + "garbage, and more of it"), content.size());
  EXPECT_EQ(SoundManifestBytes(content + std::string(600, '\0')), content.size());
}

TEST_F(ManifestTail, ADatabaseWithATornListOpens) {
  std::ofstream(Path(), std::ios::app | std::ios::binary) << std::string(400, '\x5a');
  const auto database = Database::Open(shared_, options_);
  ASSERT_TRUE(database.ok()) << database.status();
  EXPECT_EQ((*database)->Applied(), base::Offset{1});
  EXPECT_EQ(*(*database)->Get(Table::rows, "a"), "1");
}

TEST_F(ManifestTail, ALostRecordMeansAnEarlierOffsetNotAWrongState) {
  const std::string content = TestFolder::Content(Path());
  TestFolder::FlipByte(Path(), content.size() - 3);
  const auto database = Database::Open(shared_, options_);
  if (!database.ok()) return;  // refused: as good
  const bool has_row = (*database)->Get(Table::rows, "a")->has_value();
  EXPECT_EQ(has_row, (*database)->Applied() == base::Offset{1});
}

}  // namespace
}  // namespace batuta::store
