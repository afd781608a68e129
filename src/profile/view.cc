#include "profile/view.h"

#include <utility>

#include "base/ids.h"
#include "base/time.h"
#include "base/value.h"
#include "profile/consent.h"
#include "profile/preference.h"

namespace batuta::profile {
namespace {

using base::Fields;
using base::Value;

// Names are unique by construction here, so fields are added without a search.
Value& Add(Fields& fields, std::string_view name) {
  base::Field& field = *fields.add_fields();
  field.set_name(name.data(), name.size());
  return *field.mutable_value();
}

void AddText(Fields& fields, std::string_view name, std::string_view text) {
  Add(fields, name) = base::TextValue(text);
}

void AddTime(Fields& fields, std::string_view name, int64_t micros) {
  AddText(fields, name, base::FormatRfc3339(base::Time{micros}));
}

void AddCount(Fields& fields, std::string_view name, uint64_t count) {
  Add(fields, name) = base::NumberValue(static_cast<double>(count));
}

Value Open(const Value& value, const Unseal& unseal) {
  Value opened;
  switch (value.kind_case()) {
    case Value::kSealed: {
      std::optional<Value> plain = unseal(value.sealed());
      if (plain.has_value()) return *std::move(plain);
      Add(*opened.mutable_object(), "sealed") = base::BooleanValue(true);
      return opened;
    }
    case Value::kList:
      opened.mutable_list();
      for (const Value& element : value.list().values()) {
        *opened.mutable_list()->add_values() = Open(element, unseal);
      }
      return opened;
    case Value::kObject:
      opened.mutable_object();
      for (const base::Field& field : value.object().fields()) {
        Add(*opened.mutable_object(), field.name()) = Open(field.value(), unseal);
      }
      return opened;
    default:
      return value;
  }
}

// A list that was sealed as a whole shows its elements, as one that was not sealed does.
void AddOpened(const Value& value, const Unseal& unseal, base::ValueList& list) {
  Value opened = Open(value, unseal);
  if (opened.kind_case() != Value::kList) {
    *list.add_values() = std::move(opened);
    return;
  }
  for (Value& element : *opened.mutable_list()->mutable_values()) {
    *list.add_values() = std::move(element);
  }
}

void AddStatementView(Fields& fields, const Statement& statement, const Unseal& unseal) {
  Add(fields, "value") = Open(statement.value(), unseal);
  AddText(fields, "source", statement.source());
  AddTime(fields, "time", statement.event_time());
}

void AddTraits(Fields& fields, const Rules& rules, const TraitStates& traits,
               const Unseal& unseal) {
  Fields& object = *Add(fields, "traits").mutable_object();
  for (const TraitState& state : traits) {
    const Resolution resolution = Resolve(rules.Of(state.name()), state);
    if (resolution.winner == nullptr) continue;
    Fields& trait = *Add(object, state.name()).mutable_object();
    AddStatementView(trait, *resolution.winner, unseal);
    if (resolution.rule == RuleKind::kList) {
      base::ValueList list;
      for (const Value* value : resolution.list) AddOpened(*value, unseal, list);
      base::FindMutable(trait, "value")->mutable_list()->Swap(&list);
    }
    AddText(trait, "rule", RuleName(resolution.rule));
    if (resolution.support > 0) {
      AddCount(trait, "support", static_cast<uint64_t>(resolution.support));
    }
    if (resolution.runner_up != nullptr && resolution.rule != RuleKind::kList) {
      AddStatementView(*Add(trait, "runnerUp").mutable_object(), *resolution.runner_up, unseal);
    }
  }
}

void AddCounters(Fields& fields, const Profile& profile) {
  Fields& object = *Add(fields, "counters").mutable_object();
  for (const Counter& counter : profile.counters()) {
    Fields& view = *Add(object, counter.name()).mutable_object();
    AddCount(view, "count", counter.count());
    AddTime(view, "first", counter.first_time());
    AddTime(view, "last", counter.last_time());
  }
}

void AddConsents(Fields& fields, const Profile& profile) {
  base::ValueList& list = *Add(fields, "consents").mutable_list();
  for (const Consent& consent : profile.consents()) {
    Fields& view = *list.add_values()->mutable_object();
    AddText(view, "purpose", consent.purpose());
    if (!consent.channel().empty()) AddText(view, "channel", consent.channel());
    AddText(view, "status", ConsentName(consent.status()));
    AddText(view, "of", consent.address().empty() ? "person" : "address");
    if (!consent.address().empty()) {
      AddText(view, "addressHash", base::EncodeHex(consent.address()));
    }
    AddText(view, "source", consent.source());
    AddTime(view, "time", consent.event_time());
    if (!consent.text_version().empty()) AddText(view, "textVersion", consent.text_version());
  }
  if (profile.consents_overflow()) Add(fields, "consentsOverflow") = base::BooleanValue(true);
}

void AddPreferences(Fields& fields, const Profile& profile) {
  base::ValueList& list = *Add(fields, "preferences").mutable_list();
  for (const Preference& preference : profile.preferences()) {
    if (base::IsNull(preference.value())) continue;
    Fields& view = *list.add_values()->mutable_object();
    AddText(view, "kind", PreferenceName(preference.kind()));
    if (!preference.name().empty()) AddText(view, "name", preference.name());
    Add(view, "value") = preference.value();
    Add(view, "soft") = base::BooleanValue(preference.soft());
    AddText(view, "source", preference.source());
    AddTime(view, "time", preference.event_time());
  }
}

void AddGroups(Fields& fields, const Profile& profile, const Unseal& unseal) {
  base::ValueList& list = *Add(fields, "groups").mutable_list();
  for (const Membership& membership : profile.groups()) {
    if (membership.left()) continue;
    Fields& view = *list.add_values()->mutable_object();
    AddText(view, "id", membership.id());
    if (!membership.role().empty()) AddText(view, "role", membership.role());
    AddTime(view, "joined", membership.joined_time());
    Fields& traits = *Add(view, "traits").mutable_object();
    for (const base::Field& trait : membership.copied().traits().fields()) {
      Add(traits, trait.name()) = Open(trait.value(), unseal);
    }
  }
}

}  // namespace

const Value* Trait(const Rules& rules, const Profile& profile, std::string_view name) {
  const TraitState* state = FindTrait(profile.traits(), name);
  return state == nullptr ? nullptr : Winner(rules.Of(name), *state);
}

std::vector<const Value*> TraitValues(const Rules& rules, const Profile& profile,
                                      std::string_view name) {
  const TraitState* state = FindTrait(profile.traits(), name);
  if (state == nullptr) return {};
  const Rule& rule = rules.Of(name);
  if (rule.kind == RuleKind::kList) return Resolve(rule, *state).list;
  const Value* winner = Winner(rule, *state);
  return winner == nullptr ? std::vector<const Value*>() : std::vector<const Value*>{winner};
}

Value View(const Rules& rules, const Profile& profile, const Unseal& unseal) {
  Value view;
  Fields& fields = *view.mutable_object();
  AddTraits(fields, rules, profile.traits(), unseal);
  AddCounters(fields, profile);
  AddConsents(fields, profile);
  AddPreferences(fields, profile);
  AddGroups(fields, profile, unseal);
  if (profile.has_first_seen()) AddTime(fields, "firstSeen", profile.first_seen());
  if (profile.has_last_seen()) AddTime(fields, "lastSeen", profile.last_seen());
  AddCount(fields, "timelineCount", profile.timeline().total());
  return view;
}

Value ViewGroup(const Rules& rules, const GroupRow& row, const Unseal& unseal) {
  Value view;
  Fields& fields = *view.mutable_object();
  AddText(fields, "id", row.id());
  AddTraits(fields, rules, row.traits(), unseal);
  AddCount(fields, "members", row.members());
  return view;
}

}  // namespace batuta::profile
