#include "store/rocks_tables.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/status.h"
#include "rocksdb/convenience.h"
#include "store/error_keeper.h"
#include "store/rocks_status.h"

namespace batuta::store {

namespace {

// Of a pass over much.
constexpr size_t kReadAhead = size_t{128} << 10;

rocksdb::ReadOptions Reading() {
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  return options;
}

}  // namespace

absl::Status RocksTables::Done(const rocksdb::Status& status, const std::string& what) const {
  if (status.ok()) return absl::OkStatus();
  if (disk_environment_) disk_environment_->Rethrow();
  return FromRocks(status, absl::StrCat(what, " ", path_));
}

absl::StatusOr<std::optional<std::string>> RocksTables::Get(size_t table,
                                                            std::string_view key) const {
  if (!is_used_.at(table)) return std::nullopt;
  std::string value;
  const rocksdb::Status status = rocks_->Get(Reading(), handles_.at(table), ToSlice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return Done(status, "reading");
  return value;
}

absl::StatusOr<std::vector<std::optional<std::string>>> RocksTables::MultiGet(
    size_t table, std::span<const std::string> keys) const {
  std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  rocks_->MultiGet(Reading(), handles_.at(table), keys.size(), slices.data(), values.data(),
                   statuses.data());
  std::vector<std::optional<std::string>> result(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    if (!statuses[i].ok()) return Done(statuses[i], "reading");
    result[i] = values[i].ToString();
  }
  return result;
}

std::unique_ptr<Cursor> RocksTables::OpenCursor(size_t table, std::string_view from,
                                                std::string_view to, Passing passing) const {
  auto impl = std::make_unique<Cursor::Impl>();
  impl->from = from;
  impl->to = to;
  impl->lower = impl->from;
  impl->upper = impl->to;
  rocksdb::ReadOptions options = Reading();
  options.iterate_lower_bound = &impl->lower;
  if (!to.empty()) options.iterate_upper_bound = &impl->upper;
  options.auto_prefix_mode = false;
  options.total_order_seek = true;
  if (passing == Passing::kOnce) {
    options.fill_cache = false;
    options.readahead_size = kReadAhead;
  }
  impl->iterator.reset(rocks_->NewIterator(options, handles_.at(table)));
  impl->iterator->Seek(impl->lower);
  return std::make_unique<Cursor>(std::move(impl));
}

absl::Status RocksTables::Scan(
    size_t table, std::string_view from, std::string_view to,
    absl::FunctionRef<bool(std::string_view key, std::string_view value)> visit) const {
  if (!is_used_.at(table)) return absl::OkStatus();
  const std::unique_ptr<Cursor> cursor = OpenCursor(table, from, to);
  for (; cursor->Valid(); cursor->Next()) {
    if (!visit(cursor->key(), cursor->value())) return absl::OkStatus();
  }
  if (disk_environment_) disk_environment_->Rethrow();
  return cursor->status();
}

absl::Status RocksTables::Apply(const Changes& changes, uint64_t applied) {
  BATUTA_CHECK(changes.size() == handles_.size());
  BATUTA_CHECK(applied >= applied_.load(), absl::StrCat(path_, " goes back to ", applied));
  rocksdb::WriteBatch batch;
  rocksdb::Status status;
  for (size_t table = 0; table < changes.size(); ++table) {
    if (!changes[table].empty()) is_used_[table] = true;
    for (const Change* change : changes[table]) {
      status = change->value ? batch.Put(handles_[table], change->key, *change->value)
                             : batch.Delete(handles_[table], change->key);
      if (!status.ok()) return Done(status, "preparing a batch for");
    }
  }
  base::ByteWriter number;
  number.U64(applied);
  status = batch.Put(meta_, "applied", number.bytes());
  rocksdb::WriteOptions write;
  write.disableWAL = true;
  if (status.ok()) status = rocks_->Write(write, &batch);
  if (status.ok()) applied_.store(applied, std::memory_order_release);
  return Done(status, "writing");
}

void RocksTables::RunJobs() {
  if (disk_environment_) disk_environment_->RunJobs([this] { return !errors_->first().ok(); });
}

absl::Status RocksTables::StartFlush() {
  rocksdb::FlushOptions options;
  options.wait = false;
  options.allow_write_stall = true;
  std::vector<rocksdb::ColumnFamilyHandle*> all = handles_;
  all.push_back(meta_);
  rocksdb::Status status = rocks_->Flush(options, all);
  RunJobs();
  if (status.ok()) status = errors_->first();
  return Done(status, "flushing");
}

absl::Status RocksTables::Flush() {
  if (disk_environment_) {
    BATUTA_RETURN_IF_ERROR(StartFlush());
    if (!FlushIsRunning()) return absl::OkStatus();
    disk_environment_->Rethrow();
    return absl::InternalError(absl::StrCat("flushing ", path_, ": did not come to an end"));
  }
  rocksdb::FlushOptions options;
  options.allow_write_stall = true;
  std::vector<rocksdb::ColumnFamilyHandle*> all = handles_;
  all.push_back(meta_);
  rocksdb::Status status = rocks_->Flush(options, all);
  if (status.ok()) status = errors_->first();
  return Done(status, "flushing");
}

bool RocksTables::FlushIsRunning() const {
  const std::string property = rocksdb::DB::Properties::kNumImmutableMemTable;
  uint64_t meta = 0;
  BATUTA_CHECK(rocks_->GetIntProperty(meta_, property, &meta));
  return meta + Sum(property) > 0;
}

absl::Status RocksTables::Verify() const {
  return Done(rocks_->VerifyChecksum(Reading()), "verifying");
}

absl::Status RocksTables::Compact(size_t table, std::string_view from, std::string_view to) {
  BATUTA_RETURN_IF_ERROR(Flush());
  if (disk_environment_) return CompactInline(handles_.at(table));
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  options.exclusive_manual_compaction = false;
  const rocksdb::Slice begin = ToSlice(from), end = ToSlice(to);
  rocksdb::Status status =
      rocks_->CompactRange(options, handles_.at(table), &begin, to.empty() ? nullptr : &end);
  // The replaced files are removed by the jobs' last steps: wait until all jobs have ended.
  if (status.ok()) status = rocks_->PauseBackgroundWork();
  if (status.ok()) status = rocks_->ContinueBackgroundWork();
  if (status.ok()) status = errors_->first();
  return Done(status, "compacting");
}

// All files of the table become one, in the calling thread.
absl::Status RocksTables::CompactInline(rocksdb::ColumnFamilyHandle* table) {
  rocksdb::ColumnFamilyMetaData meta;
  rocks_->GetColumnFamilyMetaData(table, &meta);
  std::vector<std::string> files;
  int level = 1;
  for (const rocksdb::LevelMetaData& at : meta.levels) {
    for (const rocksdb::SstFileMetaData& file : at.files) {
      files.push_back(file.name);
      level = std::max(level, at.level);
    }
  }
  if (files.empty()) return absl::OkStatus();
  rocksdb::CompactionOptions options;
  options.compression = rocksdb::kDisableCompressionOption;
  rocksdb::Status status = rocks_->CompactFiles(options, table, files, level);
  RunJobs();
  if (status.ok()) status = errors_->first();
  return Done(status, "compacting");
}

uint64_t RocksTables::Sum(const std::string& property) const {
  uint64_t sum = 0;
  uint64_t value = 0;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    if (rocks_->GetIntProperty(handle, property, &value)) sum += value;
  }
  return sum;
}

uint64_t RocksTables::LiveFileCount() const {
  std::vector<rocksdb::LiveFileMetaData> files;
  rocks_->GetLiveFilesMetaData(&files);
  return files.size();
}

}  // namespace batuta::store
