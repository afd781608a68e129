// The features of a person as rules read them: at a moment, in the person's time zone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/time.h"
#include "expr/scratch.h"
#include "expr/value.h"
#include "feature/catalogue.h"
#include "feature/feature.pb.h"
#include "feature/moment.h"
#include "feature/value.h"
#include "profile/profile.pb.h"
#include "profile/survivorship.h"

namespace batuta::rule {

// The trait that says in which time zone a person lives, by its name in the IANA database.
inline constexpr std::string_view kZoneTrait = "timezone";

// A person's traits as features read them. Borrows both.
class PersonTraits : public feature::TraitSource {
 public:
  PersonTraits(const profile::Rules& rules, const profile::Profile& profile)
      : rules_(rules), profile_(profile) {}
  const base::Value* Find(std::string_view path) const override;

 private:
  const profile::Rules& rules_;
  const profile::Profile& profile_;
};

// `now` in the person's zone, or else in `zone`, the company's.
feature::Moment MomentOf(const profile::Rules& rules, const absl::TimeZone& zone,
                         const profile::Profile& profile, base::Time now);

// What features are read of. All is borrowed.
struct FeatureFacts {
  const profile::Profile* profile = nullptr;
  const feature::PersonFeatures* states = nullptr;  // null: of somebody who did nothing
  std::span<const uint64_t> missing = {};           // ascending; what they are is not found yet
  base::Time now = {};                              // log time
};

// Not thread-safe.
class FeatureReader {
 public:
  // Both must live as long as this. Without a catalogue nothing is kept.
  FeatureReader(const profile::Rules& rules, const feature::Catalogue* catalogue)
      : rules_(rules), catalogue_(catalogue) {}

  void Bind(const FeatureFacts& facts) {
    facts_ = facts;
    moment_.reset();
  }

  const feature::Catalogue* catalogue() const { return catalogue_; }

  // A value or an error, as ValueOf of feature/value.h; Untold if the record cannot tell, or if it
  // is null: then nothing is kept for it.
  expr::Value Read(const feature::Feature* aggregate) const;
  expr::Value Read(const feature::NamedFeature& named, expr::Scratch& scratch) const;

 private:
  class AggregateSource;

  const profile::Rules& rules_;
  const feature::Catalogue* catalogue_;
  FeatureFacts facts_;
  mutable std::optional<feature::Moment> moment_;  // once it was asked for
};

}  // namespace batuta::rule
