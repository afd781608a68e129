#include "learn/cells.h"

#include <algorithm>

#include "base/status.h"

namespace batuta::learn {
namespace {

// The first place whose code is not below. How many steps there are follows from the size alone,
// and no step is a branch that could be foretold wrongly.
int PlaceOf(uint64_t code, const Cells& cells) {
  auto left = static_cast<size_t>(cells.codes_size());
  if (left == 0) return 0;
  const uint64_t* const begin = cells.codes().data();
  const uint64_t* at = begin;
  while (left > 1) {
    const size_t half = left / 2;
    at += at[half - 1] < code ? half : 0;
    left -= half;
  }
  return static_cast<int>(at - begin) + (*at < code ? 1 : 0);
}

bool IsAt(int place, uint64_t code, const Cells& cells) {
  return place < cells.codes_size() && cells.codes(place) == code;
}

template <typename List, typename Value>
void InsertInto(List& list, int place, Value value) {
  list.Add(value);
  std::rotate(list.begin() + place, list.end() - 1, list.end());
}

void Insert(int place, uint64_t code, int64_t era, Cells& cells) {
  InsertInto(*cells.mutable_codes(), place, code);
  InsertInto(*cells.mutable_eras(), place, era);
  InsertInto(*cells.mutable_positives(), place, 0);
  InsertInto(*cells.mutable_negatives(), place, 0);
}

void Erase(int place, Cells& cells) {
  cells.mutable_codes()->erase(cells.codes().begin() + place);
  cells.mutable_eras()->erase(cells.eras().begin() + place);
  cells.mutable_positives()->erase(cells.positives().begin() + place);
  cells.mutable_negatives()->erase(cells.negatives().begin() + place);
}

// Adds to the code's era, which is at `place` or behind it.
void AddAt(int place, uint64_t code, const EraCount& delta, Cells& cells) {
  while (IsAt(place, code, cells) && cells.eras(place) < delta.era) ++place;
  const bool is_there = IsAt(place, code, cells) && cells.eras(place) == delta.era;
  if (!is_there) Insert(place, code, delta.era, cells);
  cells.set_positives(place, cells.positives(place) + delta.positives);
  cells.set_negatives(place, cells.negatives(place) + delta.negatives);
  if (cells.positives(place) == 0 && cells.negatives(place) == 0) Erase(place, cells);
}

}  // namespace

bool Add(uint64_t code, const Deltas& deltas, Cells& cells) {
  BATUTA_CHECK(cells.codes_size() == cells.eras_size() &&
               cells.codes_size() == cells.positives_size() &&
               cells.codes_size() == cells.negatives_size());
  const int place = PlaceOf(code, cells);
  AddAt(place, code, deltas.all, cells);
  if (deltas.recent.has_value()) AddAt(place, code, *deltas.recent, cells);
  return IsAt(place, code, cells);
}

bool Has(uint64_t code, const Cells& cells) { return IsAt(PlaceOf(code, cells), code, cells); }

Bin Worth(const Cells& cells, const EraClock& clock, base::Time now) {
  Bin sum;
  ForEachCell(cells, [&](uint64_t, EraCounts counts) {
    const Bin one = Worth(counts, clock, now);
    sum.positives += one.positives;
    sum.negatives += one.negatives;
  });
  return sum;
}

void DropWorthless(Cells& cells, const EraClock& clock, base::Time now) {
  int kept = 0;
  for (int i = 0; i < cells.codes_size(); ++i) {
    if (IsWorthless(cells.eras(i), clock, now)) continue;
    cells.set_codes(kept, cells.codes(i));
    cells.set_eras(kept, cells.eras(i));
    cells.set_positives(kept, cells.positives(i));
    cells.set_negatives(kept, cells.negatives(i));
    ++kept;
  }
  cells.mutable_codes()->Truncate(kept);
  cells.mutable_eras()->Truncate(kept);
  cells.mutable_positives()->Truncate(kept);
  cells.mutable_negatives()->Truncate(kept);
}

}  // namespace batuta::learn
