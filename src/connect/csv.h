// Reads CSV (RFC 4180) row by row: quoted fields may hold commas, quotes written twice, and line
// ends. A row that cannot be read is told with its reason, and the next one is read.
//
// Takes also what spreadsheets write: a byte order mark, "\r\n" or "\n", another delimiter. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "connect/text_file.h"

namespace batuta::connect {

struct CsvRow {
  uint64_t line = 0;    // where it begins, from 1
  uint64_t offset = 0;  // behind it
  std::vector<std::string> fields;
  // Stable code and sentence if the row could not be read: "unclosed_quote", "bad_quote",
  // "too_long", "not_utf8". The fields are not to be used then.
  std::string problem;
  std::string detail;
};

class CsvReader {
 public:
  // Both live longer than the reader.
  CsvReader(TextFile& file, char delimiter) : file_(file), delimiter_(delimiter) {}

  // Goes on behind a row that was read before.
  absl::Status Resume(uint64_t offset, uint64_t line);

  // False at the end. Empty lines are passed over. DataLoss as TextFile.
  absl::StatusOr<bool> Next(CsvRow& row);

  uint64_t lines() const { return line_; }  // read so far

 private:
  enum class State : uint8_t { kStart, kPlain, kQuoted, kQuoteSeen };
  void Take(std::string_view line, CsvRow& row);
  absl::StatusOr<bool> AppendLine(CsvRow& row);

  TextFile& file_;
  const char delimiter_;
  uint64_t line_ = 0;  // lines read
  State state_ = State::kStart;
  size_t bytes_ = 0;
};

}  // namespace batuta::connect
