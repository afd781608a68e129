// Static lists in rules: whether one of the person's identifiers stands on the list that was
// uploaded for a segment.
//
// A segment with `list: true` has the rule `on_list("its name")`. Its list travels and is kept like
// the rows of a table, under a name that no table can have; the keys are hashes of identifiers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expr/function.h"
#include "identity/identity.pb.h"
#include "resource/set.h"
#include "table/content.h"

namespace batuta::rule {

// "vip" → "segment/vip", where the list is kept; and back, nothing for the name of a table.
std::string ListTable(std::string_view segment);
std::optional<std::string_view> ListOf(std::string_view table);

// The rule of a segment that is a list.
std::string ListRule(std::string_view segment);

// The names of the segments that are lists.
std::vector<std::string> ListsOf(const resource::ResourceSet& resources);
// Whether rows may be uploaded under that name: of a table, or of a list.
bool TakesRows(const resource::ResourceSet& resources, std::string_view table);

// Adds `on_list`; other names than these are mistakes.
void AddOnList(std::vector<std::string> lists, expr::FunctionTable& functions);

// For sources: what a lookup in a list gives, a map that is empty if none of the identifiers that
// the person holds is on it; null: they hold none.
expr::Value LookupList(const table::Tables& tables, std::string_view table,
                       const identity::PersonIdentity* person, expr::Scratch& scratch);

}  // namespace batuta::rule
