// Copies of a database: links to the tables, which never change, and the few small files that do.
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "rocksdb/metadata.h"
#include "store/rocks_folder.h"
#include "store/rocks_status.h"
#include "store/rocks_tables.h"

namespace batuta::store {

namespace {

rocksdb::Status WriteFile(rocksdb::Env& environment, const std::string& path,
                          const rocksdb::Slice& content) {
  return rocksdb::WriteStringToFile(&environment, content, path, /*should_sync=*/true);
}

rocksdb::Status CopyFile(rocksdb::Env& environment, const std::string& from, const std::string& to,
                         uint64_t size) {
  std::unique_ptr<rocksdb::SequentialFile> source;
  std::unique_ptr<rocksdb::WritableFile> target;
  rocksdb::Status status = environment.NewSequentialFile(from, &source, rocksdb::EnvOptions());
  if (status.ok()) status = environment.NewWritableFile(to, &target, rocksdb::EnvOptions());
  std::string buffer(size_t{1} << 20, '\0');
  for (uint64_t left = size; status.ok() && left > 0;) {
    rocksdb::Slice piece;
    status = source->Read(std::min<uint64_t>(left, buffer.size()), &piece, buffer.data());
    if (status.ok() && piece.empty()) status = rocksdb::Status::Corruption("too short", from);
    if (status.ok()) status = target->Append(piece);
    left -= piece.size();
  }
  if (status.ok()) status = target->Sync();
  if (status.ok()) status = target->Close();
  return status;
}

rocksdb::Status PlaceFile(rocksdb::Env& environment, const rocksdb::LiveFileStorageInfo& file,
                          const std::string& folder) {
  const std::string from = absl::StrCat(file.directory, "/", file.relative_filename);
  const std::string to = absl::StrCat(folder, "/", file.relative_filename);
  if (!file.replacement_contents.empty()) {
    return WriteFile(environment, to, file.replacement_contents);
  }
  // Nothing is ever written to RocksDB's own log.
  if (file.file_type == rocksdb::kWalFile) return rocksdb::Status::OK();
  if (!file.trim_to_size && environment.LinkFile(from, to).ok()) return rocksdb::Status::OK();
  return CopyFile(environment, from, to, file.size);
}

}  // namespace

absl::Status RocksTables::CopyTo(const std::string& path) {
  if (environment_->FileExists(path).ok()) {
    return absl::AlreadyExistsError(absl::StrCat(path, " exists already"));
  }
  BATUTA_RETURN_IF_ERROR(Flush());
  const absl::Status made = MakeRocksFolder(*environment_, path);
  if (disk_environment_) disk_environment_->Rethrow();
  BATUTA_RETURN_IF_ERROR(made);
  rocksdb::Status status = rocks_->DisableFileDeletions();
  if (!status.ok()) return Done(status, absl::StrCat("copying to ", path, " from"));
  rocksdb::LiveFilesStorageInfoOptions options;
  options.wal_size_for_flush = std::numeric_limits<uint64_t>::max();  // flushed above
  std::vector<rocksdb::LiveFileStorageInfo> files;
  status = rocks_->GetLiveFilesStorageInfo(options, &files);
  for (const rocksdb::LiveFileStorageInfo& file : files) {
    if (status.ok()) status = PlaceFile(*environment_, file, path);
  }
  std::unique_ptr<rocksdb::Directory> folder;
  if (status.ok()) status = environment_->NewDirectory(path, &folder);
  if (status.ok()) status = folder->Fsync();
  const rocksdb::Status resumed = rocks_->EnableFileDeletions(/*force=*/false);
  if (status.ok()) status = resumed;
  RunJobs();
  return Done(status, absl::StrCat("copying to ", path, " from"));
}

}  // namespace batuta::store
