#include "feature/decay.h"

#include <algorithm>
#include <cmath>

#include "feature/exact_sum.h"

namespace batuta::feature {
namespace {

// 2^(i / 32), to the nearest double.
constexpr double kPowers[kStepsPerHalfLife] = {
    0x1.0000000000000p+0, 0x1.059b0d3158574p+0, 0x1.0b5586cf9890fp+0, 0x1.11301d0125b51p+0,
    0x1.172b83c7d517bp+0, 0x1.1d4873168b9aap+0, 0x1.2387a6e756238p+0, 0x1.29e9df51fdee1p+0,
    0x1.306fe0a31b715p+0, 0x1.371a7373aa9cbp+0, 0x1.3dea64c123422p+0, 0x1.44e086061892dp+0,
    0x1.4bfdad5362a27p+0, 0x1.5342b569d4f82p+0, 0x1.5ab07dd485429p+0, 0x1.6247eb03a5585p+0,
    0x1.6a09e667f3bcdp+0, 0x1.71f75e8ec5f74p+0, 0x1.7a11473eb0187p+0, 0x1.82589994cce13p+0,
    0x1.8ace5422aa0dbp+0, 0x1.93737b0cdc5e5p+0, 0x1.9c49182a3f090p+0, 0x1.a5503b23e255dp+0,
    0x1.ae89f995ad3adp+0, 0x1.b7f76f2fb5e47p+0, 0x1.c199bdd85529cp+0, 0x1.cb720dcef9069p+0,
    0x1.d5818dcfba487p+0, 0x1.dfc97337b9b5fp+0, 0x1.ea4afa2a490dap+0, 0x1.f50765b6e4540p+0,
};

int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

struct Slot {
  int64_t octave = 0;
  size_t step = 0;
};

Slot SlotOf(int64_t time, base::Duration half_life) {
  const int64_t number = FloorDivide(time, StepOf(half_life).micros);
  const int64_t octave = FloorDivide(number, kStepsPerHalfLife);
  return {octave, static_cast<size_t>(number - octave * kStepsPerHalfLife)};
}

// The octave of that number, made if it is not there.
Octave& FindOrAdd(int64_t number, FeatureState& state) {
  auto& octaves = *state.mutable_octaves();
  int at = octaves.size();
  while (at > 0 && octaves.Get(at - 1).number() >= number) --at;
  if (at < octaves.size() && octaves.Get(at).number() == number) return *octaves.Mutable(at);
  octaves.Add()->set_number(number);
  for (int i = octaves.size() - 1; i > at; --i) octaves.SwapElements(i, i - 1);
  return *octaves.Mutable(at);
}

void DropForgotten(FeatureState& state) {
  auto& octaves = *state.mutable_octaves();
  if (octaves.empty()) return;
  const int64_t newest = octaves.Get(octaves.size() - 1).number();
  int forgotten = 0;
  while (octaves.Get(forgotten).number() <= newest - kHalfLivesKept) ++forgotten;
  octaves.DeleteSubrange(0, forgotten);
}

void AddTo(const ExactSum& sum, Octave& octave) {
  ExactSum total(octave.sum());
  total.Add(sum);
  total.Store(*octave.mutable_sum());
}

}  // namespace

void TakeDecaying(int64_t time, double number, base::Duration half_life, FeatureState& state) {
  const Slot slot = SlotOf(time, half_life);
  const double weighted = number * kPowers[slot.step];
  if (!std::isfinite(weighted)) return;
  ExactSum sum;
  sum.Add(weighted);
  AddTo(sum, FindOrAdd(slot.octave, state));
  DropForgotten(state);
}

void MergeDecay(const FeatureState& from, FeatureState& into) {
  for (const Octave& octave : from.octaves()) {
    AddTo(ExactSum(octave.sum()), FindOrAdd(octave.number(), into));
  }
  DropForgotten(into);
}

double Decayed(const FeatureState& state, base::Time now, base::Duration half_life) {
  const Slot slot = SlotOf(now.micros, half_life);
  double total = 0;
  for (const Octave& octave : state.octaves()) {
    const int64_t age = std::clamp<int64_t>(slot.octave - octave.number(), -4096, 4096);
    total += std::ldexp(ExactSum(octave.sum()).Round(), static_cast<int>(-age));
  }
  return total / kPowers[slot.step];
}

int64_t NextStep(base::Time now, base::Duration half_life) {
  const int64_t step = StepOf(half_life).micros;
  return (FloorDivide(now.micros, step) + 1) * step;
}

}  // namespace batuta::feature
