// What is counted of each value of a predictor: by the code of the value, and of each by era.
//
// Codes, eras and counts stand in lists of their own, so that an example, which looks for one value
// of each predictor among hundreds, touches few cache lines.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "learn/adaptive.pb.h"
#include "learn/era_counts.h"

namespace batuta::learn {

// What one example adds: by the clock, and once more among the recent ones.
struct Deltas {
  EraCount all;
  std::optional<EraCount> recent = {};
};

// Adds to what is counted of the code. What becomes zero is removed, so that equal content is equal
// bytes. Returns whether anything of the code is left.
bool Add(uint64_t code, const Deltas& deltas, Cells& cells);

bool Has(uint64_t code, const Cells& cells);

// Calls visit(code, counts) for each code, ascending.
template <typename Visit>
void ForEachCell(const Cells& cells, Visit visit) {
  std::vector<EraCount> counts;
  for (int i = 0; i < cells.codes_size(); ++i) {
    counts.push_back({cells.eras(i), cells.positives(i), cells.negatives(i)});
    if (i + 1 < cells.codes_size() && cells.codes(i + 1) == cells.codes(i)) continue;
    visit(cells.codes(i), EraCounts(counts));
    counts.clear();
  }
}

// Of all codes together.
Bin Worth(const Cells& cells, const EraClock& clock, base::Time now);

// Removes the eras that are worth nothing at `now`.
void DropWorthless(Cells& cells, const EraClock& clock, base::Time now);

}  // namespace batuta::learn
