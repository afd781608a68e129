#include "learn/correlation.h"

#include <numeric>

#include "base/math.h"
#include "base/status.h"

namespace batuta::learn {

double Correlation(absl::Span<const double> a, absl::Span<const double> b) {
  BATUTA_CHECK(a.size() == b.size());
  const auto n = static_cast<double>(a.size());
  const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / n;
  const double mean_b = std::accumulate(b.begin(), b.end(), 0.0) / n;
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return aa > 0 && bb > 0 ? ab / base::Sqrt(aa * bb) : 0;
}

}  // namespace batuta::learn
