// The person as rules see them: attributes read from a profile only when a rule asks.
//
// Reading allocates nothing, but for what is put together (groups, identifiers, all values of a
// trait under `list`), which is placed in the memory of the activation. Sealed values stay sealed.
// Pure; reads what it is bound to and keeps nothing of it.
#pragma once

#include <string>
#include <vector>

#include "expr/activation.h"
#include "identity/identity.pb.h"
#include "profile/profile.pb.h"
#include "profile/survivorship.h"

namespace batuta::rule {

// Where an attribute of `person` is found.
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
  };
  What what = What::kNothing;
  const profile::Rule* rule = nullptr;  // of the trait; lives as long as the rules
  std::string name = {};                // of the trait; the purpose; the subject of a preference
  std::string channel = {};
  profile::PreferenceKind preference = profile::PREFERENCE_UNKNOWN;
  size_t rest = 0;  // the fields from there on are selected from what is found
};
Step StepOf(const expr::Attribute& attribute, const profile::Rules& rules);

// The steps of all attributes of a table as it is now. Immutable; needs the rules to live.
class ReadPlan {
 public:
  ReadPlan() = default;  // of no attributes
  ReadPlan(const expr::AttributeTable& table, const profile::Rules& rules);
  const Step* Find(uint32_t slot) const { return slot < steps_.size() ? &steps_[slot] : nullptr; }

 private:
  std::vector<Step> steps_;
};

class PersonSource : public expr::AttributeSource {
 public:
  // Without a plan each reading finds its step anew. `identity` may be null: then the person has no
  // identifiers. All must live as long as this.
  PersonSource(const profile::Rules& rules, const profile::Profile& profile,
               const identity::PersonIdentity* identity, const ReadPlan* plan = nullptr)
      : rules_(rules), profile_(&profile), identity_(identity), plan_(plan) {}

  // From now on it is somebody else; whoever holds an activation clears it.
  void Bind(const profile::Profile& profile, const identity::PersonIdentity* identity) {
    profile_ = &profile;
    identity_ = identity;
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

  const profile::Rules& rules_;
  const profile::Profile* profile_;
  const identity::PersonIdentity* identity_;
  const ReadPlan* plan_;
};

// A time of the log as a value.
expr::Value TimeValue(int64_t micros);

// What stands where something is not there: `is_last` if all that it would be in is.
expr::Value Absent(bool is_last);

}  // namespace batuta::rule
