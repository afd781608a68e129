// A Beta distribution as a table of quantiles, from which a posterior draw is one interpolation.
//
// The table holds the quantiles at (i + 1/2) / 128, between which a draw is linear, and one at
// 2^-11 from either end, where draws end. So draws are bounded and monotone in the uniform number;
// their mean differs from the distribution's by less than 1 %, their variance by less than 6 %
// (tested).
#pragma once

#include <cstddef>
#include <vector>

#include "absl/types/span.h"

namespace batuta::learn {

inline constexpr size_t kQuantiles = 128;
inline constexpr size_t kTableSize = kQuantiles + 2;

// The table of Beta(alpha, beta). Requires: both positive and finite.
std::vector<double> QuantileTable(double alpha, double beta);

// The draw for a uniform number in [0, 1). Requires: the table has kTableSize entries.
double DrawFrom(absl::Span<const double> table, double uniform);

}  // namespace batuta::learn
