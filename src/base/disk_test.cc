#include "base/disk.h"

#include <gtest/gtest.h>

#include <map>

#include "base/text.h"

namespace batuta::base {
namespace {

// Keeps whole files in a map and a list of the calls that matter for durability.
struct Recorded {
  std::map<std::string, std::string> files;
  std::vector<std::string> calls;
  std::string failing_call;  // this call is refused

  absl::Status Note(const std::string& call) {
    calls.push_back(call);
    return call == failing_call ? absl::DataLossError(call) : absl::OkStatus();
  }
};

class RecordedFile : public File {
 public:
  RecordedFile(Recorded& recorded, std::string path)
      : recorded_(recorded), path_(std::move(path)) {}
  absl::StatusOr<std::string> Read(uint64_t offset, size_t size) override {
    return recorded_.files[path_].substr(offset, size);
  }
  absl::Status Write(uint64_t offset, std::string_view data) override {
    recorded_.files[path_].replace(offset, std::string::npos, data);
    return recorded_.Note("write " + path_);
  }
  absl::Status SyncData() override { return recorded_.Note("sync " + path_); }
  absl::Status Truncate(uint64_t size) override {
    recorded_.files[path_].resize(size);
    return absl::OkStatus();
  }
  absl::Status Allocate(uint64_t) override { return absl::OkStatus(); }
  absl::StatusOr<uint64_t> Size() override { return recorded_.files[path_].size(); }

 private:
  Recorded& recorded_;
  std::string path_;
};

class RecordedDisk : public Disk {
 public:
  absl::StatusOr<std::unique_ptr<File>> OpenFile(const std::string& path, Open mode) override {
    if (mode != Open::kCreate && !Exists(path)) return absl::NotFoundError(path);
    return std::make_unique<RecordedFile>(recorded, path);
  }
  absl::Status Rename(const std::string& from, const std::string& to) override {
    recorded.files[to] = recorded.files[from];
    recorded.files.erase(from);
    return recorded.Note(StrCat("rename ", from, " ", to));
  }
  absl::Status Remove(const std::string&) override { return absl::UnimplementedError(""); }
  absl::Status MakeDirectory(const std::string&) override { return absl::UnimplementedError(""); }
  absl::Status SyncDirectory(const std::string& path) override {
    return recorded.Note("sync folder " + path);
  }
  absl::StatusOr<std::vector<std::string>> List(const std::string&) override {
    return absl::UnimplementedError("");
  }
  bool Exists(const std::string& path) override { return recorded.files.contains(path); }
  absl::Status Link(const std::string&, const std::string&) override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<uint64_t> FreeBytes(const std::string&) override { return 0; }

  Recorded recorded;
};

TEST(Disk, ReplaceFileSyncsTheContentBeforeTheNameAndTheNameAtLast) {
  RecordedDisk disk;
  disk.recorded.files["data/meta"] = "old";
  disk.recorded.files["data/meta.tmp"] = "left by a crash, and longer";
  ASSERT_TRUE(ReplaceFile(disk, "data/meta", "new").ok());
  EXPECT_EQ(disk.recorded.calls,
            (std::vector<std::string>{"write data/meta.tmp", "sync data/meta.tmp",
                                      "rename data/meta.tmp data/meta", "sync folder data"}));
  EXPECT_EQ(*ReadFile(disk, "data/meta"), "new");
  EXPECT_FALSE(disk.Exists("data/meta.tmp"));
}

TEST(Disk, ReplaceFileLeavesTheOldContentWhenTheSyncFails) {
  RecordedDisk disk;
  disk.recorded.files["meta"] = "old";
  disk.recorded.failing_call = "sync meta.tmp";
  EXPECT_FALSE(ReplaceFile(disk, "meta", "new").ok());
  EXPECT_EQ(*ReadFile(disk, "meta"), "old");
}

TEST(Disk, ReplaceFileReportsAFailedSyncOfTheFolder) {
  RecordedDisk disk;
  disk.recorded.failing_call = "sync folder /";
  EXPECT_FALSE(ReplaceFile(disk, "/meta", "new").ok());
  disk.recorded.failing_call = "sync folder .";
  EXPECT_FALSE(ReplaceFile(disk, "meta", "new").ok());
}

TEST(Disk, ReadFileOfAnAbsentFileIsNotFound) {
  RecordedDisk disk;
  EXPECT_EQ(ReadFile(disk, "none").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace batuta::base
