#include "server/output.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "base/json.h"
#include "base/text.h"
#include "base/value.h"

namespace batuta::server {
namespace {

constexpr size_t kWidestCell = 60;

std::string Indent(int depth) { return std::string(static_cast<size_t>(depth) * 2, ' '); }

void AppendPretty(const base::Value& value, int depth, std::string& text) {
  const bool is_object = value.has_object();
  const int count = is_object          ? value.object().fields_size()
                    : value.has_list() ? value.list().values_size()
                                       : 0;
  if (count == 0) {
    text += base::ToJson(value);
    return;
  }
  text += is_object ? "{\n" : "[\n";
  for (int i = 0; i < count; ++i) {
    text += Indent(depth + 1);
    if (is_object) {
      base::StrAppend(&text, base::ToJson(base::TextValue(value.object().fields(i).name())), ": ");
    }
    AppendPretty(is_object ? value.object().fields(i).value() : value.list().values(i), depth + 1,
                 text);
    text += i + 1 < count ? ",\n" : "\n";
  }
  text += Indent(depth);
  text += is_object ? "}" : "]";
}

// The beginning of the text that takes at most so many columns, with a mark where it was cut.
std::string Shorten(std::string text, size_t width) {
  if (DisplayWidth(text) <= width) return text;
  size_t columns = 0;
  size_t end = 0;
  while (end < text.size()) {
    const bool starts = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
    if (starts && ++columns == width) break;
    ++end;
  }
  return text.substr(0, end) + "…";
}

std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

// The fields of an object as lines, those of objects in it with their path.
void Flatten(const base::Fields& fields, const std::string& prefix,
             std::vector<std::pair<std::string, std::string>>& lines) {
  for (const base::Field& field : fields.fields()) {
    const std::string name = prefix + field.name();
    const base::Value& value = field.value();
    if (value.has_object()) {
      Flatten(value.object(), name + ".", lines);
    } else if (value.has_list() && value.list().values_size() > 0 &&
               value.list().values(0).has_object()) {
      int index = 0;
      for (const base::Value& one : value.list().values()) {
        const std::string item = base::StrCat(name, "[", index++, "]");
        if (one.has_object()) {
          Flatten(one.object(), item + ".", lines);
        } else {
          lines.emplace_back(item, CellText(&one));
        }
      }
    } else {
      lines.emplace_back(name, CellText(&value));
    }
  }
}

}  // namespace

size_t DisplayWidth(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string Printable(std::string text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool is_c1 =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (byte < 0x20 || byte == 0x7F) text[i] = ' ';
    if (is_c1) text.replace(i, 2, " ");
  }
  return text;
}

std::string CellText(const base::Value* value) {
  if (value == nullptr || base::IsNull(*value)) return "";
  if (value->has_text()) return value->text();
  if (value->has_list()) {
    std::string text;
    for (const base::Value& one : value->list().values()) {
      base::StrAppend(&text, text.empty() ? "" : ", ", CellText(&one));
    }
    return text;
  }
  return base::ToJson(*value);
}

std::string PrettyJson(const base::Value& value) {
  std::string text;
  AppendPretty(value, 0, text);
  return text + "\n";
}

absl::StatusOr<Output> Output::Create(std::string_view name, std::FILE* file) {
  Output output;
  output.file_ = file;
  if (name.empty()) {
    output.format_ = isatty(fileno(file)) != 0 ? Format::kTable : Format::kNdjson;
  } else if (name == "table") {
    output.format_ = Format::kTable;
  } else if (name == "json") {
    output.format_ = Format::kJson;
  } else if (name == "ndjson") {
    output.format_ = Format::kNdjson;
  } else if (name == "csv") {
    output.format_ = Format::kCsv;
  } else {
    return absl::InvalidArgumentError(
        base::StrCat("there is no output \"", name, "\"; there are table, json, ndjson and csv"));
  }
  return output;
}

void Output::Text(std::string_view text) const { std::fwrite(text.data(), 1, text.size(), file_); }

void Output::Rows(const std::vector<Column>& columns, const std::vector<base::Value>& rows) const {
  switch (format_) {
    case Format::kTable:
      return Table(columns, rows);
    case Format::kCsv:
      return Csv(columns, rows);
    case Format::kNdjson:
      for (const base::Value& row : rows) Text(base::ToJson(row) + "\n");
      return;
    case Format::kJson: {
      base::Value list;
      list.mutable_list();
      for (const base::Value& row : rows) *list.mutable_list()->add_values() = row;
      return Text(PrettyJson(list));
    }
  }
}

void Output::Table(const std::vector<Column>& columns, const std::vector<base::Value>& rows) const {
  std::vector<std::vector<std::string>> cells;
  std::vector<size_t> widths;
  for (const Column& column : columns) widths.push_back(DisplayWidth(column.title));
  for (const base::Value& row : rows) {
    std::vector<std::string>& line = cells.emplace_back();
    for (size_t i = 0; i < columns.size(); ++i) {
      // The last one pushes nothing aside.
      const size_t widest = i + 1 < columns.size() ? kWidestCell : SIZE_MAX;
      line.push_back(
          Shorten(Printable(CellText(base::FindPath(row.object(), columns[i].path))), widest));
      widths[i] = std::max(widths[i], DisplayWidth(line.back()));
    }
  }
  const auto print = [&](const auto& text_of) {
    std::string line;
    for (size_t i = 0; i < columns.size(); ++i) {
      const std::string text = text_of(i);
      line += text;
      if (i + 1 < columns.size()) line += std::string(widths[i] - DisplayWidth(text) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    Text(line + "\n");
  };
  print([&](size_t i) { return columns[i].title; });
  for (const auto& row : cells) print([&](size_t i) { return row[i]; });
}

void Output::Csv(const std::vector<Column>& columns, const std::vector<base::Value>& rows) const {
  std::string line;
  for (const Column& column : columns) line += (line.empty() ? "" : ",") + CsvField(column.title);
  Text(line + "\r\n");
  for (const base::Value& row : rows) {
    line.clear();
    for (size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) line += ",";
      line += CsvField(CellText(base::FindPath(row.object(), columns[i].path)));
    }
    Text(line + "\r\n");
  }
}

void Output::Object(const base::Value& object) const {
  if (format_ == Format::kJson) return Text(PrettyJson(object));
  if (format_ == Format::kNdjson) return Text(base::ToJson(object) + "\n");
  std::vector<std::pair<std::string, std::string>> lines;
  Flatten(object.object(), "", lines);
  size_t width = 0;
  for (const auto& [name, text] : lines) width = std::max(width, DisplayWidth(name));
  if (format_ == Format::kCsv) Text("field,value\r\n");
  for (const auto& [name, text] : lines) {
    if (format_ == Format::kCsv) {
      Text(CsvField(name) + "," + CsvField(text) + "\r\n");
    } else {
      Text(name + std::string(width - DisplayWidth(name) + 2, ' ') + Printable(text) + "\n");
    }
  }
}

}  // namespace batuta::server
