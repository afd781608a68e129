#include "simulation/promises.h"

#include <algorithm>
#include <cmath>

#include "absl/time/civil_time.h"
#include "base/text.h"
#include "identity/refs.h"
#include "simulation/company.h"
#include "simulation/failure.h"

namespace batuta::simulation {
namespace {

// By the clock on the company's wall, of the times at which things are sent.
bool IsQuiet(int64_t micros, absl::TimeZone zone) {
  const absl::CivilSecond wall = absl::ToCivilSecond(absl::FromUnixMicros(micros), zone);
  const bool is_sunday = absl::GetWeekday(wall) == absl::Weekday::sunday;
  return wall.hour() >= 21 || wall.hour() < 8 || (is_sunday && wall.hour() < 12);
}

}  // namespace

void Promises::TakeDecision(const identity::PersonRef& person, const decision::Decision& decision,
                            absl::TimeZone zone) {
  if (decision.placement() != kExposedAtOnce || !seen_.insert(decision.id()).second) return;
  const std::string id = identity::FromRef(person).ToString();
  const base::Time now{decision.log_time()};
  for (const decision::Chosen& chosen : decision.chosen()) {
    if (chosen.nothing()) continue;
    const int64_t sent = std::max(decision.log_time(), chosen.not_before());
    Require(!IsQuiet(sent, zone),
            base::StrCat(id, " is offered ", chosen.action(), " in quiet hours"));
    // What waits may still fail, and then counts no more.
    if (chosen.not_before() == 0) offered_[id].push_back({now, chosen.action()});
  }
  CheckCap(id, now);
  CheckPressure(id, now);
  CountConstrained(decision, zone);
}

// Of what is shown at once, which nothing gives back; log times of partitions differ, but each
// choice belongs to the hour of its own.
void Promises::CountConstrained(const decision::Decision& decision, absl::TimeZone zone) {
  constexpr int64_t kHour = int64_t{3'600'000'000};
  const int64_t ahead =
      int64_t{zone.At(absl::FromUnixMicros(decision.log_time())).offset} * 1'000'000;
  const int64_t hour = decision.log_time() - (decision.log_time() + ahead) % kHour;
  for (const decision::Chosen& chosen : decision.chosen()) {
    if (chosen.nothing() || chosen.not_before() != 0) continue;
    loans_ += chosen.action() == kConstrainedAction ? 1 : 0;
    const int count = ++by_hour_[hour];
    Require(count <= limits_.choices_an_hour,
            base::StrCat("the list shows ", count, " choices in an hour"));
  }
  Require(loans_ <= limits_.loans_ever, base::StrCat("the list shows ", loans_, " loans"));
}

void Promises::CheckCap(const std::string& person, base::Time now) const {
  const auto found = offered_.find(person);
  if (found == offered_.end()) return;
  const auto within = std::count_if(
      found->second.begin(), found->second.end(),
      [now](const Offered& one) { return one.at.micros > now.micros - kCapWindowMicros; });
  Require(within <= kCapMax,
          base::StrCat(person, " is offered ", within, " things within the window of the cap"));
}

void Promises::CheckPressure(const std::string& person, base::Time now) const {
  const auto found = offered_.find(person);
  if (found == offered_.end()) return;
  double pressure = 0;
  bool is_new = false;
  for (const Offered& one : found->second) {
    if (one.action == "card") continue;  // which the policy is not about
    is_new = is_new || one.at == now;
    pressure += std::exp2(-static_cast<double>(now.micros - one.at.micros) /
                          static_cast<double>(kPressureHalfLifeMicros));
  }
  constexpr double kRoundedAway = 1e-4;  // contacts of long ago, millionths
  // It may rise by other roads; what must not raise it is a decision.
  Require(!is_new || pressure <= kPressureMax + kRoundedAway,
          base::StrCat(person, " is under a pressure of ", pressure));
}

}  // namespace batuta::simulation
