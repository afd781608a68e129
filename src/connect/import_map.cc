#include "connect/import_map.h"

#include <charconv>
#include <cmath>

#include "base/json.h"
#include "base/text.h"

namespace batuta::connect {
namespace {

std::string Expand(const Template& text, const CsvRow& row, std::string_view file,
                   uint64_t number) {
  std::string result;
  for (const Template::Part& part : text.parts) {
    result += part.text;
    if (part.column >= 0) result += row.fields[static_cast<size_t>(part.column)];
    if (part.column == Template::kFile) result += file;
    if (part.column == Template::kRow) base::StrAppend(&result, number);
  }
  return result;
}

bool Holds(const ImportCondition& condition, const CsvRow& row) {
  const std::string& field = row.fields[condition.column];
  switch (condition.test) {
    case ImportCondition::Test::kIs:
      return field == condition.value;
    case ImportCondition::Test::kIsNot:
      return field != condition.value;
    case ImportCondition::Test::kStartsWith:
      return field.starts_with(condition.value);
    case ImportCondition::Test::kEmpty:
      return base::TrimAscii(field).empty();
    case ImportCondition::Test::kNotEmpty:
      return !base::TrimAscii(field).empty();
  }
  return false;
}

bool AllHold(const std::vector<ImportCondition>& conditions, const CsvRow& row) {
  for (const ImportCondition& condition : conditions) {
    if (!Holds(condition, row)) return false;
  }
  return true;
}

std::optional<double> NumberOf(std::string_view text) {
  double number = 0;
  const std::string_view digits = base::TrimAscii(text);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool is_whole = error == std::errc() && end == digits.data() + digits.size();
  return is_whole && std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::optional<bool> BooleanOf(std::string_view text) {
  const std::string lower = base::LowerAscii(base::TrimAscii(text));
  if (lower == "true" || lower == "1" || lower == "yes" || lower == "y") return true;
  if (lower == "false" || lower == "0" || lower == "no" || lower == "n") return false;
  return std::nullopt;
}

// Writes the field; the reason if its text is not of its type.
std::string WriteField(const ImportField& field, const std::string& text, base::JsonWriter& json) {
  if (field.type == ImportField::Type::kNumber) {
    const auto number = NumberOf(text);
    if (!number.has_value()) return base::StrCat("\"", text, "\" is no number");
    json.Key(field.name);
    json.Number(*number);
  } else if (field.type == ImportField::Type::kBoolean) {
    const auto value = BooleanOf(text);
    if (!value.has_value()) return base::StrCat("\"", text, "\" is neither true nor false");
    json.Key(field.name);
    json.Bool(*value);
  } else {
    json.Key(field.name);
    json.String(text);
  }
  return "";
}

}  // namespace

std::optional<std::string> ImportMap::TimeOf(const std::string& text) const {
  absl::Time time;
  std::string error;
  if (!time_format_.empty()) {
    if (!absl::ParseTime(time_format_, text, zone_, &time, &error)) return std::nullopt;
  } else {
    bool parsed = false;
    for (const char* format :
         {"%Y-%m-%d%ET%H:%M:%E*S%Ez", "%Y-%m-%dT%H:%M:%E*S", "%Y-%m-%d %H:%M:%E*S%Ez",
          "%Y-%m-%d %H:%M:%E*S", "%Y-%m-%d %H:%M", "%Y-%m-%d"}) {
      parsed = absl::ParseTime(format, text, zone_, &time, &error);
      if (parsed) break;
    }
    if (!parsed) return std::nullopt;
  }
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone());
}

MappedRow ImportMap::Map(const CsvRow& row, std::string_view file_hash, uint64_t number) const {
  if (!row.problem.empty()) return {"", row.problem, row.detail};
  if (row.fields.size() != columns_) {
    return {"", "wrong_columns",
            base::StrCat("the row has ", row.fields.size(), " fields; the header has ", columns_)};
  }
  for (const ImportCondition& condition : skip_) {
    if (Holds(condition, row)) return {};
  }
  const auto expand = [&](const Template& text) { return Expand(text, row, file_hash, number); };
  base::JsonWriter json;
  json.BeginObject();
  json.Key("type");
  json.String(type_);
  for (const ImportCase& one : events_) {
    if (!AllHold(one.when, row)) continue;
    json.Key(type_ == "track" ? "event" : "name");
    json.String(expand(one.name));
    break;
  }
  bool has_message_id = false;
  for (const ImportField& field : identifiers_) {
    const std::string text(base::TrimAscii(expand(field.value)));
    if (text.empty()) continue;
    has_message_id |= field.name == "messageId";
    json.Key(field.name);
    json.String(text);
  }
  if (!has_message_id) {
    json.Key("messageId");
    json.String(base::StrCat(file_hash, "-", number));
  }
  if (timestamp_.has_value()) {
    const std::string text(base::TrimAscii(expand(*timestamp_)));
    const auto time = TimeOf(text);
    if (!time.has_value()) {
      return {"", "bad_time", base::StrCat("\"", text, "\" is no time as the map says")};
    }
    json.Key("timestamp");
    json.String(*time);
  }
  std::string section;
  for (const ImportField& field : fields_) {
    const std::string text = expand(field.value);
    if (base::TrimAscii(text).empty()) continue;
    if (field.section != section) {
      if (!section.empty()) json.EndObject();
      section = field.section;
      json.Key(section);
      json.BeginObject();
    }
    const std::string wrong = WriteField(field, text, json);
    if (!wrong.empty()) {
      return {"", "wrong_type", base::StrCat(field.section, ".", field.name, ": ", wrong)};
    }
  }
  if (!section.empty()) json.EndObject();
  json.EndObject();
  return {json.Take(), "", ""};
}

}  // namespace batuta::connect
