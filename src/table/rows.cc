#include "table/rows.h"

#include <cmath>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/csv.h"
#include "base/status.h"
#include "base/text.h"
#include "base/time.h"
#include "expr/number_text.h"
#include "table/parts.h"

namespace batuta::table {
namespace {

constexpr int64_t kIntegerMax = (int64_t{1} << 53) - 1;  // as JSON has them
constexpr size_t kShownBytes = 40;

std::optional<int64_t> IntegerOf(std::string_view text) {
  const auto number = expr::ParseInt(text);
  if (!number.has_value() || *number > kIntegerMax || *number < -kIntegerMax) return std::nullopt;
  return number;
}

std::optional<bool> TruthOf(std::string_view text) {
  if (text == "true" || text == "TRUE" || text == "True") return true;
  if (text == "false" || text == "FALSE" || text == "False") return false;
  return std::nullopt;
}

std::string_view Wanted(ColumnType type) {
  switch (type) {
    case NUMBER:
      return "a number such as 12.5";
    case INTEGER:
      return "a whole number such as 12";
    case BOOLEAN:
      return "true or false";
    case TIME:
      return "a time such as 2026-01-31 or 2026-01-31T09:30:00Z";
    default:
      return "a text";
  }
}

std::string Shown(std::string_view text) {
  if (text.size() <= kShownBytes) return std::string(text);
  const std::string_view cut = text.substr(0, kShownBytes);
  return base::StrCat(cut.substr(0, base::ValidUtf8Prefix(cut)), "…");
}

class RowReader {
 public:
  RowReader(std::string_view csv, const Declaration& declaration)
      : parser_(csv), declaration_(declaration) {}

  Rows Run() {
    rows_.head.set_table(declaration_.name);
    for (const Column& column : declaration_.columns) *rows_.head.add_columns() = column;
    if (ReadNames()) ReadAll();
    if (rows_.problem_count == 0) Finish();
    return std::move(rows_);
  }

 private:
  void Fail(std::string_view code, uint64_t line, uint64_t column, std::string detail) {
    ++rows_.problem_count;
    if (rows_.problems.size() >= kProblemsMax) return;
    rows_.problems.push_back({std::string(code), std::move(detail), line, column});
  }
  void FailAt(const base::CsvField& field, std::string_view code, std::string detail) {
    Fail(code, field.line, field.column, std::move(detail));
  }

  // False if the columns are not known.
  bool ReadNames() {
    base::CsvRecord names;
    if (!parser_.Next(names)) {
      Fail("empty", 1, 1, "the file is empty; its first line names the columns");
      return false;
    }
    if (!names.problem.empty()) {
      Fail(names.problem, names.problem_line, names.problem_column, names.detail);
      return false;
    }
    fields_of_.assign(declaration_.columns.size(), std::nullopt);
    width_ = names.fields.size();
    for (size_t i = 0; i < names.fields.size(); ++i) TakeName(names.fields[i], i);
    for (size_t i = 0; i < declaration_.columns.size(); ++i) {
      if (fields_of_[i].has_value()) continue;
      Fail("missing_column", names.line, 1,
           base::StrCat("there is no column \"", declaration_.columns[i].name(), "\""));
    }
    return rows_.problem_count == 0;
  }

  void TakeName(const base::CsvField& field, size_t at) {
    std::vector<std::string> known;
    for (size_t i = 0; i < declaration_.columns.size(); ++i) {
      known.push_back(declaration_.columns[i].name());
      if (known.back() != field.text) continue;
      if (fields_of_[i].has_value()) {
        return FailAt(field, "duplicate_column",
                      base::StrCat("the column \"", field.text, "\" stands twice"));
      }
      fields_of_[i] = at;
      return;
    }
    const std::string near = base::Suggest(field.text, known);
    FailAt(field, "unknown_column",
           base::StrCat("the table declares no column \"", Shown(field.text), "\"",
                        near.empty() ? "" : base::StrCat("; did you mean \"", near, "\"?")));
  }

  void ReadAll() {
    base::CsvRecord record;
    while (parser_.Next(record)) {
      if (++count_ > kRowsMax) {
        return Fail("too_many_rows", record.line, 1,
                    base::StrCat("a table has at most ", kRowsMax, " rows"));
      }
      if (!record.problem.empty()) {
        Fail(record.problem, record.problem_line, record.problem_column, record.detail);
      } else if (record.fields.size() != width_) {
        Fail("ragged_row", record.line, 1,
             base::StrCat("the row has ", record.fields.size(), " fields, and there are ", width_,
                          " columns"));
      } else {
        TakeRow(record);
      }
    }
  }

  void TakeRow(const base::CsvRecord& record) {
    texts_.clear();
    texts_.resize(declaration_.columns.size());
    const uint64_t before = rows_.problem_count;
    const std::string key = KeyOf(record.fields[*fields_of_[0]]);
    std::vector<Cell> cells;
    for (size_t i = 1; i < declaration_.columns.size(); ++i) {
      cells.push_back(CellOf(declaration_.columns[i], record.fields[*fields_of_[i]], texts_[i]));
    }
    if (rows_.problem_count == before) writer_.Add(key, cells);
  }

  std::string KeyOf(const base::CsvField& field) {
    const Column& column = declaration_.key();
    std::string key = field.text;
    if (column.type() == INTEGER) {
      const auto number = IntegerOf(base::TrimAscii(field.text));
      if (!field.text.empty() && !number.has_value()) return FailType(column, field), key;
      if (number.has_value()) key = std::to_string(*number);
    }
    if (key.empty()) {
      FailAt(field, "no_key", base::StrCat("the row has no ", column.name()));
      return key;
    }
    if (!CheckSize(column, field)) return key;
    const auto [found, is_new] = lines_.try_emplace(key, field.line);
    if (!is_new) {
      FailAt(field, "duplicate_key",
             base::StrCat("the ", column.name(), " \"", Shown(key), "\" stands in line ",
                          found->second, " already"));
    }
    return key;
  }

  // `text` is room for one that is made here.
  Cell CellOf(const Column& column, const base::CsvField& field, std::string& text) {
    if (field.text.empty() || !CheckSize(column, field)) return {};
    if (column.type() == TEXT) return std::string_view(field.text);
    const std::string_view trimmed = base::TrimAscii(field.text);
    if (column.type() == NUMBER) {
      const auto number = expr::ParseDouble(trimmed);
      if (number.has_value() && std::isfinite(*number)) return *number;
    } else if (column.type() == INTEGER) {
      if (const auto number = IntegerOf(trimmed)) return static_cast<double>(*number);
    } else if (column.type() == BOOLEAN) {
      if (const auto truth = TruthOf(trimmed)) return *truth;
    } else if (const auto time = base::ParseTime(trimmed); time.ok()) {
      text = base::FormatRfc3339(*time);
      return std::string_view(text);
    }
    FailType(column, field);
    return {};
  }

  void FailType(const Column& column, const base::CsvField& field) {
    FailAt(field, "type",
           base::StrCat(column.name(), " is \"", Shown(field.text), "\", and has to be ",
                        Wanted(column.type())));
  }

  bool CheckSize(const Column& column, const base::CsvField& field) {
    if (field.text.size() <= kCellBytesMax) return true;
    FailAt(field, "too_long",
           base::StrCat(column.name(), " has ", field.text.size(), " bytes, and at most ",
                        kCellBytesMax, " are allowed"));
    return false;
  }

  void Finish() {
    rows_.parts = writer_.Take();
    rows_.head.set_rows(count_);
    uint64_t bytes = 0;
    for (const std::string& part : rows_.parts) bytes += part.size();
    rows_.head.set_bytes(bytes);
    rows_.head.set_parts(static_cast<uint32_t>(rows_.parts.size()));
  }

  base::CsvParser parser_;
  const Declaration& declaration_;
  std::vector<std::optional<size_t>> fields_of_;  // by column: where it stands in a row
  size_t width_ = 0;
  uint64_t count_ = 0;
  absl::flat_hash_map<std::string, uint64_t> lines_;  // by key
  std::vector<std::string> texts_;
  PartWriter writer_;
  Rows rows_;
};

}  // namespace

Rows ReadRows(std::string_view csv, const Declaration& declaration) {
  return RowReader(csv, declaration).Run();
}

std::shared_ptr<const Content> WithoutRows(const Declaration& declaration) {
  Head head;
  head.set_table(declaration.name);
  for (const Column& column : declaration.columns) *head.add_columns() = column;
  auto content = Content::Make(std::move(head), {});
  BATUTA_CHECK_OK(content.status());
  return *std::move(content);
}

}  // namespace batuta::table
