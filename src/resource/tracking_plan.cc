#include "resource/tracking_plan.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/status.h"
#include "resource/reader.h"

namespace batuta::resource {
namespace {

using Type = DeclaredProperty::Type;

// As kind_event.cc names them.
constexpr std::array<std::pair<std::string_view, Type>, 7> kTypes = {{{"any", Type::kAny},
                                                                      {"text", Type::kText},
                                                                      {"number", Type::kNumber},
                                                                      {"boolean", Type::kBoolean},
                                                                      {"time", Type::kTime},
                                                                      {"list", Type::kList},
                                                                      {"object", Type::kObject}}};

Type TypeOf(std::string_view name) {
  const auto found = std::find_if(kTypes.begin(), kTypes.end(),
                                  [name](const auto& type) { return type.first == name; });
  BATUTA_CHECK(found != kTypes.end(), std::string(name));
  return found->second;
}

}  // namespace

std::string EventNameOf(const Resource& event) {
  return Reader(event.spec).Text("event", event.key.name);
}

TrackingPlan TrackingPlan::Of(const ResourceSet& resources) {
  TrackingPlan plan;
  for (const Resource* resource : resources.OfKind("event")) {
    const Reader spec(resource->spec);
    DeclaredEvent event;
    event.open = spec.Bool("open");
    for (const Reader& property : spec.Objects("properties")) {
      event.properties.push_back({property.Text("name"), TypeOf(property.Text("type", "any"))});
    }
    std::sort(event.properties.begin(), event.properties.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    plan.events_.emplace(EventNameOf(*resource), std::move(event));
  }
  return plan;
}

}  // namespace batuta::resource
