#include "store/rocks_folder.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "store/durable_folder.h"
#include "store/rocks_status.h"

namespace batuta::store {

absl::Status MakeRocksFolder(rocksdb::Env& environment, const std::string& path) {
  const auto sync = [&](const std::string& folder) {
    std::unique_ptr<rocksdb::Directory> directory;
    rocksdb::Status status = environment.NewDirectory(folder, &directory);
    if (status.ok()) status = directory->Fsync();
    return FromRocks(status, absl::StrCat("syncing ", folder));
  };
  const auto make = [&](const std::string& folder) {
    return FromRocks(environment.CreateDirIfMissing(folder), absl::StrCat("making ", folder));
  };
  const auto exists = [&](const std::string& folder) {
    return environment.FileExists(folder).ok();
  };
  return MakeDurableFolder({.exists = exists, .make = make, .sync = sync}, path);
}

}  // namespace batuta::store
