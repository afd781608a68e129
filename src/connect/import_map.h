// How the rows of a table become calls of the tracking API: which columns are whom, what, when.
//
//     type: track                          # identify, track, page, screen, group
//     event:                               # a text, or cases of which the first that fits counts
//       - {name: Order Cancelled, when: [{column: Invoice, startsWith: C}]}
//       - {name: Order Completed}
//     userId: ${Customer}                  # also anonymousId, groupId, messageId
//     timestamp: ${Date}
//     timeFormat: "%Y-%m-%d %H:%M:%S"      # as strptime; else RFC 3339 and plain dates
//     timeZone: Europe/London              # of times that do not say theirs; else UTC
//     properties:                          # also traits and context
//       sku: ${StockCode}
//       quantity: {column: Quantity, as: number}
//     skip:
//       - {column: Status, is: test}
//     delimiter: ";"
//
// `${Name}` stands for a column's text; `${file}` and `${row}` for the file's hash and the row's
// number. A field that comes out empty is left out. Immutable; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "connect/csv.h"

namespace batuta::connect {

// A text with columns in it, compiled: parts of the text and columns in turn.
struct Template {
  struct Part {
    std::string text;
    int column = -1;  // index; kFile and kRow for the two names
  };
  static constexpr int kFile = -2;
  static constexpr int kRow = -3;
  std::vector<Part> parts;
};

struct ImportCondition {
  enum class Test : uint8_t { kIs, kIsNot, kStartsWith, kEmpty, kNotEmpty };
  size_t column = 0;
  Test test = Test::kIs;
  std::string value;
};

struct ImportField {
  enum class Type : uint8_t { kText, kNumber, kBoolean };
  std::string section;  // "properties"
  std::string name;
  Template value;
  Type type = Type::kText;
};

struct ImportCase {
  Template name;
  std::vector<ImportCondition> when;
};

// The call that a row becomes, or why it does not become one.
struct MappedRow {
  std::string json;  // empty: skipped, or `problem` says why not
  std::string problem;
  std::string detail;
};

class ImportMap {
 public:
  // `header` is the first row of the table. InvalidArgument lists every mistake with its place, one
  // a line.
  static absl::StatusOr<ImportMap> Compile(std::string_view text, std::string_view file,
                                           absl::Span<const std::string> header);
  // What the map says of the table's form, needed before its header is read.
  static absl::StatusOr<char> DelimiterOf(std::string_view text, std::string_view file);

  // `file_hash` and `number`, from 1, make the message id where the map makes none.
  MappedRow Map(const CsvRow& row, std::string_view file_hash, uint64_t number) const;

 private:
  friend class MapCompiler;
  std::optional<std::string> TimeOf(const std::string& text) const;

  std::string type_ = "track";
  std::vector<ImportCase> events_;
  std::vector<ImportField> identifiers_;  // members of the call itself
  std::vector<ImportField> fields_;
  std::optional<Template> timestamp_;
  std::string time_format_;
  absl::TimeZone zone_ = absl::UTCTimeZone();
  std::vector<ImportCondition> skip_;
  size_t columns_ = 0;
};

}  // namespace batuta::connect
