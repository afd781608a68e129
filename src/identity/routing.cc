#include "identity/routing.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "identity/refs.h"

namespace batuta::identity {
namespace {

constexpr std::array<std::string_view, 5> kOrder = {"user_id", "anonymous_id", "email", "phone",
                                                    "device_id"};

size_t PlaceOf(std::string_view type) {
  return static_cast<size_t>(std::find(kOrder.begin(), kOrder.end(), type) - kOrder.begin());
}

bool Same(const EventIdentifier& a, const EventIdentifier& b) {
  return a.type() == b.type() && SameHash(a.hash(), b.hash());
}

}  // namespace

bool RoutesBefore(std::string_view type_a, std::string_view type_b) {
  const size_t a = PlaceOf(type_a);
  const size_t b = PlaceOf(type_b);
  return a != b ? a < b : type_a < type_b;
}

void SortForRouting(EventIdentifiers& event) {
  auto& all = *event.mutable_identifiers();
  std::stable_sort(all.begin(), all.end(), [](const EventIdentifier& a, const EventIdentifier& b) {
    if (a.type() != b.type()) return RoutesBefore(a.type(), b.type());
    return Compare(a.hash(), b.hash()) < 0;
  });
  all.erase(std::unique(all.begin(), all.end(), Same), all.end());
}

bool ChooseAnchor(EventIdentifiers& event) {
  for (int i = 0; i < event.identifiers_size(); ++i) {
    if (event.identifiers(i).blocked()) continue;
    event.set_anchor(static_cast<uint32_t>(i));
    return true;
  }
  return false;
}

}  // namespace batuta::identity
