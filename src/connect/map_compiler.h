// Reads the text of an import map against a table's header, and finds all its mistakes at once.
//
// Internal to ImportMap. Not thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "base/value.pb.h"
#include "connect/import_map.h"
#include "resource/document.h"
#include "resource/yaml.h"

namespace batuta::connect {

class MapCompiler {
 public:
  MapCompiler(const resource::ParsedValue& parsed, absl::Span<const std::string> header);

  ImportMap Compile();
  const std::vector<std::string>& mistakes() const { return mistakes_; }

 private:
  void Mistake(std::string_view pointer, std::string_view what);
  std::string TextOf(const base::Value& value, std::string_view pointer);
  size_t ColumnOf(std::string_view name, std::string_view pointer);
  Template TemplateOf(const base::Value& value, std::string_view pointer);
  std::vector<ImportCondition> ConditionsOf(const base::Value& value, std::string_view pointer);
  ImportCondition ConditionOf(const base::Value& value, std::string_view pointer);
  void ReadEvents(const base::Value& value, ImportMap& map);
  void ReadFields(std::string_view section, const base::Value& value, ImportMap& map);
  ImportField FieldOf(const base::Field& field, std::string_view section, std::string_view pointer);
  void ReadMember(const base::Field& member, ImportMap& map);

  const resource::ParsedValue& parsed_;
  std::vector<std::string> header_;
  std::vector<std::string> mistakes_;
};

}  // namespace batuta::connect
