#include "simulation/promises.h"

#include <algorithm>

#include "base/text.h"
#include "identity/refs.h"
#include "simulation/company.h"
#include "simulation/failure.h"

namespace batuta::simulation {

void Promises::TakeDecision(const identity::PersonRef& person, const decision::Decision& decision,
                            base::Time now) {
  if (decision.placement() != kExposedAtOnce || !seen_.insert(decision.id()).second) return;
  const base::PersonId id = identity::FromRef(person);
  std::vector<base::Time>& times = offered_[id.ToBytes()];
  for (const decision::Chosen& chosen : decision.chosen()) {
    if (!chosen.nothing()) times.push_back(now);
  }
  const auto within = std::count_if(times.begin(), times.end(), [now](base::Time time) {
    return time.micros > now.micros - kCapWindowMicros;
  });
  Require(within <= kCapMax, base::StrCat(id.ToString(), " is offered ", within,
                                          " things within the window of the cap"));
}

}  // namespace batuta::simulation
