// Rows of bytes in three layers: what changed since the last freeze, what is frozen and being
// written, and the database. For rows that are written once or seldom changed.
//
// Used by one thread, the partition's; the frozen layer is immutable and may be read by the writer.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "store/database.h"

namespace batuta::engine {

class LayeredRows {
 public:
  // A row's bytes, or nothing for a removed row.
  using Layer = std::map<std::string, std::optional<std::string>, std::less<>>;

  LayeredRows(store::Database& database, store::Table table) : database_(database), table_(table) {}

  std::optional<std::string> Get(std::string_view key);
  void Put(std::string_view key, std::string value);
  void Erase(std::string_view key);

  // Visits the rows with from <= key < to (an empty `to` is the end) in order, until `visit` is
  // false.
  void Scan(std::string_view from, std::string_view to,
            absl::FunctionRef<bool(std::string_view key, std::string_view value)> visit);

  // The changes since the last freeze, from now on immutable. Requires: the previous ones are
  // written.
  std::shared_ptr<const Layer> Freeze();
  // The frozen layer is in the database.
  void Written();

  size_t dirty_bytes() const { return dirty_bytes_; }

 private:
  void Set(std::string_view key, std::optional<std::string> value);

  store::Database& database_;
  const store::Table table_;
  Layer active_;
  std::shared_ptr<const Layer> frozen_;
  size_t dirty_bytes_ = 0;
};

}  // namespace batuta::engine
