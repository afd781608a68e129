#include "store/rocks_status.h"

#include "absl/strings/str_cat.h"

namespace batuta::store {

absl::Status FromRocks(const rocksdb::Status& status, const std::string& what) {
  if (status.ok()) return absl::OkStatus();
  const std::string text = absl::StrCat(what, ": ", status.ToString());
  if (status.IsNotFound()) return absl::NotFoundError(text);
  if (status.IsCorruption()) return absl::DataLossError(text);
  if (status.IsNoSpace()) return absl::ResourceExhaustedError(text);
  return absl::InternalError(text);
}

rocksdb::Status ToRocks(const absl::Status& status) {
  if (status.ok()) return rocksdb::Status::OK();
  const std::string text(status.message());
  if (absl::IsNotFound(status)) return rocksdb::Status::PathNotFound(text);
  if (absl::IsDataLoss(status)) return rocksdb::Status::Corruption(text);
  // Not NoSpace: that would start RocksDB's own recovery thread, and after a failed write the
  // process ends anyway.
  return rocksdb::Status::IOError(text);
}

}  // namespace batuta::store
