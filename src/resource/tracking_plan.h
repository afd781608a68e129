// The tracking plan: which events there are, and what their properties are, as resources of kind
// `event` declare them.
//
// What it says is held against rules, which read what is declared and nothing else of such an
// event, unless it is open. It refuses no event: what sources send is taken as it comes. Immutable.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "resource/set.h"

namespace batuta::resource {

struct DeclaredProperty {
  enum class Type : uint8_t { kAny, kText, kNumber, kBoolean, kTime, kList, kObject };
  std::string name;
  Type type = Type::kAny;
};

struct DeclaredEvent {
  std::vector<DeclaredProperty> properties;  // by name
  bool open = false;                         // rules may read others, too
};

class TrackingPlan {
 public:
  TrackingPlan() = default;
  // Of the resources of kind `event`, which are right.
  static TrackingPlan Of(const ResourceSet& resources);

  bool empty() const { return events_.empty(); }
  // By the names that sources send.
  const std::map<std::string, DeclaredEvent, std::less<>>& events() const { return events_; }

 private:
  std::map<std::string, DeclaredEvent, std::less<>> events_;
};

// The name under which sources send the event that the resource declares.
std::string EventNameOf(const Resource& event);

}  // namespace batuta::resource
