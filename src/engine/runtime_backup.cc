// Backup of a running hub: state as of checkpoints, then the archive and the log up to where each
// file is copied, then the vault beside them.
//
// The log is copied last, so it reaches at least as far as the state; its end may be torn in the
// copy, which opening it cuts, behind everything that was acknowledged before the backup began.
#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "base/status.h"
#include "engine/runtime_hub.h"
#include "store/durable_folder.h"

namespace batuta::engine {
namespace {

constexpr size_t kCopyBytes = size_t{1} << 20;

absl::Status CopyFile(base::Disk& disk, const std::string& from, const std::string& to) {
  BATUTA_ASSIGN_OR_RETURN(const auto source, disk.OpenFile(from, base::Disk::Open::kRead));
  BATUTA_ASSIGN_OR_RETURN(const auto target, disk.OpenFile(to, base::Disk::Open::kCreate));
  for (uint64_t at = 0;;) {
    BATUTA_ASSIGN_OR_RETURN(const std::string part, source->Read(at, kCopyBytes));
    if (part.empty()) break;
    BATUTA_RETURN_IF_ERROR(target->Write(at, part));
    at += part.size();
  }
  return target->SyncData();
}

// Copies the files of a folder (not of folders in it), in the given order of names.
absl::Status CopyFiles(base::Disk& disk, const std::string& from, const std::string& to,
                       const std::vector<std::string>& names) {
  BATUTA_RETURN_IF_ERROR(disk.MakeDirectory(to));
  for (const std::string& name : names) {
    BATUTA_RETURN_IF_ERROR(CopyFile(disk, from + "/" + name, to + "/" + name));
  }
  return disk.SyncDirectory(to);
}

// Archive and log of one hub's folder into another.
absl::Status CopyLog(base::Disk& disk, const std::string& from, const std::string& to) {
  BATUTA_ASSIGN_OR_RETURN(const auto archived, disk.List(from + "/archive"));
  BATUTA_RETURN_IF_ERROR(CopyFiles(disk, from + "/archive", to + "/archive", archived));
  BATUTA_ASSIGN_OR_RETURN(std::vector<std::string> names, disk.List(from + "/log"));
  // The watermark first: the segments, copied after it, reach at least as far. The reserve is
  // space.
  std::erase(names, "reserve");
  std::stable_partition(names.begin(), names.end(),
                        [](const std::string& name) { return name == "watermark"; });
  return CopyFiles(disk, from + "/log", to + "/log", names);
}

}  // namespace

absl::Status Hub::CopyDatabases(const std::string& path) {
  absl::Status result;
  absl::Notification copied;
  runtime_->RunBesideCheckpoints([&] {
    for (size_t i = 0; i < databases_.size() && result.ok(); ++i) {
      const std::string name = StateFolderName(i);
      result = databases_[i]->Checkpoint(path + "/state/" + name);
    }
    copied.Notify();
  });
  copied.WaitForNotification();
  return result;
}

absl::Status Hub::Backup(const std::string& folder) {
  // One at a time in this process, whatever the hub: two into the same folder would remove each
  // other's files.
  static absl::Mutex one_at_a_time;
  const absl::MutexLock lock(&one_at_a_time);
  base::Disk& disk = *options_.disk;
  const std::string path = folder.substr(0, folder.find_last_not_of('/') + 1);
  if (disk.Exists(path)) {
    return absl::AlreadyExistsError(absl::StrCat(path, " exists; a backup makes its own folder"));
  }
  const std::string unfinished = path + ".unfinished";
  const auto copy = [&]() -> absl::Status {
    BATUTA_RETURN_IF_ERROR(disk.MakeDirectory(unfinished + "/state"));
    BATUTA_RETURN_IF_ERROR(CopyDatabases(unfinished));
    BATUTA_RETURN_IF_ERROR(CopyFile(disk, options_.folder + "/hub.json", unfinished + "/hub.json"));
    {
      const absl::MutexLock kept(&disk_mutex_);  // nothing is archived or dropped meanwhile
      BATUTA_RETURN_IF_ERROR(CopyLog(disk, options_.folder, unfinished));
    }
    BATUTA_RETURN_IF_ERROR(vault_->Backup(unfinished + "/vault"));
    return disk.SyncDirectory(unfinished);
  };
  // One of before may have been broken off by the end of its process.
  BATUTA_RETURN_IF_ERROR(store::RemoveFolder(disk, unfinished));
  if (absl::Status copied = copy(); !copied.ok()) {
    store::RemoveFolder(disk, unfinished).IgnoreError();  // the next one tries again
    return copied;
  }
  BATUTA_RETURN_IF_ERROR(disk.Rename(unfinished, path));
  const std::string parent = std::filesystem::path(path).parent_path();
  return disk.SyncDirectory(parent.empty() ? "." : parent);
}

}  // namespace batuta::engine
