// A person's traits as features read them, and the moment at which they are read.
#pragma once

#include <string_view>

#include "base/time.h"
#include "engine/definitions.h"
#include "feature/moment.h"
#include "feature/value.h"
#include "profile/profile.pb.h"

namespace batuta::engine {

// The trait that says in which time zone a person lives, by its name in the IANA database.
inline constexpr std::string_view kZoneTrait = "timezone";

// Borrows both.
class PersonTraits : public feature::TraitSource {
 public:
  PersonTraits(const profile::Rules& rules, const profile::Profile& profile)
      : rules_(rules), profile_(profile) {}
  const base::Value* Find(std::string_view path) const override;

 private:
  const profile::Rules& rules_;
  const profile::Profile& profile_;
};

// `now` in the person's zone, or else the company's.
feature::Moment MomentOf(const Definitions& definitions, const profile::Profile& profile,
                         base::Time now);

}  // namespace batuta::engine
