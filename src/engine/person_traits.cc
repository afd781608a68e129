#include "engine/person_traits.h"

#include "base/value.h"
#include "expr/calendar.h"
#include "profile/view.h"

namespace batuta::engine {

const base::Value* PersonTraits::Find(std::string_view path) const {
  if (const base::Value* whole = profile::Trait(rules_, profile_, path)) return whole;
  const size_t dot = path.find('.');
  if (dot == path.npos) return nullptr;
  const base::Value* object = profile::Trait(rules_, profile_, path.substr(0, dot));
  if (object == nullptr || object->kind_case() != base::Value::kObject) return nullptr;
  return base::FindPath(object->object(), path.substr(dot + 1));
}

feature::Moment MomentOf(const Definitions& definitions, const profile::Profile& profile,
                         base::Time now) {
  feature::Moment moment{now, definitions.features->zone()};
  const base::Value* stated = profile::Trait(definitions.rules, profile, kZoneTrait);
  if (stated == nullptr || stated->kind_case() != base::Value::kText) return moment;
  if (stated->text().empty()) return moment;
  if (const auto zone = expr::FindZone(stated->text())) moment.zone = *zone;
  return moment;
}

}  // namespace batuta::engine
