// Which columns of numbers go together. Pure.
#pragma once

#include "absl/types/span.h"

namespace batuta::learn {

// Pearson's correlation of two columns of the same length; 0 if one of them does not vary.
double Correlation(absl::Span<const double> a, absl::Span<const double> b);

}  // namespace batuta::learn
