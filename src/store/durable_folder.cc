#include "store/durable_folder.h"

#include "base/status.h"

namespace batuta::store {

namespace {

std::string Parent(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

absl::Status MakeDurableFolder(const FolderCalls& calls, const std::string& path) {
  const std::string parent = Parent(path);
  if (!calls.exists(path)) {
    const bool has_parent = parent == path || calls.exists(parent);
    if (!has_parent) BATUTA_RETURN_IF_ERROR(MakeDurableFolder(calls, parent));
    BATUTA_RETURN_IF_ERROR(calls.make(path));
  }
  return calls.sync(parent);
}

absl::Status MakeDurableFolder(base::Disk& disk, const std::string& path) {
  return MakeDurableFolder(
      {.exists = [&](const std::string& folder) { return disk.List(folder).ok(); },
       .make = [&](const std::string& folder) { return disk.MakeDirectory(folder); },
       .sync = [&](const std::string& folder) { return disk.SyncDirectory(folder); }},
      path);
}

}  // namespace batuta::store
