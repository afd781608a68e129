#include "store/database.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "store/rocks_tables.h"

namespace batuta::store {

class Database::Impl {
 public:
  explicit Impl(std::unique_ptr<RocksTables> opened) : tables(std::move(opened)) {}
  const std::unique_ptr<RocksTables> tables;
};

namespace {

// The names are kept in the files: they never change.
std::vector<RocksTables::TableOptions> Tables(const Database::Options& options) {
  using Use = RocksTables::Use;
  return {{"people", Use::records, nullptr}, {"identifiers", Use::records, nullptr},
          {"models", Use::records, nullptr}, {"dedup", Use::hashes, options.dedup_expired},
          {"timers", Use::queue, nullptr},   {"timeline", Use::records, nullptr},
          {"rows", Use::records, nullptr}};
}

size_t Index(Table table) { return static_cast<size_t>(table); }

}  // namespace

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Database::~Database() = default;

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const SharedResources& shared,
                                                         const Options& options) {
  BATUTA_ASSIGN_OR_RETURN(std::unique_ptr<RocksTables> tables,
                          RocksTables::Open(shared, {.path = options.path,
                                                     .disk = options.disk,
                                                     .owner = options.hub,
                                                     .part = base::Index(options.partition),
                                                     .tables = Tables(options)}));
  BATUTA_CHECK(tables->table_count() == kTableCount);
  return std::unique_ptr<Database>(new Database(std::make_unique<Impl>(std::move(tables))));
}

absl::StatusOr<std::optional<std::string>> Database::Get(Table table, std::string_view key) const {
  return impl_->tables->Get(Index(table), key);
}

absl::StatusOr<std::vector<std::optional<std::string>>> Database::MultiGet(
    Table table, std::span<const std::string> keys) const {
  return impl_->tables->MultiGet(Index(table), keys);
}

absl::Status Database::Scan(
    Table table, std::string_view from, std::string_view to,
    absl::FunctionRef<bool(std::string_view key, std::string_view value)> visit) const {
  return impl_->tables->Scan(Index(table), from, to, visit);
}

std::unique_ptr<Cursor> Database::OpenCursor(Table table, std::string_view from,
                                             std::string_view to) const {
  return impl_->tables->OpenCursor(Index(table), from, to, RocksTables::Passing::kOnce);
}

absl::Status Database::Write(const Batch& batch, base::Offset applied) {
  RocksTables::Changes changes;
  changes.reserve(kTableCount);
  for (size_t table = 0; table < kTableCount; ++table) {
    changes.push_back(InKeyOrder(batch.changes(static_cast<Table>(table))));
  }
  BATUTA_RETURN_IF_ERROR(impl_->tables->Apply(changes, base::Number(applied)));
  return impl_->tables->Flush();
}

base::Offset Database::Applied() const { return base::Offset{impl_->tables->applied()}; }

absl::Status Database::Checkpoint(const std::string& path) { return impl_->tables->CopyTo(path); }

absl::Status Database::Verify() const { return impl_->tables->Verify(); }

absl::Status Database::Compact(Table table, std::string_view from, std::string_view to) {
  return impl_->tables->Compact(Index(table), from, to);
}

absl::Status Database::CompactAll() {
  for (size_t table = 0; table < kTableCount; ++table) {
    BATUTA_RETURN_IF_ERROR(impl_->tables->Compact(table, "", ""));
  }
  return absl::OkStatus();
}

Database::Statistics Database::GetStatistics() const {
  const RocksTables& tables = *impl_->tables;
  return {.disk_bytes = tables.Sum("rocksdb.live-sst-files-size"),
          .memory_bytes = tables.Sum("rocksdb.cur-size-all-mem-tables") +
                          tables.Sum("rocksdb.estimate-table-readers-mem"),
          .file_count = tables.LiveFileCount(),
          .compaction_debt_bytes = tables.Sum("rocksdb.estimate-pending-compaction-bytes"),
          .entry_estimate = tables.Sum("rocksdb.estimate-num-keys")};
}

}  // namespace batuta::store
