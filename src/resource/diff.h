// What a change would do to a set, field by field, for people to read before they say yes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/value.pb.h"
#include "resource/set.h"

namespace batuta::resource {

struct FieldChange {
  std::string pointer;              // "/spec/value/amount"
  std::optional<base::Value> from;  // absent: the field is new
  std::optional<base::Value> to;    // absent: the field goes
};

struct ResourceChange {
  ResourceKey key;
  std::vector<FieldChange> fields;  // by pointer
};

// Each list is ordered by kind and name.
struct ResourceDiff {
  std::vector<ResourceKey> added;
  std::vector<ResourceChange> changed;
  std::vector<ResourceKey> removed;
  std::vector<ResourceKey> unchanged;
  bool empty() const { return added.empty() && changed.empty() && removed.empty(); }
};

ResourceDiff Diff(const ResourceSet& current, const ResourceSet& proposed);

// "+ action gold-card", "~ policy weekly" with a line per field, "- source shop", then the sum:
// "+1 ~1 -1, 20 unchanged".
std::string ToText(const ResourceDiff& diff);
base::Value ToValue(const ResourceDiff& diff);

}  // namespace batuta::resource
