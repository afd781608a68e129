// What a resource of kind `table` declares: which columns there are, of which types, and which one
// is the key.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "resource/set.h"
#include "table/table.pb.h"

namespace batuta::table {

struct Declaration {
  std::string name;
  std::vector<Column> columns;  // the key first, the others as they were written

  const Column& key() const { return columns[0]; }
  // Null if there is none of that name.
  const Column* Find(std::string_view column) const;

  // Requires: the document is valid by itself. One whose key is none of its columns gets that key
  // as a text, so that the result can be used in any case.
  static Declaration Of(const resource::Resource& resource);
  static std::vector<Declaration> AllOf(const resource::ResourceSet& resources);
};

// "text", "number", "integer", "boolean", "time".
std::string_view TypeName(ColumnType type);

}  // namespace batuta::table
