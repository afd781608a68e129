#include "feature/state.h"

#include <algorithm>
#include <limits>

#include "base/status.h"
#include "feature/decay.h"
#include "feature/exact_sum.h"
#include "feature/runs.h"
#include "feature/sketch.h"

namespace batuta::feature {
namespace {

void NoteDropped(const Place& place, FeatureState& state) {
  if (state.has_dropped()) {
    const Dropped& old = state.dropped();
    if (Place{old.time(), old.id(), old.line()} >= place) return;
  }
  Dropped& dropped = *state.mutable_dropped();
  dropped.set_time(place.time);
  dropped.set_id(place.id);
  dropped.set_line(place.line);
}

void TakeAll(const Entry& entry, Entries& entries) {
  const int at = entries.LowerBound(entry.place);
  if (!entries.IsAt(at, entry.place)) entries.Insert(at, entry);
}

// The only entry is the one that `is_better(entry, kept)`.
template <typename IsBetter>
void TakeOne(const Entry& entry, Entries& entries, const IsBetter& is_better) {
  if (entries.size() == 0) return entries.Insert(0, entry);
  if (is_better()) entries.Replace(0, entry);
}

bool IsBetter(const Plan& plan, double a, double b) { return plan.is_least_best ? a < b : a > b; }

void TakeBest(const Plan& plan, const Entry& entry, FeatureState& state, Entries& entries) {
  TakeOne(entry, entries, [&] {
    const double kept = state.number(0);
    if (entry.number != kept) return IsBetter(plan, entry.number, kept);
    return entry.place > entries.PlaceAt(0);
  });
}

// Numbers get strictly worse from entry to entry.
void TakeStair(const Plan& plan, const Entry& entry, FeatureState& state, Entries& entries) {
  const int at = entries.LowerBound(entry.place);
  if (entries.IsAt(at, entry.place)) return;
  // Of the newer ones the first is the best.
  if (at < entries.size() && !IsBetter(plan, entry.number, state.number(at))) return;
  int begin = at;
  while (begin > 0 && !IsBetter(plan, state.number(begin - 1), entry.number)) --begin;
  entries.Erase(begin, at);
  entries.Insert(begin, entry);
}

int FindKey(const FeatureState& state, const base::Id128& key) {
  const uint64_t* keys = state.key().data();
  for (int i = 0; i + 1 < state.key_size(); i += 2) {
    if (keys[i + 1] == key.low && keys[i] == key.high) return i / 2;
  }
  return -1;
}

void TakeNewestPerKey(const Entry& entry, FeatureState& state, Entries& entries) {
  const int same = FindKey(state, entry.keys[0]);
  if (same >= 0) {
    if (entries.PlaceAt(same) >= entry.place) return;
    entries.Erase(same, same + 1);
  }
  TakeAll(entry, entries);
}

void TakeTotals(const Plan& plan, const Entry& entry, FeatureState& state) {
  state.set_count(state.count() + 1);
  if (!plan.has_number) return;
  ExactSum sum(state.sum());
  sum.Add(entry.number);
  sum.Store(*state.mutable_sum());
}

void MergeTotals(const Plan& plan, const FeatureState& from, FeatureState& into) {
  into.set_count(into.count() + from.count());
  if (!plan.has_number || !from.has_sum()) return;
  ExactSum sum(into.sum());
  sum.Add(ExactSum(from.sum()));
  sum.Store(*into.mutable_sum());
}

void DropOldest(const Plan& plan, int entries_max, FeatureState& state) {
  Entries entries(plan, state);
  const int excess = entries.size() - entries_max;
  if (excess <= 0) return;
  NoteDropped(entries.PlaceAt(excess - 1), state);
  entries.Erase(0, excess);
}

void MergeEntries(const Plan& plan, const FeatureState& from, int entries_max, FeatureState& into) {
  // Entries only reads a state that it does not change.
  const Entries entries(plan, const_cast<FeatureState&>(from));
  std::vector<base::Id128> keys(static_cast<size_t>(plan.keys));
  for (int i = 0; i < entries.size(); ++i) {
    Entry entry{.place = entries.PlaceAt(i)};
    if (plan.has_number) entry.number = from.number(i);
    if (plan.has_steps) entry.steps = from.steps(i);
    if (plan.has_word) entry.word = &from.words(static_cast<int>(from.word(i)));
    for (int k = 0; k < plan.keys; ++k) keys[static_cast<size_t>(k)] = entries.KeyAt(i, k);
    entry.keys = keys;
    Take(plan, entry, entries_max, into);
  }
}

// Where an entry is, if it is kept. False if the place says that it was superseded.
bool FindKept(const Plan& plan, const Entry& entry, FeatureState& state, int& index) {
  const Entries entries(plan, state);
  index = entries.LowerBound(entry.place);
  return entries.IsAt(index, entry.place);
}

}  // namespace

void Take(const Plan& plan, const Entry& entry, int entries_max, FeatureState& state) {
  Entries entries(plan, state);
  switch (plan.keep) {
    case Keep::kNothing:
      BATUTA_CHECK(false, "features of traits take no events");
    case Keep::kNewest:
      TakeOne(entry, entries, [&] { return entry.place > entries.PlaceAt(0); });
      return;
    case Keep::kOldest:
      TakeOne(entry, entries, [&] { return entry.place < entries.PlaceAt(0); });
      return;
    case Keep::kBest:
      TakeBest(plan, entry, state, entries);
      return;
    case Keep::kStairs:
      TakeStair(plan, entry, state, entries);
      break;
    case Keep::kNewestPerKey:
      TakeNewestPerKey(entry, state, entries);
      break;
    case Keep::kAll:
      TakeAll(entry, entries);
      break;
    case Keep::kRuns:
      TakeRun({entry.place.time, entry.place.time}, plan.unit, state);
      DropOldestRuns(entries_max, state);
      return;
    case Keep::kTotals:
      TakeTotals(plan, entry, state);
      return;
    case Keep::kSketch:
      TakeHash(entry.keys[0].high, state);
      return;
    case Keep::kDecay:
      TakeDecaying(entry.place.time, entry.number, plan.unit, state);
      return;
  }
  DropOldest(plan, entries_max, state);
}

void Merge(const Plan& plan, const FeatureState& from, int entries_max, FeatureState& into) {
  BATUTA_CHECK(&from != &into);
  if (from.has_dropped()) {
    const Dropped& dropped = from.dropped();
    NoteDropped({dropped.time(), dropped.id(), dropped.line()}, into);
  }
  switch (plan.keep) {
    case Keep::kNothing:
      return;
    case Keep::kTotals:
      MergeTotals(plan, from, into);
      return;
    case Keep::kSketch:
      MergeSketch(from, into);
      return;
    case Keep::kDecay:
      MergeDecay(from, into);
      return;
    case Keep::kRuns:
      for (int i = 0; i < from.time_size(); ++i) {
        TakeRun({from.time(i), from.until(i)}, plan.unit, into);
      }
      DropOldestRuns(entries_max, into);
      return;
    default:
      MergeEntries(plan, from, entries_max, into);
  }
}

void Expire(const Plan& plan, base::Time now, FeatureState& state) {
  const int64_t horizon = HorizonOf(plan, now);
  if (horizon == std::numeric_limits<int64_t>::min()) return;
  if (state.has_dropped() && state.dropped().time() <= horizon) state.clear_dropped();
  if (plan.keep == Keep::kRuns) return ExpireRuns(horizon, plan.lookback, state);
  Entries entries(plan, state);
  if (entries.size() == 0 || entries.PlaceAt(0).time > horizon) return;
  const Place first_kept{.time = horizon + 1};
  entries.Erase(0, entries.LowerBound(first_kept));
}

Removal Remove(const Plan& plan, const Entry& entry, FeatureState& state) {
  switch (plan.keep) {
    case Keep::kNothing:
      return Removal::kDone;
    case Keep::kTotals: {
      BATUTA_CHECK(state.count() > 0);
      state.set_count(state.count() - 1);
      if (!plan.has_number) return Removal::kDone;
      ExactSum sum(state.sum());
      sum.Subtract(entry.number);
      sum.Store(*state.mutable_sum());
      if (state.count() == 0) state.clear_sum();
      return Removal::kDone;
    }
    case Keep::kRuns:
    case Keep::kSketch:
    case Keep::kDecay:
      return Removal::kRebuild;
    default:
      break;
  }
  if (state.has_dropped()) return Removal::kRebuild;
  int index = 0;
  if (!FindKept(plan, entry, state, index)) return Removal::kDone;
  if (plan.keep != Keep::kAll) return Removal::kRebuild;
  Entries(plan, state).Erase(index, index + 1);
  return Removal::kDone;
}

bool IsEmpty(const FeatureState& state) {
  return state.time_size() == 0 && !state.has_dropped() && state.count() == 0 &&
         state.octaves_size() == 0 && state.registers_size() == 0 &&
         state.dense_registers().empty();
}

}  // namespace batuta::feature
