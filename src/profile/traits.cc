// The sorted list of traits of a profile or group.
#include <string_view>

#include "base/status.h"
#include "base/value.h"
#include "profile/sorted.h"
#include "profile/survivorship.h"

namespace batuta::profile {
namespace {

int PlaceOf(const TraitStates& traits, std::string_view name) {
  return FirstNotBefore(traits, [&](const TraitState& trait) { return trait.name() < name; });
}

bool StandsAt(const TraitStates& traits, int index, std::string_view name) {
  return index < traits.size() && traits.Get(index).name() == name;
}

// Beyond the limit the last undeclared name falls, or else the last of all. The order is fixed, so
// a name that stays has stayed in every subset, with all its statements.
void EnforceLimit(const Rules& rules, TraitStates& traits) {
  while (traits.size() > kMaxTraits) {
    int victim = traits.size() - 1;
    for (int i = traits.size() - 1; i >= 0; --i) {
      if (rules.Declares(traits.Get(i).name())) continue;
      victim = i;
      break;
    }
    RemoveAt(traits, victim);
  }
}

// The two below take the statement and are true if the winner's value is another one than before.

// Without a copy of the old value: only the newest statement can win.
bool AddMostRecent(const Rule& rule, const base::Value& value, const Provenance& provenance,
                   TraitState& state) {
  const base::Value* winner = Winner(rule, state);
  const bool differs = winner == nullptr ? !base::IsNull(value) : !base::Equal(*winner, value);
  if (!AddStatement(rule, value, provenance, state)) return false;
  const Statement& newest = state.statements(0);
  return differs && StampOf(newest) == provenance.stamp && newest.source() == provenance.source;
}

bool AddAndCompare(const Rule& rule, const base::Value& value, const Provenance& provenance,
                   TraitState& state) {
  if (rule.kind == RuleKind::kMostRecent) return AddMostRecent(rule, value, provenance, state);
  if (rule.kind == RuleKind::kList) return AddStatement(rule, value, provenance, state);
  const base::Value* winner = Winner(rule, state);
  const base::Value before = winner == nullptr ? base::NullValue() : *winner;
  if (!AddStatement(rule, value, provenance, state)) return false;
  const base::Value* after = Winner(rule, state);
  return after == nullptr ? !base::IsNull(before) : !base::Equal(before, *after);
}

}  // namespace

const TraitState* FindTrait(const TraitStates& traits, std::string_view name) {
  const int place = PlaceOf(traits, name);
  return StandsAt(traits, place, name) ? &traits.Get(place) : nullptr;
}

bool StateTrait(const Rules& rules, const base::Field& trait, const Provenance& provenance,
                TraitStates& traits) {
  const std::string& name = trait.name();
  if (name.empty() || name.size() > kMaxTraitNameBytes) return false;
  const Rule& rule = rules.Of(name);
  const int place = PlaceOf(traits, name);
  if (StandsAt(traits, place, name)) {
    return AddAndCompare(rule, trait.value(), provenance, *traits.Mutable(place));
  }
  TraitState& added = InsertAt(traits, place);
  added.set_name(name);
  if (!AddStatement(rule, trait.value(), provenance, added)) {
    RemoveAt(traits, place);
    return false;
  }
  const bool has_winner = Winner(rule, added) != nullptr;
  EnforceLimit(rules, traits);
  return has_winner && StandsAt(traits, PlaceOf(traits, name), name);
}

void MergeTraits(const Rules& rules, const TraitStates& from, TraitStates& into) {
  BATUTA_CHECK(&from != &into);
  for (const TraitState& trait : from) {
    const int place = PlaceOf(into, trait.name());
    if (StandsAt(into, place, trait.name())) {
      MergeTrait(rules.Of(trait.name()), trait, *into.Mutable(place));
    } else {
      InsertAt(into, place) = trait;
    }
  }
  EnforceLimit(rules, into);
}

}  // namespace batuta::profile
