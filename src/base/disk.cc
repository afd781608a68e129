#include "base/disk.h"

#include "base/status.h"
#include "base/text.h"

namespace batuta::base {
namespace {

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

absl::Status WriteDurably(Disk& disk, const std::string& path, std::string_view content) {
  BATUTA_ASSIGN_OR_RETURN(const std::unique_ptr<File> file,
                          disk.OpenFile(path, Disk::Open::kCreate));
  BATUTA_RETURN_IF_ERROR(file->Truncate(0));
  BATUTA_RETURN_IF_ERROR(file->Write(0, content));
  return file->SyncData();
}

}  // namespace

absl::StatusOr<std::string> ReadFile(Disk& disk, const std::string& path) {
  BATUTA_ASSIGN_OR_RETURN(const std::unique_ptr<File> file, disk.OpenFile(path, Disk::Open::kRead));
  BATUTA_ASSIGN_OR_RETURN(const uint64_t size, file->Size());
  BATUTA_ASSIGN_OR_RETURN(std::string content, file->Read(0, size));
  if (content.size() != size) {
    return absl::DataLossError(StrCat(path, ": read ", content.size(), " of its ", size, " bytes"));
  }
  return content;
}

absl::Status RemoveTree(Disk& disk, const std::string& path) {
  if (!disk.Exists(path)) return absl::OkStatus();
  if (const auto names = disk.List(path); names.ok()) {  // else it is a file
    for (const std::string& name : *names) {
      BATUTA_RETURN_IF_ERROR(RemoveTree(disk, StrCat(path, "/", name)));
    }
  }
  return disk.Remove(path);
}

absl::Status ReplaceFile(Disk& disk, const std::string& path, std::string_view content) {
  const std::string temporary = StrCat(path, ".tmp");
  BATUTA_RETURN_IF_ERROR(WriteDurably(disk, temporary, content));
  BATUTA_RETURN_IF_ERROR(disk.Rename(temporary, path));
  return disk.SyncDirectory(FolderOf(path));
}

}  // namespace batuta::base
