#include "connect/map_compiler.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "base/value.h"

namespace batuta::connect {
namespace {

const std::vector<std::string>& Members() {
  static const auto* const kMembers = new std::vector<std::string>{
      "type",       "event",    "userId", "anonymousId", "groupId", "messageId", "timestamp",
      "timeFormat", "timeZone", "traits", "properties",  "context", "skip",      "delimiter"};
  return *kMembers;
}

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> options) {
  return std::find(options.begin(), options.end(), text) != options.end();
}

}  // namespace

MapCompiler::MapCompiler(const resource::ParsedValue& parsed, absl::Span<const std::string> header)
    : parsed_(parsed), header_(header.begin(), header.end()) {}

void MapCompiler::Mistake(std::string_view pointer, std::string_view what) {
  mistakes_.push_back(base::StrCat(parsed_.source.Of(pointer).ToString(), ": ", what));
}

std::string MapCompiler::TextOf(const base::Value& value, std::string_view pointer) {
  if (value.has_text()) return value.text();
  if (value.kind_case() == base::Value::kNumber) return base::ToJson(value);
  Mistake(pointer, "a text is needed here");
  return "";
}

size_t MapCompiler::ColumnOf(std::string_view name, std::string_view pointer) {
  const auto found = std::find(header_.begin(), header_.end(), name);
  if (found != header_.end()) return static_cast<size_t>(found - header_.begin());
  const std::string near = base::Suggest(name, header_);
  Mistake(pointer, base::StrCat("the table has no column \"", name, "\"",
                                near.empty() ? "" : "; did you mean \"" + near + "\"?"));
  return 0;
}

Template MapCompiler::TemplateOf(const base::Value& value, std::string_view pointer) {
  const std::string text = TextOf(value, pointer);
  Template result;
  size_t at = 0;
  while (at < text.size()) {
    const size_t open = text.find("${", at);
    const size_t close = open == std::string::npos ? open : text.find('}', open);
    Template::Part& part = result.parts.emplace_back();
    part.text = text.substr(at, open == std::string::npos ? open : open - at);
    if (open == std::string::npos) break;
    if (close == std::string::npos) {
      Mistake(pointer, "\"${\" is never closed by \"}\"");
      break;
    }
    const std::string name = text.substr(open + 2, close - open - 2);
    part.column = name == "file"  ? Template::kFile
                  : name == "row" ? Template::kRow
                                  : static_cast<int>(ColumnOf(name, pointer));
    at = close + 1;
  }
  return result;
}

ImportCondition MapCompiler::ConditionOf(const base::Value& value, std::string_view pointer) {
  ImportCondition condition;
  bool has_column = false;
  bool has_test = false;
  for (const base::Field& field : value.object().fields()) {
    const std::string place = resource::Child(pointer, field.name());
    const std::string text =
        field.value().has_text() || field.name() != "empty" ? TextOf(field.value(), place) : "";
    if (field.name() == "column") {
      condition.column = ColumnOf(text, place);
      has_column = true;
      continue;
    }
    using Test = ImportCondition::Test;
    has_test = true;
    condition.value = text;
    if (field.name() == "is") {
      condition.test = Test::kIs;
    } else if (field.name() == "isNot") {
      condition.test = Test::kIsNot;
    } else if (field.name() == "startsWith") {
      condition.test = Test::kStartsWith;
    } else if (field.name() == "empty") {
      condition.test = field.value().boolean() ? Test::kEmpty : Test::kNotEmpty;
    } else {
      Mistake(place, base::StrCat("a condition has no \"", field.name(),
                                  "\"; it has column and is, isNot, startsWith or empty"));
    }
  }
  if (!has_column || !has_test) {
    Mistake(pointer, "a condition needs a column, and is, isNot, startsWith or empty");
  }
  return condition;
}

std::vector<ImportCondition> MapCompiler::ConditionsOf(const base::Value& value,
                                                       std::string_view pointer) {
  std::vector<ImportCondition> conditions;
  if (value.has_object()) {
    conditions.push_back(ConditionOf(value, pointer));
    return conditions;
  }
  if (!value.has_list()) Mistake(pointer, "a list of conditions is needed here");
  for (int i = 0; i < value.list().values_size(); ++i) {
    conditions.push_back(ConditionOf(value.list().values(i), resource::Child(pointer, i)));
  }
  return conditions;
}

void MapCompiler::ReadEvents(const base::Value& value, ImportMap& map) {
  if (!value.has_list()) {
    map.events_.push_back({TemplateOf(value, "/event"), {}});
    return;
  }
  for (int i = 0; i < value.list().values_size(); ++i) {
    const std::string pointer = resource::Child("/event", i);
    const base::Fields& fields = value.list().values(i).object();
    const base::Value* name = base::Find(fields, "name");
    const base::Value* when = base::Find(fields, "when");
    if (name == nullptr) {
      Mistake(pointer, "a case of the event needs a name");
      continue;
    }
    ImportCase& one = map.events_.emplace_back();
    one.name = TemplateOf(*name, resource::Child(pointer, "name"));
    if (when != nullptr) one.when = ConditionsOf(*when, resource::Child(pointer, "when"));
  }
}

ImportField MapCompiler::FieldOf(const base::Field& field, std::string_view section,
                                 std::string_view pointer) {
  ImportField result = {.section = std::string(section), .name = field.name(), .value = {}};
  if (!field.value().has_object()) {
    result.value = TemplateOf(field.value(), pointer);
    return result;
  }
  const base::Value* column = base::Find(field.value().object(), "column");
  const base::Value* as = base::Find(field.value().object(), "as");
  if (column == nullptr) {
    Mistake(pointer, "a field needs a text, or an object with column and as");
    return result;
  }
  const std::string place = resource::Child(pointer, "column");
  result.value.parts.push_back({"", static_cast<int>(ColumnOf(TextOf(*column, place), place))});
  if (as == nullptr) return result;
  const std::string type = TextOf(*as, resource::Child(pointer, "as"));
  if (!IsOneOf(type, {"text", "number", "boolean"})) {
    Mistake(resource::Child(pointer, "as"), "`as` is text, number or boolean");
  }
  result.type = type == "number"    ? ImportField::Type::kNumber
                : type == "boolean" ? ImportField::Type::kBoolean
                                    : ImportField::Type::kText;
  return result;
}

void MapCompiler::ReadFields(std::string_view section, const base::Value& value, ImportMap& map) {
  const std::string pointer = resource::Child("", section);
  if (!value.has_object()) Mistake(pointer, "an object is needed here: a name for each field");
  for (const base::Field& field : value.object().fields()) {
    map.fields_.push_back(FieldOf(field, section, resource::Child(pointer, field.name())));
  }
}

void MapCompiler::ReadMember(const base::Field& member, ImportMap& map) {
  const std::string& name = member.name();
  const std::string pointer = resource::Child("", name);
  const base::Value& value = member.value();
  if (name == "type") {
    map.type_ = TextOf(value, pointer);
    if (!IsOneOf(map.type_, {"identify", "track", "page", "screen", "group"})) {
      Mistake(pointer, "the type is identify, track, page, screen or group");
    }
  } else if (name == "event") {
    ReadEvents(value, map);
  } else if (IsOneOf(name, {"userId", "anonymousId", "groupId", "messageId"})) {
    map.identifiers_.push_back({.section = "", .name = name, .value = TemplateOf(value, pointer)});
  } else if (name == "timestamp") {
    map.timestamp_ = TemplateOf(value, pointer);
  } else if (name == "timeFormat") {
    map.time_format_ = TextOf(value, pointer);
  } else if (name == "timeZone") {
    if (!absl::LoadTimeZone(TextOf(value, pointer), &map.zone_)) {
      Mistake(pointer, "there is no such time zone; write it as Europe/London");
    }
  } else if (IsOneOf(name, {"traits", "properties", "context"})) {
    ReadFields(name, value, map);
  } else if (name == "skip") {
    map.skip_ = ConditionsOf(value, pointer);
  } else if (name != "delimiter") {
    const std::string near = base::Suggest(name, Members());
    Mistake(pointer, base::StrCat("a map has no \"", name, "\"",
                                  near.empty() ? "" : "; did you mean \"" + near + "\"?"));
  }
}

ImportMap MapCompiler::Compile() {
  ImportMap map;
  map.columns_ = header_.size();
  if (!parsed_.value->has_object()) {
    Mistake("", "the map must be an object");
    return map;
  }
  for (const base::Field& member : parsed_.value->object().fields()) ReadMember(member, map);
  if (map.type_ == "track" && map.events_.empty()) Mistake("", "a track call needs an `event`");
  if (map.identifiers_.empty()) Mistake("", "the map needs a `userId` or an `anonymousId`");
  return map;
}

absl::StatusOr<ImportMap> ImportMap::Compile(std::string_view text, std::string_view file,
                                             absl::Span<const std::string> header) {
  const resource::ParsedValue parsed = resource::ParseValue(text, file, resource::FormatOf(file));
  if (!parsed.value.has_value()) {
    return absl::InvalidArgumentError(resource::ToText(parsed.problems));
  }
  MapCompiler compiler(parsed, header);
  ImportMap map = compiler.Compile();
  if (compiler.mistakes().empty()) return map;
  std::string all;
  for (const std::string& mistake : compiler.mistakes()) {
    base::StrAppend(&all, all.empty() ? "" : "\n", mistake);
  }
  return absl::InvalidArgumentError(all);
}

absl::StatusOr<char> ImportMap::DelimiterOf(std::string_view text, std::string_view file) {
  const resource::ParsedValue parsed = resource::ParseValue(text, file, resource::FormatOf(file));
  if (!parsed.value.has_value()) {
    return absl::InvalidArgumentError(resource::ToText(parsed.problems));
  }
  const base::Value* delimiter = base::Find(parsed.value->object(), "delimiter");
  if (delimiter == nullptr) return ',';
  if (delimiter->text() == "tab") return '\t';
  if (delimiter->text().size() == 1 && delimiter->text() != "\"") return delimiter->text()[0];
  return absl::InvalidArgumentError(base::StrCat(parsed.source.Of("/delimiter").ToString(),
                                                 ": the delimiter is one character, or \"tab\""));
}

}  // namespace batuta::connect
