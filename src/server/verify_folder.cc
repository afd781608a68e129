#include "server/verify_folder.h"

#include <algorithm>

#include "base/status.h"
#include "base/text.h"
#include "log/archive.h"

namespace batuta::server {
namespace {

// Every file begins with a mark of 8 bytes, a version of 2, and the hub's id: docs/log-format.md.
constexpr size_t kHubIdAt = 10;
constexpr size_t kHubIdBytes = 16;

// The id that the first file of the log says; VerifySegments then holds all others to it.
absl::StatusOr<base::Id128> HubIdOf(base::Disk& disk, const std::string& folder) {
  BATUTA_ASSIGN_OR_RETURN(const auto names, disk.List(folder));
  const auto segment = std::find_if(names.begin(), names.end(),
                                    [](const auto& name) { return name.ends_with(".seg"); });
  if (segment == names.end()) {
    return absl::NotFoundError(base::StrCat("there is no log in ", folder));
  }
  BATUTA_ASSIGN_OR_RETURN(const auto file,
                          disk.OpenFile(folder + "/" + *segment, base::Disk::Open::kRead));
  BATUTA_ASSIGN_OR_RETURN(const std::string bytes, file->Read(kHubIdAt, kHubIdBytes));
  if (bytes.size() != kHubIdBytes) {
    return absl::DataLossError(base::StrCat(folder, "/", *segment, " is cut short"));
  }
  return base::Id128::FromBytes(bytes);
}

}  // namespace

absl::StatusOr<FolderReport> VerifyFolder(base::Disk& disk, const std::string& folder) {
  if (!disk.Exists(folder + "/log")) {
    return absl::NotFoundError(base::StrCat("there is no hub in ", folder));
  }
  BATUTA_ASSIGN_OR_RETURN(const base::Id128 hub, HubIdOf(disk, folder + "/log"));
  FolderReport report;
  report.log = log::VerifySegments(disk, folder + "/log", hub);
  if (!disk.Exists(folder + "/archive")) return report;
  const auto archive =
      log::Archive::Open({.disk = &disk, .folder = folder + "/archive", .hub = hub});
  if (archive.ok()) {
    report.archive = (*archive)->Verify();
  } else {
    report.archive.error = archive.status();
  }
  return report;
}

}  // namespace batuta::server
