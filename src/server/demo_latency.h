// How long requests took, as their sender saw it: counted in steps of a twentieth.
#pragma once

#include <array>
#include <cstdint>

#include "base/time.h"

namespace batuta::server {

class Latencies {
 public:
  void Add(base::Duration took);
  // At most a twentieth too long. Zero before there is anything.
  base::Duration Quantile(double p) const;
  uint64_t count() const { return count_; }

 private:
  static constexpr size_t kSteps = 400;  // from 1 µs to about five minutes
  std::array<uint64_t, kSteps> counts_{};
  uint64_t count_ = 0;
};

}  // namespace batuta::server
