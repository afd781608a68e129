#include "engine/decision_person.h"

#include "base/time.h"
#include "base/value.h"
#include "engine/person_traits.h"
#include "profile/consent.h"
#include "profile/preference.h"

namespace batuta::engine {

expr::Value DecisionPerson::Read(const expr::Attribute& attribute, expr::Scratch& scratch) const {
  return source_.Read(attribute, scratch);
}

expr::Value DecisionPerson::ReadSlot(uint32_t slot, const expr::Attribute& attribute,
                                     expr::Scratch& scratch) const {
  return source_.ReadSlot(slot, attribute, scratch);
}

expr::Value DecisionPerson::Lookup(std::string_view table, std::string_view key,
                                   expr::Scratch& scratch) const {
  return table::Lookup(tables_, table, key, scratch);
}

decision::ConsentState DecisionPerson::Consent(std::string_view purpose,
                                               std::string_view channel) const {
  switch (profile::EffectiveConsent(profile_, purpose, channel)) {
    case profile::CONSENT_GRANTED:
      return decision::CONSENT_GRANTED;
    case profile::CONSENT_DENIED:
    case profile::CONSENT_WITHDRAWN:
      return decision::CONSENT_DENIED_STATE;
    default:
      return decision::CONSENT_UNKNOWN;
  }
}

decision::StatedPreference DecisionPerson::Preference(std::string_view kind,
                                                      std::string_view name) const {
  for (const profile::PreferenceKind one :
       {profile::PREFERENCE_CHANNEL, profile::PREFERENCE_TOPIC, profile::PREFERENCE_PAUSE}) {
    if (profile::PreferenceName(one) == kind) return Stated(one, name);
  }
  return {};
}

decision::StatedPreference DecisionPerson::Stated(profile::PreferenceKind kind,
                                                  std::string_view name) const {
  const profile::Preference* found = profile::FindPreference(profile_, kind, name);
  if (found == nullptr || base::IsNull(found->value())) return {};
  if (kind != profile::PREFERENCE_PAUSE) {
    const base::Value& value = found->value();
    if (value.kind_case() != base::Value::kBoolean) return {};
    return {.refuses = !value.boolean() && !found->soft(), .wants = value.boolean()};
  }
  if (found->soft()) return {};
  const auto until = base::ParseTime(found->value().text());
  if (!until.ok()) return {};
  return {.refuses = true, .until = *until};
}

PersonCopy::PersonCopy(const Fold& fold, const PersonRow& row)
    : row_(row),
      definitions_(fold.shared_definitions()),
      tables_(fold.tables()),
      zone_(MomentOf(*definitions_, row_.profile(), fold.log_time()).zone) {
  for (const std::string_view name : fold.SegmentsOf(row)) names_.emplace_back(name);
  segments_.assign(names_.begin(), names_.end());
  const auto missing = fold.UntoldFeatures(row);
  missing_.assign(missing.begin(), missing.end());
  const rule::PersonState state{.profile = row_.profile(),
                                .identity = &row_.identity(),
                                .features = &row_.features(),
                                .missing = missing_,
                                .segments = segments_,
                                .now = fold.log_time()};
  view_ = std::make_unique<DecisionPerson>(*definitions_, *tables_, state, nullptr);
}

}  // namespace batuta::engine
