// Sequences of steps, and what nothing followed: which events complete them.
//
// An event completes a pattern if it can be the last step and there are earlier events for the
// steps before it, each strictly before the next in the order of events, the first at most `span`
// before it, with equal keys where the steps say so; and, with `never`, if no such event comes
// after it within `never_within`, which is known only once that time is over.
//
// Found by walking the entries once with, for each step, the ways to get there that later steps can
// tell apart: by the one earlier event whose keys they ask for (the parser refuses two). Of equal
// ways the one that began last is best.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "base/time.h"
#include "feature/feature.pb.h"
#include "feature/plan.h"
#include "feature/spec.h"

namespace batuta::feature {

struct PatternStep {
  int link = -1;
  std::vector<std::pair<int, int>> keys;  // own column, the linked step's column
  int open = -1;  // the step whose event must be known from here on; -1: none
};

struct Pattern {
  std::vector<std::string> columns;  // of keys: programs over `e`
  std::vector<PatternStep> steps;    // with `never` last, if there is one
  int length = 0;                    // steps without `never`
  bool has_never = false;
  base::Duration span;
  base::Duration never_within;
};

Pattern PatternOf(const FeatureSpec& spec);

struct Completion {
  int64_t time = 0;      // of the last step
  int64_t known_at = 0;  // it counts from then on
};
using Completions = absl::InlinedVector<Completion, 16>;

// In the order of their times. Those that were followed by what must not are left out.
Completions FindCompletions(const Pattern& pattern, const Plan& plan, const FeatureState& state);

}  // namespace batuta::feature
