#include "vault/master_key.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "store/test_folder.h"

namespace batuta::vault {
namespace {

TEST(MasterKey, IsMadeOnceAndReadBack) {
  const store::TestFolder folder;
  const std::string path = folder.path() + "/master.key";
  EXPECT_EQ(LoadMasterKey(path).status().code(), absl::StatusCode::kNotFound);
  const auto made = CreateMasterKey(path);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(LoadMasterKey(path)->bytes(), made->bytes());
  EXPECT_EQ(CreateMasterKey(path).status().code(), absl::StatusCode::kAlreadyExists);
  struct stat about = {};
  ASSERT_EQ(stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
}

TEST(MasterKey, ThatOthersCanReadIsRefused) {
  const store::TestFolder folder;
  const std::string path = folder.path() + "/master.key";
  ASSERT_TRUE(CreateMasterKey(path).ok());
  std::filesystem::permissions(path, std::filesystem::perms(0640));
  const auto loaded = LoadMasterKey(path);
  EXPECT_EQ(loaded.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(loaded.status().message()), testing::HasSubstr("chmod 600"));
}

TEST(MasterKey, ErrorsDoNotTellWhatWasRead) {
  const auto parsed = MasterKey::Parse("not-hex-but-perhaps-a-password-0123456789");
  ASSERT_FALSE(parsed.ok());
  EXPECT_THAT(std::string(parsed.status().message()), testing::Not(testing::HasSubstr("password")));
}

TEST(MasterKey, IsWrittenAsHexadecimalDigits) {
  const auto key = *MasterKey::Draw();
  EXPECT_EQ(MasterKey::Parse(" " + key.ToHex() + "\n")->bytes(), key.bytes());
  EXPECT_FALSE(MasterKey::Parse(key.ToHex().substr(2)).ok());
  EXPECT_NE(MasterKey::Draw()->bytes(), key.bytes());
}

}  // namespace
}  // namespace batuta::vault
