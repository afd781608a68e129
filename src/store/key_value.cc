#include "store/key_value.h"

#include <mutex>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/status.h"
#include "store/durable_folder.h"
#include "store/journal.h"
#include "store/rocks_tables.h"

namespace batuta::store {

namespace {

constexpr size_t kTable = 0;

std::string Encode(std::span<const Change> changes) {
  base::ByteWriter writer;
  writer.Varint(changes.size());
  for (const Change& change : changes) {
    writer.Bytes(change.key);
    writer.U8(change.value ? 1 : 0);
    if (change.value) writer.Bytes(*change.value);
  }
  return writer.Take();
}

absl::StatusOr<std::vector<Change>> Decode(std::string_view payload) {
  base::ByteReader reader(payload);
  const uint64_t count = reader.Varint();
  std::vector<Change> changes;
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    Change change{std::string(reader.Bytes()), std::nullopt};
    if (reader.U8() == 1) change.value = reader.Bytes();
    changes.push_back(std::move(change));
  }
  if (!reader.ok() || !reader.AtEnd()) return absl::DataLossError("a journal frame cannot be read");
  return changes;
}

}  // namespace

class KeyValue::Impl {
 public:
  Impl(const Options& options, std::unique_ptr<RocksTables> opened)
      : path_(options.path),
        owner_(options.owner),
        disk_(*options.disk),
        journal_bytes_(options.journal_bytes),
        tables_(std::move(opened)),
        journal_(*options.disk, options.path, options.owner) {}

  absl::Status Recover();
  absl::Status Write(std::span<const Change> changes);
  absl::Status Purge(std::string_view from, std::string_view to);
  absl::Status CopyTo(const std::string& path);

  const RocksTables& reading() const { return *tables_; }

 private:
  absl::Status Apply(std::span<const Change> changes, uint64_t number) {
    return tables_->Apply({InKeyOrder(changes)}, number);
  }
  absl::Status Replay(uint64_t number, std::string_view payload);
  absl::Status Rotate();
  absl::Status FlushAndForget();

  const std::string path_;
  const base::Id128 owner_;
  base::Disk& disk_;
  const uint64_t journal_bytes_;
  const std::unique_ptr<RocksTables> tables_;
  std::mutex mutex_;  // one writer at a time
  Journal journal_;
};

absl::Status KeyValue::Impl::Replay(uint64_t number, std::string_view payload) {
  if (number <= tables_->applied()) return absl::OkStatus();
  if (number > tables_->applied() + 1) {
    return absl::DataLossError(absl::StrCat(path_, ": the tables end at ", tables_->applied(),
                                            " and the journal goes on at ", number));
  }
  BATUTA_ASSIGN_OR_RETURN(const std::vector<Change> changes, Decode(payload));
  return Apply(changes, number);
}

absl::Status KeyValue::Impl::Recover() {
  const std::lock_guard lock(mutex_);
  BATUTA_ASSIGN_OR_RETURN(const uint64_t next,
                          journal_.Read([this](uint64_t number, std::string_view payload) {
                            return Replay(number, payload);
                          }));
  const uint64_t applied = tables_->applied();
  if (next == 0 && applied > 0) {
    return absl::DataLossError(absl::StrCat(path_, ": the journal is missing"));
  }
  if (next != 0 && next != applied + 1) {
    return absl::DataLossError(absl::StrCat(path_, ": the tables end at ", applied,
                                            " and the journal at ", next - 1,
                                            ": one of them is of another time"));
  }
  return FlushAndForget();
}

absl::Status KeyValue::Impl::FlushAndForget() {
  BATUTA_RETURN_IF_ERROR(tables_->Flush());
  BATUTA_RETURN_IF_ERROR(journal_.Start(tables_->applied() + 1));
  return journal_.RemoveOld();
}

absl::Status KeyValue::Impl::Write(std::span<const Change> changes) {
  if (changes.empty()) return absl::OkStatus();
  const std::lock_guard lock(mutex_);
  const uint64_t number = tables_->applied() + 1;
  BATUTA_RETURN_IF_ERROR(journal_.Append(number, Encode(changes)));
  BATUTA_RETURN_IF_ERROR(Apply(changes, number));
  return journal_.bytes() > journal_bytes_ ? Rotate() : absl::OkStatus();
}

// Begins a new journal file and writes the tables in the background. The file before is kept until
// the next rotation, when that has ended.
absl::Status KeyValue::Impl::Rotate() {
  if (tables_->FlushIsRunning()) BATUTA_RETURN_IF_ERROR(tables_->Flush());
  BATUTA_RETURN_IF_ERROR(journal_.RemoveOld());
  BATUTA_RETURN_IF_ERROR(journal_.Start(tables_->applied() + 1));
  return tables_->StartFlush();
}

absl::Status KeyValue::Impl::Purge(std::string_view from, std::string_view to) {
  const std::lock_guard lock(mutex_);
  BATUTA_RETURN_IF_ERROR(FlushAndForget());
  return tables_->Compact(kTable, from, to);
}

absl::Status KeyValue::Impl::CopyTo(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (disk_.List(path).ok()) return absl::AlreadyExistsError(absl::StrCat(path, " exists already"));
  BATUTA_RETURN_IF_ERROR(MakeDurableFolder(disk_, path));
  BATUTA_RETURN_IF_ERROR(tables_->CopyTo(path + "/tables"));
  return Journal(disk_, path, owner_).Start(tables_->applied() + 1);
}

KeyValue::KeyValue(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

KeyValue::~KeyValue() = default;

absl::StatusOr<std::unique_ptr<KeyValue>> KeyValue::Open(const SharedResources& shared,
                                                         const Options& options) {
  BATUTA_CHECK(options.disk != nullptr);
  const bool through_disk = options.access == FileAccess::through_disk;
  BATUTA_RETURN_IF_ERROR(MakeDurableFolder(*options.disk, options.path));
  BATUTA_ASSIGN_OR_RETURN(
      std::unique_ptr<RocksTables> tables,
      RocksTables::Open(shared, {.path = options.path + "/tables",
                                 .disk = through_disk ? options.disk : nullptr,
                                 .owner = options.owner,
                                 .tables = {{"keys", RocksTables::Use::secrets, nullptr}},
                                 // Never full before the journal is.
                                 .memtable_bytes = options.journal_bytes * 4}));
  auto impl = std::make_unique<Impl>(options, std::move(tables));
  BATUTA_RETURN_IF_ERROR(impl->Recover());
  return std::unique_ptr<KeyValue>(new KeyValue(std::move(impl)));
}

absl::StatusOr<std::optional<std::string>> KeyValue::Get(std::string_view key) const {
  return impl_->reading().Get(kTable, key);
}

absl::Status KeyValue::Scan(
    std::string_view from, std::string_view to,
    absl::FunctionRef<bool(std::string_view key, std::string_view value)> visit) const {
  return impl_->reading().Scan(kTable, from, to, visit);
}

absl::Status KeyValue::Write(std::span<const Change> changes) { return impl_->Write(changes); }

absl::Status KeyValue::Purge(std::string_view from, std::string_view to) {
  return impl_->Purge(from, to);
}

absl::Status KeyValue::CopyTo(const std::string& path) { return impl_->CopyTo(path); }

absl::Status KeyValue::Verify() const { return impl_->reading().Verify(); }

}  // namespace batuta::store
