// Prints answers as people or programs want them: a table, one JSON document, JSON lines, or CSV.
//
// Without a wish it is a table on a terminal and JSON lines elsewhere. Values are JSON as the hub
// gave it; columns name the fields that a table and CSV show.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/value.pb.h"

namespace batuta::server {

struct Column {
  std::string title;
  std::string path;  // "decision.id"; a list becomes its elements with commas
};

class Output {
 public:
  enum class Format : uint8_t { kTable, kJson, kNdjson, kCsv };
  // `name` as the user gave it; empty: by what `file` is.
  static absl::StatusOr<Output> Create(std::string_view name, std::FILE* file);

  Output() = default;
  Format format() const { return format_; }

  void Rows(const std::vector<Column>& columns, const std::vector<base::Value>& rows) const;
  // One object: in a table a line for each field, and for each field of objects in it.
  void Object(const base::Value& object) const;
  // Text as it is.
  void Text(std::string_view text) const;

 private:
  void Table(const std::vector<Column>& columns, const std::vector<base::Value>& rows) const;
  void Csv(const std::vector<Column>& columns, const std::vector<base::Value>& rows) const;

  Format format_ = Format::kNdjson;
  std::FILE* file_ = stdout;
};

// Without control characters: what a customer wrote must not move a terminal's cursor.
std::string Printable(std::string text);

// What a cell of a table shows for a value; "" for nothing.
std::string CellText(const base::Value* value);
// JSON with two spaces for each level.
std::string PrettyJson(const base::Value& value);
// How many columns a terminal needs for UTF-8 text: one for each character.
size_t DisplayWidth(std::string_view text);

}  // namespace batuta::server
