#include "table/declaration.h"

#include <algorithm>
#include <utility>

#include "resource/reader.h"

namespace batuta::table {
namespace {

constexpr std::string_view kTypeNames[] = {"text", "number", "integer", "boolean", "time"};

ColumnType TypeOf(std::string_view name) {
  for (size_t i = 0; i < std::size(kTypeNames); ++i) {
    if (kTypeNames[i] == name) return static_cast<ColumnType>(i);
  }
  return TEXT;
}

}  // namespace

std::string_view TypeName(ColumnType type) { return kTypeNames[static_cast<size_t>(type)]; }

const Column* Declaration::Find(std::string_view column) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const Column& one) { return one.name() == column; });
  return found == columns.end() ? nullptr : &*found;
}

Declaration Declaration::Of(const resource::Resource& resource) {
  Declaration declaration;
  declaration.name = resource.key.name;
  const resource::Reader spec(resource.spec);
  Column key;
  key.set_name(spec.Text("key"));
  declaration.columns.push_back(key);
  for (const resource::Reader& stated : spec.Objects("columns")) {
    Column column;
    column.set_name(stated.Text("name"));
    column.set_type(TypeOf(stated.Text("type")));
    if (column.name() == key.name()) {
      declaration.columns[0] = std::move(column);
    } else {
      declaration.columns.push_back(std::move(column));
    }
  }
  return declaration;
}

std::vector<Declaration> Declaration::AllOf(const resource::ResourceSet& resources) {
  std::vector<Declaration> all;
  for (const resource::Resource* resource : resources.OfKind("table")) {
    all.push_back(Of(*resource));
  }
  return all;
}

}  // namespace batuta::table
