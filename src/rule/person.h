// The person as rules see them: attributes read from a profile only when a rule asks.
//
// Reading allocates nothing, but for what is put together (groups, identifiers, all values of a
// trait under `list`, named features that compute with aggregates), which is placed in the memory
// of the activation. Sealed values stay sealed.
// Pure; reads what it is bound to and keeps nothing of it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "expr/activation.h"
#include "feature/catalogue.h"
#include "feature/feature.pb.h"
#include "identity/identity.pb.h"
#include "profile/profile.pb.h"
#include "profile/survivorship.h"
#include "rule/features.h"

namespace batuta::rule {

// What the attributes of a version of the definitions are read by. Both live as long as who reads.
struct Meaning {
  const profile::Rules& rules;                   // of traits
  const feature::Catalogue* features = nullptr;  // null: nothing is kept
};

// A person, when a rule is asked. All is borrowed.
struct PersonState {
  const profile::Profile& profile;
  const identity::PersonIdentity* identity = nullptr;  // null: they have no identifiers
  const feature::PersonFeatures* features = nullptr;   // null: they did nothing
  std::span<const uint64_t> missing = {};  // ascending; features of theirs that are not found yet
  std::span<const std::string_view> segments = {};  // that they are in
  base::Time now = {};                              // log time, at which features are read
};

// Where an attribute of `person` or `feature` is found.
struct Step {
  enum class What : uint8_t {
    kNothing,  // no attribute of a person
    kTrait,
    kAllValues,  // of a trait under `list`
    kIdentifiers,
    kConsent,
    kPreference,
    kGroups,
    kFirstSeen,
    kLastSeen,
    kSegments,
    kAggregate,
    kNamedFeature,
  };
  What what = What::kNothing;
  const profile::Rule* rule = nullptr;  // of the trait; lives as long as the rules
  std::string name = {};                // of the trait; the purpose; the subject of a preference
  std::string channel = {};
  profile::PreferenceKind preference = profile::PREFERENCE_UNKNOWN;
  const feature::Feature* aggregate = nullptr;   // null: it is not kept
  const feature::NamedFeature* named = nullptr;  // both live as long as the catalogue
  size_t rest = 0;  // the fields from there on are selected from what is found
};
Step StepOf(const expr::Attribute& attribute, const Meaning& meaning);

// The steps of all attributes of a table as it is now. Immutable; needs the meaning to live.
class ReadPlan {
 public:
  ReadPlan() = default;  // of no attributes
  ReadPlan(const expr::AttributeTable& table, const Meaning& meaning);
  const Step* Find(uint32_t slot) const { return slot < steps_.size() ? &steps_[slot] : nullptr; }

 private:
  std::vector<Step> steps_;
};

class PersonSource : public expr::AttributeSource {
 public:
  // Without a plan each reading finds its step anew. All must live as long as this.
  PersonSource(const Meaning& meaning, const PersonState& person, const ReadPlan* plan = nullptr)
      : meaning_(meaning), features_(meaning.rules, meaning.features), plan_(plan) {
    Bind(person);
  }

  // From now on it is somebody else; whoever holds an activation clears it.
  void Bind(const PersonState& person) {
    profile_ = &person.profile;
    identity_ = person.identity;
    segments_ = person.segments;
    features_.Bind({.profile = &person.profile,
                    .states = person.features,
                    .missing = person.missing,
                    .now = person.now});
  }

  expr::Value Read(const expr::Attribute& attribute, expr::Scratch& scratch) const override;
  expr::Value ReadSlot(uint32_t slot, const expr::Attribute& attribute,
                       expr::Scratch& scratch) const override;

 private:
  expr::Value Take(const Step& step, const expr::Attribute& attribute,
                   expr::Scratch& scratch) const;
  expr::Value Root(const Step& step, bool is_last, expr::Scratch& scratch) const;
  expr::Value AllValues(const Step& step, bool is_last, expr::Scratch& scratch) const;
  expr::Value Identifiers(expr::Scratch& scratch) const;
  expr::Value Groups(expr::Scratch& scratch) const;
  expr::Value Consent(const Step& step, bool is_last) const;
  expr::Value Preference(const Step& step, bool is_last) const;
  expr::Value Segments(expr::Scratch& scratch) const;

  const Meaning meaning_;
  const profile::Profile* profile_ = nullptr;
  const identity::PersonIdentity* identity_ = nullptr;
  std::span<const std::string_view> segments_;
  FeatureReader features_;
  const ReadPlan* plan_;
};

// A time of the log as a value.
expr::Value TimeValue(int64_t micros);

// What stands where something is not there: `is_last` if all that it would be in is.
expr::Value Absent(bool is_last);

}  // namespace batuta::rule
