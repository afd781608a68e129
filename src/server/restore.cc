#include "server/restore.h"

#include <filesystem>

#include "base/status.h"
#include "base/text.h"
#include "engine/runtime_hub.h"
#include "server/verify_folder.h"

namespace batuta::server {
namespace {

namespace fs = std::filesystem;

engine::HubOptions HubOptionsFor(base::Disk& disk, base::Clock& clock, const std::string& folder,
                                 const vault::MasterKey& key) {
  engine::HubOptions options;
  options.folder = folder;
  options.disk = &disk;
  options.clock = &clock;
  options.master_key = key;
  return options;
}

absl::Status CopyTree(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::create_directories(to, error);
  if (!error) fs::copy(from, to, fs::copy_options::recursive, error);
  if (error) {
    return absl::FailedPreconditionError(
        base::StrCat("cannot copy ", from, " to ", to, ": ", error.message()));
  }
  return absl::OkStatus();
}

// Makes durable what was copied: nobody else syncs files that are only read from now on.
absl::Status SyncTree(base::Disk& disk, const std::string& path) {
  BATUTA_ASSIGN_OR_RETURN(const std::vector<std::string> names, disk.List(path));
  for (const std::string& name : names) {
    const std::string inner = path + "/" + name;
    if (fs::is_directory(inner)) {
      BATUTA_RETURN_IF_ERROR(SyncTree(disk, inner));
      continue;
    }
    BATUTA_ASSIGN_OR_RETURN(const auto file, disk.OpenFile(inner, base::Disk::Open::kReadWrite));
    BATUTA_RETURN_IF_ERROR(file->SyncData());
  }
  return disk.SyncDirectory(path);
}

absl::Status CheckTarget(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error) || fs::is_empty(path, error)) return absl::OkStatus();
  return absl::AlreadyExistsError(
      base::StrCat(path, " is not empty; restore into a folder of its own"));
}

// Opens the hub, lets it settle and checkpoint, and tells the state it had.
absl::StatusOr<base::Id128> OpenOnce(const engine::HubOptions& options) {
  BATUTA_ASSIGN_OR_RETURN(const auto hub, engine::Hub::Open(options));
  hub->Start();
  hub->Stop();
  return hub->StateHash();
}

// Who was erased is gone before anybody is served. Also without a ledger: the backup may have been
// made between the erasure of the rows and that of the keys.
absl::Status EraseAgain(const engine::HubOptions& hub_options, const std::string& ledger,
                        RestoreReport& report) {
  BATUTA_ASSIGN_OR_RETURN(const auto hub, engine::Hub::Open(hub_options));
  if (!ledger.empty()) {
    BATUTA_ASSIGN_OR_RETURN(report.erasures, hub->vault().ApplyLedger(ledger));
  }
  BATUTA_ASSIGN_OR_RETURN(report.people_erased, hub->EraseListed());
  return absl::OkStatus();
}

absl::Status Prove(const engine::HubOptions& hub_options, RestoreReport& report) {
  BATUTA_ASSIGN_OR_RETURN(report.state_hash, OpenOnce(hub_options));
  BATUTA_ASSIGN_OR_RETURN(const auto again, engine::Hub::Open(hub_options));
  if (again->StateHash() == report.state_hash) return absl::OkStatus();
  return absl::DataLossError("the restored state is not the same when it is opened again");
}

}  // namespace

absl::StatusOr<RestoreReport> Restore(base::Disk& disk, base::Clock& clock,
                                      const RestoreOptions& options) {
  BATUTA_RETURN_IF_ERROR(CheckTarget(options.data));
  BATUTA_ASSIGN_OR_RETURN(const FolderReport stored, VerifyFolder(disk, options.backup));
  BATUTA_RETURN_IF_ERROR(stored.log.error);
  BATUTA_RETURN_IF_ERROR(stored.archive.error);
  const std::string target = options.data.substr(0, options.data.find_last_not_of('/') + 1);
  const std::string unfinished = target + ".unfinished";
  std::error_code error;
  fs::remove_all(unfinished, error);
  absl::Status status = CopyTree(options.backup, unfinished);
  if (status.ok()) status = SyncTree(disk, unfinished);
  RestoreReport report = {.records = stored.log.records + stored.archive.records,
                          .bytes = stored.log.bytes + stored.archive.bytes};
  const engine::HubOptions hub = HubOptionsFor(disk, clock, unfinished, options.master_key);
  if (status.ok()) status = EraseAgain(hub, options.ledger, report);
  if (status.ok()) status = Prove(hub, report);
  if (!status.ok()) {
    fs::remove_all(unfinished, error);
    return status;
  }
  fs::remove(target, error);  // an empty folder of that name
  BATUTA_RETURN_IF_ERROR(disk.Rename(unfinished, target));
  const std::string parent = fs::path(target).parent_path();
  BATUTA_RETURN_IF_ERROR(disk.SyncDirectory(parent.empty() ? "." : parent));
  return report;
}

}  // namespace batuta::server
