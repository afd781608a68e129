// Backup of a running hub: state as of checkpoints, then the archive and the log up to where each
// file is copied, then the vault beside them.
//
// The log is copied last, so it reaches at least as far as the state; its end may be torn in the
// copy, which opening it cuts, behind everything that was acknowledged before the backup began.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "base/status.h"
#include "engine/runtime_hub.h"

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

absl::Status Hub::Backup(const std::string& path) {
  base::Disk& disk = *options_.disk;
  if (disk.Exists(path)) {
    return absl::AlreadyExistsError(absl::StrCat(path, " exists; a backup makes its own folder"));
  }
  const std::string unfinished = path + ".unfinished";
  BATUTA_RETURN_IF_ERROR(disk.MakeDirectory(unfinished + "/state"));
  BATUTA_RETURN_IF_ERROR(CopyDatabases(unfinished));
  BATUTA_RETURN_IF_ERROR(CopyFile(disk, options_.folder + "/hub.json", unfinished + "/hub.json"));
  {
    absl::MutexLock lock(&disk_mutex_);  // nothing is archived or dropped meanwhile
    BATUTA_ASSIGN_OR_RETURN(const auto archived, disk.List(options_.folder + "/archive"));
    BATUTA_RETURN_IF_ERROR(
        CopyFiles(disk, options_.folder + "/archive", unfinished + "/archive", archived));
    BATUTA_ASSIGN_OR_RETURN(std::vector<std::string> names, disk.List(options_.folder + "/log"));
    // The watermark first: the segments, copied after it, reach at least as far. The reserve is
    // space.
    std::erase(names, "reserve");
    std::stable_partition(names.begin(), names.end(),
                          [](const std::string& name) { return name == "watermark"; });
    BATUTA_RETURN_IF_ERROR(CopyFiles(disk, options_.folder + "/log", unfinished + "/log", names));
  }
  BATUTA_RETURN_IF_ERROR(vault_->Backup(unfinished + "/vault"));
  return disk.Rename(unfinished, path);
}

}  // namespace batuta::engine
