#include "policy/channel_rate.h"

#include <vector>

#include "base/status.h"

namespace batuta::policy {

int64_t EvidenceAt(absl::Span<const base::Time> times, base::Time now, base::Duration half_life) {
  int64_t sum = 0;
  for (const base::Time time : times) sum += WeightLeft(kOneContact, now - time, half_life);
  return sum;
}

int64_t RateAt(const Outcomes& outcomes, int64_t usual, base::Time now, base::Duration half_life) {
  BATUTA_CHECK(outcomes.times.size() == outcomes.accepted.size());
  BATUTA_CHECK(usual >= 0 && usual <= kWholeRate);
  int64_t accepted = kPriorContacts * usual;
  for (size_t i = 0; i < outcomes.times.size(); ++i) {
    accepted += WeightLeft(outcomes.accepted[i], now - outcomes.times[i], half_life);
  }
  const int64_t shown = kPriorContacts * kOneContact + EvidenceAt(outcomes.times, now, half_life);
  return accepted * kWholeRate / shown;
}

base::Time EvidenceFallsBelow(int64_t contacts, absl::Span<const base::Time> times, base::Time now,
                              base::Duration half_life) {
  std::vector<WeightedContact> weighted;
  for (const base::Time time : times) weighted.push_back({.at = time});
  return PressureFallsTo(contacts * kOneContact - 1, weighted, now, half_life);
}

}  // namespace batuta::policy
