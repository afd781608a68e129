// A clock that moves only when told to. For tests, simulations and fuzzers.
#pragma once

#include "base/clock.h"

namespace batuta::base {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time wall = {1'767'225'600'000'000}) : wall_(wall) {}  // 2026-01-01

  Time Wall() override { return wall_; }
  Duration Monotonic() override { return monotonic_; }

  void Advance(Duration span) {
    wall_ = wall_ + span;
    monotonic_.micros += span.micros;
  }
  void Jump(Duration span) { wall_ = wall_ + span; }  // of the wall alone, either way

 private:
  Time wall_;
  Duration monotonic_;
};

}  // namespace batuta::base
