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

absl::Status RemoveFolder(base::Disk& disk, const std::string& path) {
  const auto names = disk.List(path);
  if (absl::IsNotFound(names.status())) return absl::OkStatus();
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    const std::string inner = path + "/" + name;
    BATUTA_RETURN_IF_ERROR(disk.List(inner).ok() ? RemoveFolder(disk, inner) : disk.Remove(inner));
  }
  return disk.Remove(path);
}

}  // namespace batuta::store
