#include "rule/person.h"

#include <algorithm>
#include <array>
#include <optional>

#include "expr/operators.h"
#include "profile/consent.h"
#include "profile/preference.h"
#include "profile/view.h"

namespace batuta::rule {
namespace {

using expr::Value;

constexpr std::string_view kAll = "all";

profile::PreferenceKind KindOf(std::string_view name) {
  for (const auto kind :
       {profile::PREFERENCE_CHANNEL, profile::PREFERENCE_TOPIC, profile::PREFERENCE_PACE,
        profile::PREFERENCE_PAUSE, profile::PREFERENCE_PATH}) {
    if (profile::PreferenceName(kind) == name) return kind;
  }
  return profile::PREFERENCE_UNKNOWN;
}

Step TraitStep(const std::vector<std::string>& fields, const profile::Rules& rules) {
  Step step;
  if (fields.size() < 2) return step;
  step.name = fields[1];
  step.rule = &rules.Of(fields[1]);
  step.what =
      step.rule->kind == profile::RuleKind::kList ? Step::What::kAllValues : Step::What::kTrait;
  step.rest = 2;
  return step;
}

// A purpose or a kind, then a channel or a subject.
Step PairStep(const std::vector<std::string>& fields) {
  Step step;
  if (fields.size() < 3) return step;
  const std::string second = fields[2] == kAll ? "" : fields[2];
  step.rest = 3;
  if (fields[0] == "consents") {
    step.what = Step::What::kConsent;
    step.name = fields[1];
    step.channel = second;
    return step;
  }
  step.what = Step::What::kPreference;
  step.preference = KindOf(fields[1]);
  step.name = second;
  return step;
}

// What is neither a name nor the id of something kept is the id of an aggregate that nothing keeps.
Step FeatureStep(const std::string& name, const feature::Catalogue* features) {
  Step step{.what = Step::What::kAggregate, .rest = 1};
  if (features == nullptr) return step;
  const feature::NamedFeature* named = features->Find(name);
  if (named != nullptr && !named->is_aggregate) {
    step.what = Step::What::kNamedFeature;
    step.named = named;
    return step;
  }
  const std::optional<uint64_t> number =
      named != nullptr ? std::optional(named->aggregates[0]) : feature::NumberOfId(name);
  if (number.has_value()) step.aggregate = features->set()->Find(*number);
  return step;
}

Value Failed(const char* detail) { return Value::Error(expr::ErrorCode::kBadArgument, detail); }

// The arena's copy of the elements, as a list.
Value ListOf(const std::vector<Value>& elements, expr::Scratch& scratch) {
  if (!scratch.Charge(elements.size() + 1)) return expr::Scratch::OverBudget();
  return Value::List(scratch.arena.Copy(std::span<const Value>(elements)));
}

}  // namespace

Value TimeValue(int64_t micros) {
  constexpr int64_t kMicrosPerSecond = 1'000'000;
  int64_t seconds = micros / kMicrosPerSecond;
  int64_t rest = micros % kMicrosPerSecond;
  if (rest < 0) {
    --seconds;
    rest += kMicrosPerSecond;
  }
  return Value::Timestamp(seconds, static_cast<uint32_t>(rest) * 1000);
}

Value Absent(bool is_last) {
  return Value::Error(expr::ErrorCode::kAbsent, "it is not there", is_last);
}

Step StepOf(const expr::Attribute& attribute, const Meaning& meaning) {
  if (attribute.fields.empty()) return {};
  const std::string& part = attribute.fields[0];
  if (attribute.variable == "feature") return FeatureStep(part, meaning.features);
  if (attribute.variable != "person") return {};
  if (part == "traits") return TraitStep(attribute.fields, meaning.rules);
  if (part == "consents" || part == "preferences") return PairStep(attribute.fields);
  Step step;
  step.rest = 1;
  if (part == "identifiers") step.what = Step::What::kIdentifiers;
  if (part == "groups") step.what = Step::What::kGroups;
  if (part == "firstSeen") step.what = Step::What::kFirstSeen;
  if (part == "lastSeen") step.what = Step::What::kLastSeen;
  if (part == "segments") step.what = Step::What::kSegments;
  return step;
}

ReadPlan::ReadPlan(const expr::AttributeTable& table, const Meaning& meaning) {
  steps_.reserve(table.size());
  for (uint32_t slot = 0; slot < table.size(); ++slot) {
    steps_.push_back(StepOf(table.at(slot), meaning));
  }
}

Value PersonSource::Read(const expr::Attribute& attribute, expr::Scratch& scratch) const {
  return Take(StepOf(attribute, meaning_), attribute, scratch);
}

Value PersonSource::ReadSlot(uint32_t slot, const expr::Attribute& attribute,
                             expr::Scratch& scratch) const {
  const Step* step = plan_ == nullptr ? nullptr : plan_->Find(slot);
  return step == nullptr ? Read(attribute, scratch) : Take(*step, attribute, scratch);
}

Value PersonSource::Take(const Step& step, const expr::Attribute& attribute,
                         expr::Scratch& scratch) const {
  const std::vector<std::string>& fields = attribute.fields;
  Value value = Root(step, step.rest >= fields.size(), scratch);
  for (size_t i = step.rest; i < fields.size(); ++i) {
    value = expr::Select(value, fields[i], scratch);
  }
  return value;
}

Value PersonSource::Root(const Step& step, bool is_last, expr::Scratch& scratch) const {
  switch (step.what) {
    case Step::What::kTrait: {
      const profile::TraitState* state = profile::FindTrait(profile_->traits(), step.name);
      const base::Value* winner = state == nullptr ? nullptr : profile::Winner(*step.rule, *state);
      return winner == nullptr ? Absent(is_last) : Value::OfJson(*winner);
    }
    case Step::What::kAllValues:
      return AllValues(step, is_last, scratch);
    case Step::What::kIdentifiers:
      return Identifiers(scratch);
    case Step::What::kConsent:
      return Consent(step, is_last);
    case Step::What::kPreference:
      return Preference(step, is_last);
    case Step::What::kGroups:
      return Groups(scratch);
    case Step::What::kFirstSeen:
      return profile_->has_first_seen() ? TimeValue(profile_->first_seen()) : Absent(is_last);
    case Step::What::kLastSeen:
      return profile_->has_last_seen() ? TimeValue(profile_->last_seen()) : Absent(is_last);
    case Step::What::kSegments:
      return Segments(scratch);
    case Step::What::kAggregate:
      return features_.Read(step.aggregate);
    case Step::What::kNamedFeature:
      return features_.Read(*step.named, scratch);
    case Step::What::kNothing:
      break;
  }
  return Failed("a person has no such attribute");
}

Value PersonSource::AllValues(const Step& step, bool is_last, expr::Scratch& scratch) const {
  const std::vector<const base::Value*> all =
      profile::TraitValues(meaning_.rules, *profile_, step.name);
  if (all.empty()) return Absent(is_last);
  std::vector<Value> values;
  for (const base::Value* one : all) values.push_back(Value::OfJson(*one));
  return ListOf(values, scratch);
}

// Each type once, in the order of their names.
Value PersonSource::Identifiers(expr::Scratch& scratch) const {
  std::vector<std::string_view> types;
  if (identity_ != nullptr) {
    for (const identity::PersonIdentifier& identifier : identity_->identifiers()) {
      if (identifier.ruling() == identity::HELD) types.push_back(identifier.type());
    }
  }
  std::sort(types.begin(), types.end());
  types.erase(std::unique(types.begin(), types.end()), types.end());
  std::vector<Value> values;
  for (const std::string_view type : types) values.push_back(Value::Text(type));
  return ListOf(values, scratch);
}

Value PersonSource::Groups(expr::Scratch& scratch) const {
  std::vector<Value> groups;
  for (const profile::Membership& membership : profile_->groups()) {
    if (membership.left()) continue;
    const std::array<expr::Entry, 3> entries = {
        {{Value::Text("id"), Value::Text(membership.id())},
         {Value::Text("role"), Value::Text(membership.role())},
         {Value::Text("traits"), Value::OfJson(membership.copied().traits())}}};
    if (!scratch.Charge(entries.size() * 2)) return expr::Scratch::OverBudget();
    groups.push_back(Value::Map(scratch.arena.Copy(std::span<const expr::Entry>(entries))));
  }
  return ListOf(groups, scratch);
}

Value PersonSource::Segments(expr::Scratch& scratch) const {
  std::vector<Value> names;
  for (const std::string_view name : segments_) names.push_back(Value::Text(name));
  return ListOf(names, scratch);
}

Value PersonSource::Consent(const Step& step, bool is_last) const {
  const profile::ConsentStatus status =
      profile::EffectiveConsent(*profile_, step.name, step.channel);
  if (status == profile::CONSENT_UNKNOWN) return Absent(is_last);
  return Value::Text(profile::ConsentName(status));
}

Value PersonSource::Preference(const Step& step, bool is_last) const {
  const profile::Preference* stated =
      profile::FindPreference(*profile_, step.preference, step.name);
  return stated == nullptr ? Absent(is_last) : Value::OfJson(stated->value());
}

}  // namespace batuta::rule
