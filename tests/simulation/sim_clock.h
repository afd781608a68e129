// The clock of a world: it moves only when told to, and its wall may jump.
#pragma once

#include "base/clock.h"

namespace batuta::simulation {

class SimClock final : public base::Clock {
 public:
  base::Time Wall() override { return wall_; }
  base::Duration Monotonic() override { return monotonic_; }

  void Advance(base::Duration span) {
    wall_ = wall_ + span;
    monotonic_.micros += span.micros;
  }
  void Jump(base::Duration span) { wall_ = wall_ + span; }  // of the wall alone, either way

 private:
  base::Time wall_{1'767'225'600'000'000};  // 2026-01-01
  base::Duration monotonic_{};
};

}  // namespace batuta::simulation
