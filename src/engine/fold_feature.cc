// Features: an event into what the person's record keeps of it, and what time alone changes.
// A person has at most one timer, at the next change of any feature or before it.
#include <algorithm>
#include <span>
#include <string>

#include "base/status.h"
#include "engine/feature_event.h"
#include "engine/fold.h"
#include "engine/person_traits.h"

namespace batuta::engine {

// `changes` are those of the profile by the event: most events that bring traits repeat them.
void Fold::ApplyFeatures(const EventOnWay& on_way, const profile::EventChanges& changes,
                         const base::PersonId& person, PersonRow& row) {
  const Event& event = on_way.event();
  const feature::FeatureSet& set = features_->set();
  if (set.features().empty()) return;
  const EventNames names = NamesOf(static_cast<profile::EventType>(event.type()), event.name());
  std::span<const uint32_t> changed;
  if (set.Concerns(names.name, names.kind)) {
    NoteLive({base::PartitionId{static_cast<uint16_t>(on_way.partition())},
              base::Offset{on_way.offset()}},
             row);
    base::Fields properties;
    base::Fields context;
    BATUTA_CHECK(properties.ParseFromString(event.properties()));
    if (set.reads_context()) BATUTA_CHECK(context.ParseFromString(event.context()));
    const base::Time time{event.event_time()};
    changed = features_->Apply(
        {.name = names.name,
         .kind = names.kind,
         .source = event.source(),
         .time = time,
         .identity = IdentityOf(event.source(), event.message_id(),
                                event.identifiers().identifiers(0).hash(), event.payload_hash()),
         .properties = &properties,
         .context = &context},
        std::max(log_time(), time), *row.mutable_features());
  }
  if (HasSegments()) {
    for (const uint32_t index : changed) {
      Touch(person).features.push_back(set.features()[index].number);
    }
  }
  if (set.reads_traits() && !changes.traits.empty()) {
    return SetFeatureTimer(person, row, NextChangeOf(row));
  }
  if (changed.empty()) return;
  // The others change no earlier than the timer that is set.
  const feature::Moment moment = MomentOf(*definitions_, row.profile(), log_time());
  const PersonTraits traits(definitions_->rules, row.profile());
  base::Time next = base::kDistantFuture;
  for (const uint32_t index : changed) {
    const feature::Feature& feature = set.features()[index];
    next = std::min(
        next, feature::NextChange(feature, set.StateOf(feature, row.features()), moment, traits));
  }
  SetFeatureTimer(person, row, next);
}

base::Time Fold::NextChangeOf(const PersonRow& row) const {
  return features_->set().NextChange(row.features(),
                                     MomentOf(*definitions_, row.profile(), log_time()),
                                     PersonTraits(definitions_->rules, row.profile()));
}

void Fold::SetFeatureTimer(const base::PersonId& person, PersonRow& row, base::Time next) {
  const auto set = row.has_features_due() ? std::optional(row.features_due()) : std::nullopt;
  if (SetNoLater(TimerKind::kFeatures, person, set, next)) row.set_features_due(next.micros);
}

void Fold::OnFeatureTimer(const Timer& timer) {
  const base::PersonId person = base::PersonId::FromBytes(timer.target);
  PersonRow& row = state_.people.Mutable(person);
  BATUTA_CHECK(row.has_features_due() && row.features_due() == timer.due.micros,
               "a timer of features that nobody waits for");
  row.clear_features_due();
  TouchByTime(person, row, timer.due);
  features_->set().Expire(log_time(), *row.mutable_features());
  SetFeatureTimer(person, row, NextChangeOf(row));
}

// All features were the same until just before the timer was due: those that may have changed since
// are those that would from then on.
void Fold::TouchByTime(const base::PersonId& person, const PersonRow& row, base::Time due) {
  if (definitions_->segments->WithFeatures().empty()) return;
  Touched& touched = Touch(person);
  const feature::Moment before = MomentOf(*definitions_, row.profile(), {due.micros - 1});
  const PersonTraits traits(definitions_->rules, row.profile());
  for (const feature::Feature& feature : features_->set().features()) {
    const feature::FeatureState* state = feature::FeatureSet::StateOf(feature, row.features());
    if (feature::NextChange(feature, state, before, traits) <= log_time()) {
      touched.features.push_back(feature.number);
    }
  }
}

// For features that are new.
void Fold::RefreshFeatureTimer(const base::PersonId& person) {
  const PersonRow* row = state_.people.Find(person);
  const base::Time next = NextChangeOf(*row);
  const bool is_sooner = !row->has_features_due() || next.micros < row->features_due();
  if (next != base::kDistantFuture && is_sooner) {
    SetFeatureTimer(person, state_.people.Mutable(person), next);
  }
}

void Fold::DropFeatures(const base::PersonId& person, PersonRow& row) {
  LeaveReach(row);
  if (row.has_features_due()) {
    state_.timers.Cancel(
        {.due = {row.features_due()}, .kind = TimerKind::kFeatures, .target = person.ToBytes()});
  }
  row.clear_features_due();
  row.clear_features();
}

void Fold::MergeFeatures(const PersonBaggage& baggage, const base::PersonId& person,
                         PersonRow& row) {
  if (features_->set().features().empty()) return;
  features_->set().Merge(baggage.features(), *row.mutable_features());
  MergeMissing(baggage, row);
  SetFeatureTimer(person, row, NextChangeOf(row));
}

}  // namespace batuta::engine
