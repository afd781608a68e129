// Opening and closing: which folders are taken, and which refused with what words.
#include <algorithm>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/status.h"
#include "rocksdb/convenience.h"
#include "rocksdb/listener.h"
#include "store/error_keeper.h"
#include "store/manifest_tail.h"
#include "store/rocks_folder.h"
#include "store/rocks_options.h"
#include "store/rocks_status.h"
#include "store/rocks_tables.h"

namespace batuta::store {

namespace {

constexpr uint32_t kFormat = 1;
constexpr char kIdentityKey[] = "identity";
constexpr char kAppliedKey[] = "applied";

// A database whose files are there but not the file that names them would be made anew by RocksDB,
// which removes what it does not know.
absl::Status RefuseOrphans(rocksdb::Env& environment, const std::string& path) {
  if (environment.FileExists(path + "/CURRENT").ok()) return absl::OkStatus();
  std::vector<std::string> names;
  if (!environment.GetChildren(path, &names).ok()) return absl::OkStatus();
  const bool has_tables = std::any_of(names.begin(), names.end(), [](const std::string& name) {
    return absl::EndsWith(name, ".sst");
  });
  if (!has_tables) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(path, " holds tables but no CURRENT file; restore it"));
}

std::string IdentityBytes(const RocksTables::Options& options) {
  base::ByteWriter writer;
  writer.U32(kFormat);
  writer.Raw(options.owner.ToBytes());
  writer.U32(options.part);
  return writer.Take();
}

absl::Status CheckIdentity(std::string_view bytes, const RocksTables::Options& options) {
  base::ByteReader reader(bytes);
  const uint32_t format = reader.U32();
  if (reader.ok() && format > kFormat) {
    return absl::FailedPreconditionError(absl::StrCat(options.path, " has format ", format,
                                                      ", made by a newer release; this one reads ",
                                                      kFormat));
  }
  const std::string_view owner = reader.Raw(16);
  const uint32_t part = reader.U32();
  if (!reader.ok() || !reader.AtEnd()) {
    return absl::DataLossError(absl::StrCat(options.path, ": its identity cannot be read"));
  }
  if (base::Id128::FromBytes(owner) != options.owner) {
    return absl::FailedPreconditionError(absl::StrCat(options.path, " belongs to hub ",
                                                      base::EncodeHex(owner), ", not to ",
                                                      base::EncodeHex(options.owner.ToBytes())));
  }
  if (part != options.part) {
    return absl::FailedPreconditionError(
        absl::StrCat(options.path, " belongs to partition ", part, ", not to ", options.part));
  }
  return absl::OkStatus();
}

}  // namespace

RocksTables::RocksTables(const Options& options)
    : path_(options.path), errors_(std::make_shared<ErrorKeeper>()) {
  if (options.disk != nullptr) {
    disk_environment_ = std::make_unique<DiskEnvironment>(*options.disk);
    environment_ = disk_environment_.get();
  } else {
    environment_ = rocksdb::Env::Default();
  }
}

RocksTables::~RocksTables() {
  if (rocks_ == nullptr) return;
  if (disk_environment_) {
    // Jobs that are still queued end at once; without this the closing would wait for them.
    rocksdb::CancelAllBackgroundWork(rocks_.get(), false);
    disk_environment_->RunJobs([] { return false; });
  }
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    rocks_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  if (meta_ != nullptr) rocks_->DestroyColumnFamilyHandle(meta_).PermitUncheckedError();
  rocks_->Close().PermitUncheckedError();  // nothing is left to write
}

absl::StatusOr<std::unique_ptr<RocksTables>> RocksTables::Open(const SharedResources& shared,
                                                               const Options& options) {
  BATUTA_CHECK(!options.tables.empty());
  std::unique_ptr<RocksTables> tables(new RocksTables(options));
  absl::Status status = tables->OpenRocks(shared, options);
  if (status.ok()) status = tables->ReadIdentity(options);
  if (tables->disk_environment_) tables->disk_environment_->Rethrow();
  if (!status.ok()) return status;
  return tables;
}

absl::Status RocksTables::OpenRocks(const SharedResources& shared, const Options& options) {
  BATUTA_RETURN_IF_ERROR(MakeRocksFolder(*environment_, path_));
  BATUTA_RETURN_IF_ERROR(RefuseOrphans(*environment_, path_));
  BATUTA_RETURN_IF_ERROR(CutTornManifest(*environment_, path_));
  BATUTA_RETURN_IF_ERROR(RefuseUnknownTables(options));

  rocksdb::DBOptions database = DatabaseOptions(shared, options.disk != nullptr);
  database.env = environment_;
  database.listeners.push_back(errors_);
  if (options.disk != nullptr) environment_->NewLogger(path_, &database.info_log);
  const TableOptions meta{rocksdb::kDefaultColumnFamilyName, Use::secrets, nullptr};
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.emplace_back(meta.name, TableOptionsFor(meta, shared, options, nullptr));
  for (const TableOptions& table : options.tables) {
    if (table.expired) filters_.push_back(MakeExpiryFilter(table.expired));
    families.emplace_back(
        table.name,
        TableOptionsFor(table, shared, options, table.expired ? filters_.back().get() : nullptr));
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(database, path_, families, &handles, &opened);
  if (!status.ok()) return FromRocks(status, absl::StrCat("opening ", path_));
  rocks_.reset(opened);
  meta_ = handles.front();
  handles_.assign(handles.begin() + 1, handles.end());
  is_used_ = std::vector<std::atomic<bool>>(handles_.size());
  for (size_t table = 0; table < handles_.size(); ++table) {
    rocksdb::ColumnFamilyMetaData files;
    rocks_->GetColumnFamilyMetaData(handles_[table], &files);
    is_used_[table] = files.file_count > 0;
  }
  return absl::OkStatus();
}

absl::Status RocksTables::RefuseUnknownTables(const Options& options) {
  if (!environment_->FileExists(path_ + "/CURRENT").ok()) return absl::OkStatus();
  rocksdb::DBOptions database;
  database.env = environment_;
  std::vector<std::string> names;
  const rocksdb::Status status = rocksdb::DB::ListColumnFamilies(database, path_, &names);
  if (!status.ok()) return FromRocks(status, absl::StrCat("reading the tables of ", path_));
  for (const std::string& name : names) {
    const bool known = name == rocksdb::kDefaultColumnFamilyName ||
                       std::any_of(options.tables.begin(), options.tables.end(),
                                   [&](const TableOptions& table) { return table.name == name; });
    if (known) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        path_, " has a table \"", name, "\" that this release does not know: a newer one made it"));
  }
  return absl::OkStatus();
}

absl::Status RocksTables::ReadIdentity(const Options& options) {
  std::string identity, applied;
  const rocksdb::Status found = rocks_->Get(rocksdb::ReadOptions(), meta_, kIdentityKey, &identity);
  if (found.IsNotFound()) {
    if (LiveFileCount() == 0) return WriteIdentity(options);
    return absl::DataLossError(absl::StrCat(path_, " holds tables but does not say whose"));
  }
  if (!found.ok()) return FromRocks(found, absl::StrCat("reading the identity of ", path_));
  BATUTA_RETURN_IF_ERROR(CheckIdentity(identity, options));
  const rocksdb::Status read = rocks_->Get(rocksdb::ReadOptions(), meta_, kAppliedKey, &applied);
  if (!read.ok()) return FromRocks(read, absl::StrCat("reading the offset of ", path_));
  base::ByteReader reader(applied);
  applied_ = reader.U64();
  if (reader.ok() && reader.AtEnd()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(path_, ": its offset cannot be read"));
}

absl::Status RocksTables::WriteIdentity(const Options& options) {
  rocksdb::WriteOptions write;
  write.disableWAL = true;
  const rocksdb::Status status = rocks_->Put(write, meta_, kIdentityKey, IdentityBytes(options));
  if (!status.ok()) return FromRocks(status, absl::StrCat("writing the identity of ", path_));
  BATUTA_RETURN_IF_ERROR(Apply(Changes(handles_.size()), 0));
  return Flush();
}

}  // namespace batuta::store
