// From a CSV file to the rows of a table: every cell checked against its column, with all that is
// wrong at once, each with its place.
//
// The first line names the columns, in any order; all declared ones have to be there, and no
// others. Keys are texts or integers, and each stands once. An empty cell is nothing. Rows are
// turned into bytes one by one; what grows with the file is those bytes and the keys.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "table/content.h"
#include "table/declaration.h"
#include "table/table.pb.h"

namespace batuta::table {

inline constexpr uint64_t kRowsMax = 500'000;
inline constexpr size_t kCellBytesMax = 4096;
// Of so many problems the places are told; the rest is counted.
inline constexpr size_t kProblemsMax = 100;

struct RowProblem {
  std::string code;  // stable: "duplicate_key", "type", "missing_column", "ragged_row", …
  std::string detail;
  uint64_t line = 1;
  uint64_t column = 1;  // in characters, from 1
};

struct Rows {
  Head head;  // of the columns, rows and parts
  std::vector<std::string> parts;
  std::vector<RowProblem> problems;  // if there are any, the parts are not to be used
  uint64_t problem_count = 0;        // also those that are not listed
};

Rows ReadRows(std::string_view csv, const Declaration& declaration);

// The content of a table that has no rows.
std::shared_ptr<const Content> WithoutRows(const Declaration& declaration);

}  // namespace batuta::table
