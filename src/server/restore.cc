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

absl::StatusOr<size_t> Prove(base::Disk& disk, base::Clock& clock, const std::string& folder,
                             const RestoreOptions& options, base::Id128& hash) {
  const engine::HubOptions hub_options = HubOptionsFor(disk, clock, folder, options.master_key);
  size_t erasures = 0;
  if (!options.ledger.empty()) {
    BATUTA_ASSIGN_OR_RETURN(const auto hub, engine::Hub::Open(hub_options));
    BATUTA_ASSIGN_OR_RETURN(erasures, hub->vault().ApplyLedger(options.ledger));
  }
  BATUTA_ASSIGN_OR_RETURN(hash, OpenOnce(hub_options));
  BATUTA_ASSIGN_OR_RETURN(const auto again, engine::Hub::Open(hub_options));
  const base::Id128 second = again->StateHash();
  if (second != hash) {
    return absl::DataLossError("the restored state is not the same when it is opened again");
  }
  return erasures;
}

}  // namespace

absl::StatusOr<RestoreReport> Restore(base::Disk& disk, base::Clock& clock,
                                      const RestoreOptions& options) {
  BATUTA_RETURN_IF_ERROR(CheckTarget(options.data));
  BATUTA_ASSIGN_OR_RETURN(const FolderReport stored, VerifyFolder(disk, options.backup));
  BATUTA_RETURN_IF_ERROR(stored.log.error);
  BATUTA_RETURN_IF_ERROR(stored.archive.error);
  const std::string unfinished = options.data + ".unfinished";
  std::error_code error;
  fs::remove_all(unfinished, error);
  absl::Status status = CopyTree(options.backup, unfinished);
  RestoreReport report = {.records = stored.log.records + stored.archive.records,
                          .bytes = stored.log.bytes + stored.archive.bytes};
  if (status.ok()) {
    const auto erasures = Prove(disk, clock, unfinished, options, report.state_hash);
    status = erasures.status();
    if (erasures.ok()) report.erasures = *erasures;
  }
  if (!status.ok()) {
    fs::remove_all(unfinished, error);
    return status;
  }
  fs::remove(options.data, error);  // an empty folder of that name
  BATUTA_RETURN_IF_ERROR(disk.Rename(unfinished, options.data));
  return report;
}

}  // namespace batuta::server
