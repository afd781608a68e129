#include "server/demo_latency.h"

#include <algorithm>

#include "base/math.h"
#include "base/status.h"

namespace batuta::server {
namespace {

constexpr double kStep = 1.05;

}  // namespace

void Latencies::Add(base::Duration took) {
  const double micros = static_cast<double>(std::max<int64_t>(took.micros, 1));
  const double step = base::Log(micros) / base::Log(kStep);
  ++counts_[std::min(static_cast<size_t>(step), kSteps - 1)];
  ++count_;
}

base::Duration Latencies::Quantile(double p) const {
  BATUTA_CHECK(p >= 0 && p <= 1);
  if (count_ == 0) return {};
  const auto wanted = static_cast<uint64_t>(p * static_cast<double>(count_ - 1)) + 1;
  uint64_t seen = 0;
  size_t step = 0;
  while (step + 1 < kSteps && seen + counts_[step] < wanted) seen += counts_[step++];
  return base::Micros(static_cast<int64_t>(base::Pow(kStep, static_cast<double>(step + 1))));
}

}  // namespace batuta::server
