#include "log/posix_disk.h"

#include <sys/resource.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "log/log_testing.h"

namespace batuta::log {
namespace {

using testing::HasSubstr;

class PosixDiskTest : public testing::Test {
 protected:
  PosixDiskTest() {
    folder_ = testing::TempDir() + "batuta-disk-XXXXXX";
    BATUTA_CHECK(::mkdtemp(folder_.data()) != nullptr);
  }
  ~PosixDiskTest() override { std::filesystem::remove_all(folder_); }
  std::string Path(const std::string& name) const { return folder_ + "/" + name; }

  PosixDisk disk_;
  std::string folder_;
};

TEST_F(PosixDiskTest, ReadsWhatWasWritten) {
  const auto file = *disk_.OpenFile(Path("f"), base::Disk::Open::kCreate);
  ASSERT_TRUE(file->Write(10, "hello").ok());
  ASSERT_TRUE(file->SyncData().ok());
  EXPECT_EQ(*file->Size(), 15u);
  EXPECT_EQ(*file->Read(10, 100), "hello");
  EXPECT_EQ(*file->Read(0, 10), std::string(10, '\0'));
  EXPECT_EQ(*file->Read(100, 10), "");
  ASSERT_TRUE(file->Truncate(12).ok());
  EXPECT_EQ(*base::ReadFile(disk_, Path("f")), std::string(10, '\0') + "he");
}

TEST_F(PosixDiskTest, ATreeIsRemovedWithAllThatIsInIt) {
  ASSERT_TRUE(disk_.MakeDirectory(Path("a/b/c")).ok());
  ASSERT_TRUE(base::ReplaceFile(disk_, Path("a/b/f"), "x").ok());
  ASSERT_TRUE(base::ReplaceFile(disk_, Path("g"), "x").ok());
  ASSERT_TRUE(base::RemoveTree(disk_, Path("a")).ok());
  EXPECT_FALSE(disk_.Exists(Path("a")));
  ASSERT_TRUE(base::RemoveTree(disk_, Path("g")).ok());
  EXPECT_FALSE(disk_.Exists(Path("g")));
  EXPECT_TRUE(base::RemoveTree(disk_, Path("never")).ok());
}

TEST_F(PosixDiskTest, AllocatedSpaceReadsAsZerosAndKeepsWhatIsThere) {
  const auto file = *disk_.OpenFile(Path("f"), base::Disk::Open::kCreate);
  ASSERT_TRUE(file->Write(0, "abc").ok());
  ASSERT_TRUE(file->Allocate(8192).ok());
  EXPECT_EQ(*file->Read(0, 10000), "abc" + std::string(8189, '\0'));
  ASSERT_TRUE(file->Allocate(4096).ok());
  EXPECT_EQ(*file->Size(), 8192u);
}

TEST_F(PosixDiskTest, FoldersAreMadeWithTheirParentsAndListedInOrder) {
  ASSERT_TRUE(disk_.MakeDirectory(Path("a/b/c")).ok());
  ASSERT_TRUE(disk_.MakeDirectory(Path("a/b/c")).ok());
  ASSERT_TRUE(base::ReplaceFile(disk_, Path("a/b/z"), "1").ok());
  ASSERT_TRUE(base::ReplaceFile(disk_, Path("a/b/y"), "2").ok());
  EXPECT_EQ(*disk_.List(Path("a/b")), (std::vector<std::string>{"c", "y", "z"}));
  EXPECT_TRUE(absl::IsNotFound(disk_.List(Path("x")).status()));
  EXPECT_TRUE(disk_.SyncDirectory(Path("a/b")).ok());
}

TEST_F(PosixDiskTest, FilesAreRenamedLinkedAndRemoved) {
  ASSERT_TRUE(base::ReplaceFile(disk_, Path("f"), "x").ok());
  ASSERT_TRUE(disk_.Rename(Path("f"), Path("g")).ok());
  EXPECT_FALSE(disk_.Exists(Path("f")));
  ASSERT_TRUE(disk_.Link(Path("g"), Path("h")).ok());
  ASSERT_TRUE(disk_.Remove(Path("g")).ok());
  EXPECT_EQ(*base::ReadFile(disk_, Path("h")), "x");
  EXPECT_GT(*disk_.FreeBytes(folder_), 0u);
}

TEST_F(PosixDiskTest, OnlyAnEmptyFolderIsRemoved) {
  ASSERT_TRUE(disk_.MakeDirectory(Path("a")).ok());
  ASSERT_TRUE(base::ReplaceFile(disk_, Path("a/f"), "x").ok());
  EXPECT_FALSE(disk_.Remove(Path("a")).ok());
  ASSERT_TRUE(disk_.Remove(Path("a/f")).ok());
  EXPECT_TRUE(disk_.Remove(Path("a")).ok());
  EXPECT_FALSE(disk_.Exists(Path("a")));
}

TEST_F(PosixDiskTest, AMissingFileIsNotFoundAndNamed) {
  const absl::Status status = disk_.OpenFile(Path("none"), base::Disk::Open::kRead).status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr(Path("none")));
  EXPECT_TRUE(absl::IsNotFound(disk_.Remove(Path("none"))));
}

TEST_F(PosixDiskTest, AFullDeviceIsResourceExhausted) {
  const auto file = disk_.OpenFile("/dev/full", base::Disk::Open::kReadWrite);
  if (!file.ok()) GTEST_SKIP() << "no /dev/full here";
  const absl::Status status = (*file)->Write(0, "x");
  EXPECT_TRUE(absl::IsResourceExhausted(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("/dev/full"));
}

TEST_F(PosixDiskTest, TooManyOpenFilesIsUnavailable) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{.rlim_cur = 3, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const absl::Status status = disk_.OpenFile(Path("f"), base::Disk::Open::kCreate).status();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
}

TEST_F(PosixDiskTest, AFileOpenedForReadingIsNotWritten) {
  ASSERT_TRUE(base::ReplaceFile(disk_, Path("f"), "x").ok());
  const auto file = *disk_.OpenFile(Path("f"), base::Disk::Open::kRead);
  EXPECT_FALSE(file->Write(0, "y").ok());
  EXPECT_EQ(*base::ReadFile(disk_, Path("f")), "x");
}

}  // namespace
}  // namespace batuta::log
