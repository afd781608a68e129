#include "learn/quantiles.h"

#include "base/math.h"
#include "base/status.h"

namespace batuta::learn {
namespace {

// Where the table ends. Beyond the last inner quantile lies a probability of 2^-8; a line from
// there to the quantile at 2^-11 has nearly the mean of an exponential tail, whose mean excess is
// half of its excess at e^-2 of the probability.
constexpr double kTail = 0x1p-11;

}  // namespace

std::vector<double> QuantileTable(double alpha, double beta) {
  BATUTA_CHECK(alpha > 0 && beta > 0);
  std::vector<double> table;
  table.reserve(kTableSize);
  table.push_back(base::BetaQuantile(kTail, alpha, beta));
  for (size_t i = 0; i < kQuantiles; ++i) {
    const double probability = (static_cast<double>(i) + 0.5) / static_cast<double>(kQuantiles);
    table.push_back(base::BetaQuantile(probability, alpha, beta));
  }
  table.push_back(base::BetaQuantile(1 - kTail, alpha, beta));
  return table;
}

double DrawFrom(absl::Span<const double> table, double uniform) {
  BATUTA_CHECK(table.size() == kTableSize);
  BATUTA_CHECK(uniform >= 0 && uniform < 1);
  // Position among the inner quantiles, which stand at i + 1/2; the half steps at both ends lead to
  // the outermost entries.
  const double position = uniform * static_cast<double>(kQuantiles) - 0.5;
  if (position < 0) return table[1] + (table[0] - table[1]) * (-position * 2);
  const auto index = static_cast<size_t>(position);
  const double part = position - static_cast<double>(index);
  if (index == kQuantiles - 1) {
    return table[kQuantiles] + (table[kQuantiles + 1] - table[kQuantiles]) * (part * 2);
  }
  return table[index + 1] + (table[index + 2] - table[index + 1]) * part;
}

}  // namespace batuta::learn
