// CSV (RFC 4180) in memory: reading with the place of every field, and writing.
//
// Reads also what spreadsheets write: a byte order mark, "\n" for "\r\n", a last line without an
// end. Writes fields so that reading gives the same text; one that begins like a formula ("=", "+",
// "-", "@") is text all the same, so whoever writes what strangers may have made for a spreadsheet
// has to mind that. Files larger than memory are read by connect/csv.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace batuta::base {

struct CsvField {
  std::string text;
  uint64_t line = 1;    // where it begins, from 1
  uint64_t column = 1;  // in characters, from 1
};

struct CsvRecord {
  std::vector<CsvField> fields;
  uint64_t line = 1;  // where it begins
  // Stable code and sentence if it could not be read, and where: "bad_quote", "unclosed_quote",
  // "not_utf8". The fields are not to be used then.
  std::string problem;
  std::string detail;
  uint64_t problem_line = 1;
  uint64_t problem_column = 1;
};

class CsvParser {
 public:
  // The text lives longer than the parser.
  explicit CsvParser(std::string_view text);

  // False at the end. Empty lines are passed over. Behind a record that could not be read it goes
  // on with the next line.
  bool Next(CsvRecord& record);

 private:
  bool AtLineEnd() const;
  void Step();      // over one byte, counting lines and characters
  void StepLine();  // over what is left of the line, and its end
  void Quoted(CsvRecord& record);
  void Fail(CsvRecord& record, std::string_view problem, std::string_view detail) const;

  std::string_view text_;
  size_t at_ = 0;
  uint64_t line_ = 1;
  uint64_t column_ = 1;
};

// The field as it stands in a row, quoted where it has to be.
void AppendCsv(std::string_view field, std::string& out);
// A row with its line end "\r\n".
void AppendCsvRow(const std::vector<std::string_view>& fields, std::string& out);

}  // namespace batuta::base
