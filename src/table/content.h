// The rows of one version of a table, found by their key.
//
// Immutable; shared by any threads. About as large in memory as the uploaded file.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "expr/scratch.h"
#include "expr/value.h"
#include "population/measures.h"
#include "table/table.pb.h"

namespace batuta::table {

class Content {
 public:
  // DataLoss if the parts are not what the head says.
  static absl::StatusOr<std::shared_ptr<const Content>> Make(Head head,
                                                             std::vector<std::string> parts);

  const Head& head() const { return head_; }
  size_t rows() const { return rows_.size(); }

  // The row as a map with a field for each cell that is not empty, the key among them; an empty map
  // if there is no such row. Texts point into the content.
  expr::Value Find(std::string_view key, expr::Scratch& scratch) const;
  bool Has(std::string_view key) const { return FindRow(key).has_value(); }

  // As CSV: the line of names, and the rows in the order of the upload.
  void AppendNames(std::string& out) const;
  void AppendRow(size_t row, std::string& out) const;

 private:
  struct Place {
    uint32_t part = 0;
    uint32_t offset = 0;
  };

  Content() = default;
  std::string_view From(const Place& place) const {
    return std::string_view(parts_[place.part]).substr(place.offset);
  }
  std::string_view KeyAt(uint32_t row) const;
  // The slot of the row with this key, or the empty one where it would be.
  size_t SlotOf(std::string_view key) const;
  std::optional<uint32_t> FindRow(std::string_view key) const;

  Head head_;
  std::vector<std::string> parts_;
  std::vector<Place> rows_;
  std::vector<uint32_t> slots_;  // a hash table of rows + 1; 0: empty
};

// All tables that have rows, at one moment; and where people stand among all.
class Tables : public std::map<std::string, std::shared_ptr<const Content>, std::less<>> {
 public:
  using map::map;
  population::Measures populations;
};

// What `lookup(table, key)` reads: nothing found is an empty map. A name of population/measures.h
// is looked up there.
expr::Value Lookup(const Tables& tables, std::string_view table, std::string_view key,
                   expr::Scratch& scratch);

}  // namespace batuta::table
