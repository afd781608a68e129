// The bytes of a table's rows: parts of a bounded size, each a run of whole rows.
//
// A row is its key and then a cell for each other column; a cell is nothing, a text, a number, or a
// truth value. Integers are numbers, times their texts in RFC 3339: as JSON has them, and as rules
// turn them into what the column's type says. Kept: this form never changes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/encoding.h"

namespace batuta::table {

inline constexpr size_t kPartBytes = size_t{128} << 10;  // a part has one row more at most

using Cell = std::variant<std::monostate, std::string_view, double, bool>;

class PartWriter {
 public:
  // A new row. The cells are those of all columns but the key.
  void Add(std::string_view key, const std::vector<Cell>& cells);
  // All parts; at least one, which may be empty.
  std::vector<std::string> Take();

 private:
  base::ByteWriter writer_;
  std::vector<std::string> parts_;
};

// Reads the rows of a part one after the other.
class PartReader {
 public:
  // The bytes live longer than the reader and all that it gives.
  PartReader(std::string_view part, size_t columns) : reader_(part), cells_(columns - 1) {}

  // False at the end, or when the bytes are no such part; ok() tells.
  bool Next();
  bool ok() const { return reader_.ok() && is_sound_; }

  std::string_view key() const { return key_; }
  const std::vector<Cell>& cells() const { return cells_; }
  std::string_view rest() const { return reader_.rest(); }

 private:
  base::ByteReader reader_;
  bool is_sound_ = true;
  std::string_view key_;
  std::vector<Cell> cells_;
};

}  // namespace batuta::table
