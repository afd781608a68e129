#include "store/key_value.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "log/posix_disk.h"
#include "log/sim_disk.h"
#include "store/test_folder.h"

namespace batuta::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr base::Id128 kHub{7, 9};

class KeyValueTest : public testing::TestWithParam<FileAccess> {
 protected:
  base::Disk& disk() {
    return GetParam() == FileAccess::direct ? static_cast<base::Disk&>(posix_disk_) : sim_disk_;
  }
  KeyValue::Options Options() {
    return {.path = folder_.path() + "/keys",
            .owner = kHub,
            .disk = &disk(),
            .access = GetParam(),
            .journal_bytes = 4000};
  }
  absl::StatusOr<std::unique_ptr<KeyValue>> TryOpen() { return KeyValue::Open(shared_, Options()); }
  std::unique_ptr<KeyValue> Open() {
    auto opened = TryOpen();
    EXPECT_TRUE(opened.ok()) << opened.status();
    return opened.ok() ? *std::move(opened) : nullptr;
  }
  static absl::Status Put(KeyValue& keys, const std::string& key, const std::string& value) {
    const Change change{key, value};
    return keys.Write({&change, 1});
  }
  static absl::Status Remove(KeyValue& keys, const std::string& key) {
    const Change change{key, std::nullopt};
    return keys.Write({&change, 1});
  }
  // Paths of the files below `folder` that hold the bytes.
  std::vector<std::string> FilesWith(const std::string& bytes, const std::string& folder) {
    std::vector<std::string> found;
    const auto names = disk().List(folder);
    for (const std::string& name : names.ok() ? *names : std::vector<std::string>()) {
      const std::string path = folder + "/" + name;
      for (std::string& below : FilesWith(bytes, path)) found.push_back(std::move(below));
      const auto content = base::ReadFile(disk(), path);
      if (content.ok() && content->find(bytes) != std::string::npos) found.push_back(path);
    }
    return found;
  }
  std::vector<std::string> Journals() {
    std::vector<std::string> journals;
    const std::vector<std::string> names = *disk().List(Options().path);
    for (const std::string& name : names) {
      if (name.starts_with("journal-")) journals.push_back(Options().path + "/" + name);
    }
    return journals;
  }

  const TestFolder folder_;
  log::PosixDisk posix_disk_;
  log::SimDisk sim_disk_;
  SharedResources shared_{{.block_cache_bytes = 4 << 20, .write_buffer_bytes = 4 << 20}};
};

INSTANTIATE_TEST_SUITE_P(Files, KeyValueTest,
                         testing::Values(FileAccess::direct, FileAccess::through_disk),
                         [](const auto& files) {
                           return files.param == FileAccess::direct ? "Direct" : "ThroughDisk";
                         });

TEST_P(KeyValueTest, KeepsWritesAcrossManyJournalsAndReopenings) {
  for (int round = 0; round < 3; ++round) {
    const auto keys = Open();
    for (int i = 0; i < 60; ++i) {
      ASSERT_TRUE(Put(*keys, absl::StrCat(round, "/", i), std::string(200, 'x')).ok());
    }
    ASSERT_TRUE(Remove(*keys, absl::StrCat(round, "/7")).ok());
    EXPECT_LE(Journals().size(), 2u);
  }
  const auto keys = Open();
  int count = 0;
  ASSERT_TRUE(keys->Scan("", "", [&](auto, auto) { return ++count > 0; }).ok());
  EXPECT_EQ(count, 3 * 59);
  EXPECT_EQ(*keys->Get("2/7"), std::nullopt);
  EXPECT_TRUE(keys->Verify().ok());
}

TEST_P(KeyValueTest, APurgedValueIsInNoFile) {
  const auto keys = Open();
  ASSERT_TRUE(Put(*keys, "a", "canary-one").ok());
  ASSERT_TRUE(keys->Purge("", "").ok());  // now in the tables
  ASSERT_FALSE(FilesWith("canary-one", folder_.path()).empty());
  ASSERT_TRUE(Put(*keys, "a", "canary-two").ok());
  ASSERT_TRUE(Put(*keys, "b", "stays").ok());
  ASSERT_TRUE(Remove(*keys, "a").ok());
  ASSERT_TRUE(keys->Purge("a", "b").ok());
  EXPECT_THAT(FilesWith("canary-", folder_.path()), IsEmpty());
  EXPECT_EQ(*keys->Get("b"), "stays");
}

TEST_P(KeyValueTest, ATornEndIsCutAndDamageBeforeItRefused) {
  ASSERT_TRUE(Put(*Open(), "a", "1").ok());
  std::string path = Journals().back();
  std::string content = *base::ReadFile(disk(), path);
  ASSERT_TRUE(base::ReplaceFile(disk(), path, content + std::string(700, 'z')).ok());
  {
    const auto keys = Open();
    EXPECT_EQ(*keys->Get("a"), "1");
    ASSERT_TRUE(Put(*keys, "b", "2").ok());
    ASSERT_TRUE(Put(*keys, "c", "3").ok());
  }
  path = Journals().back();
  content = *base::ReadFile(disk(), path);
  content[520] = static_cast<char>(content[520] ^ 1);  // in the first of two frames
  ASSERT_TRUE(base::ReplaceFile(disk(), path, content).ok());
  EXPECT_EQ(TryOpen().status().code(), absl::StatusCode::kDataLoss);
}

TEST_P(KeyValueTest, RefusesAMissingJournal) {
  ASSERT_TRUE(Put(*Open(), "a", "1").ok());
  Open().reset();  // the change is in the tables
  for (const std::string& path : Journals()) ASSERT_TRUE(disk().Remove(path).ok());
  const absl::Status status = TryOpen().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("the journal is missing"));
}

TEST_P(KeyValueTest, RefusesAnotherOwner) {
  Open().reset();
  KeyValue::Options options = Options();
  options.owner = {1, 1};
  EXPECT_EQ(KeyValue::Open(shared_, options).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_P(KeyValueTest, ACopyOpensAndIsIndependent) {
  const auto keys = Open();
  ASSERT_TRUE(Put(*keys, "a", "1").ok());
  KeyValue::Options options = Options();
  options.path = folder_.path() + "/copies/first";
  ASSERT_TRUE(keys->CopyTo(options.path).ok());
  ASSERT_TRUE(Put(*keys, "a", "2").ok());
  const auto copy = *KeyValue::Open(shared_, options);
  EXPECT_EQ(*copy->Get("a"), "1");
  ASSERT_TRUE(Put(*copy, "b", "3").ok());
  EXPECT_EQ(*keys->Get("b"), std::nullopt);
}

TEST_P(KeyValueTest, WritersTakeTurns) {
  const auto keys = Open();
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 3; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 30; ++i) {
        ASSERT_TRUE(Put(*keys, absl::StrCat(thread, "/", i), std::string(100, 'x')).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  int count = 0;
  ASSERT_TRUE(keys->Scan("", "", [&](auto, auto) { return ++count > 0; }).ok());
  EXPECT_EQ(count, 90);
}

}  // namespace
}  // namespace batuta::store
