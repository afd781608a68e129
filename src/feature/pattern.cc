#include "feature/pattern.h"

#include <algorithm>

#include "base/status.h"
#include "feature/entries.h"

namespace batuta::feature {
namespace {

int ColumnOf(const std::string& program, std::vector<std::string>& columns) {
  const auto found = std::find(columns.begin(), columns.end(), program);
  if (found != columns.end()) return static_cast<int>(found - columns.begin());
  columns.push_back(program);
  return static_cast<int>(columns.size()) - 1;
}

// A way to have come as far as a step.
struct Way {
  int open = -1;      // the entry of the step whose event must be known
  int64_t start = 0;  // of the first step
};
using Ways = absl::InlinedVector<Way, 8>;

class Walk {
 public:
  Walk(const Pattern& pattern, const Plan& plan, const FeatureState& state)
      : pattern_(pattern),
        state_(state),
        // Only read.
        entries_(plan, const_cast<FeatureState&>(state)),
        ways_(static_cast<size_t>(pattern.length)) {}

  Completions Run() && {
    for (int entry = 0; entry < entries_.size(); ++entry) {
      // From the last step: no event is two steps at once.
      for (int step = pattern_.length - 1; step >= 0; --step) {
        if ((state_.steps(entry) >> step & 1) != 0) Enter(entry, step);
      }
    }
    return std::move(completions_);
  }

 private:
  void Enter(int entry, int step) {
    const int64_t time = state_.time(entry);
    if (step == 0) return Arrive(entry, step, {.open = -1, .start = time});
    const int64_t earliest = (base::Time{time} - pattern_.span).micros;
    Ways& before = ways_[static_cast<size_t>(step - 1)];
    const auto is_late = [&](const Way& way) { return way.start < earliest; };
    before.erase(std::remove_if(before.begin(), before.end(), is_late), before.end());
    const PatternStep& own = pattern_.steps[static_cast<size_t>(step)];
    for (size_t i = 0; i < before.size(); ++i) {
      const Way way = before[i];
      if (HasEqualKeys(own, entry, way.open)) Arrive(entry, step, way);
    }
  }

  void Arrive(int entry, int step, Way way) {
    const int open = pattern_.steps[static_cast<size_t>(step)].open;
    if (open == step) way.open = entry;
    if (open < 0) way.open = -1;
    if (step + 1 == pattern_.length) return Complete(entry, way);
    Ways& ways = ways_[static_cast<size_t>(step)];
    for (Way& other : ways) {
      if (other.open != way.open) continue;
      other.start = std::max(other.start, way.start);
      return;
    }
    ways.push_back(way);
  }

  void Complete(int entry, const Way& way) {
    const int64_t time = state_.time(entry);
    if (!completions_.empty() && last_ == entry) return;
    if (pattern_.has_never && IsFollowed(entry, way)) return;
    last_ = entry;
    const int64_t known_at =
        pattern_.has_never ? (base::Time{time} + pattern_.never_within).micros : time;
    completions_.push_back({time, known_at});
  }

  bool IsFollowed(int entry, const Way& way) const {
    const PatternStep& never = pattern_.steps.back();
    const int64_t until = (base::Time{state_.time(entry)} + pattern_.never_within).micros;
    for (int i = entry + 1; i < entries_.size() && state_.time(i) <= until; ++i) {
      const bool is_never = (state_.steps(i) >> pattern_.length & 1) != 0;
      if (is_never && HasEqualKeys(never, i, way.open)) return true;
    }
    return false;
  }

  bool HasEqualKeys(const PatternStep& own, int entry, int open) const {
    if (own.link < 0) return true;
    BATUTA_CHECK(open >= 0);
    for (const auto& [own_column, other_column] : own.keys) {
      const base::Id128 key = entries_.KeyAt(entry, own_column);
      if (key.IsZero() || key != entries_.KeyAt(open, other_column)) return false;
    }
    return true;
  }

  const Pattern& pattern_;
  const FeatureState& state_;
  const Entries entries_;
  std::vector<Ways> ways_;
  Completions completions_;
  int last_ = -1;  // the entry of the last completion
};

}  // namespace

Pattern PatternOf(const FeatureSpec& spec) {
  Pattern pattern;
  if (!spec.is_pattern()) return pattern;
  pattern.length = static_cast<int>(spec.steps.size());
  pattern.has_never = spec.never.has_value();
  pattern.span = spec.span;
  pattern.never_within = spec.never_within;
  std::vector<Step> steps = spec.steps;
  if (spec.never) steps.push_back(*spec.never);
  for (const Step& step : steps) {
    PatternStep& planned = pattern.steps.emplace_back();
    planned.link = step.link;
    for (const KeyPair& pair : step.keys) {
      planned.keys.emplace_back(ColumnOf(pair.own, pattern.columns),
                                ColumnOf(pair.other, pattern.columns));
    }
  }
  for (size_t at = 0; at < steps.size(); ++at) {
    for (size_t later = at + 1; later < steps.size(); ++later) {
      const int link = steps[later].link;
      if (link >= 0 && link <= static_cast<int>(at)) pattern.steps[at].open = link;
    }
  }
  return pattern;
}

Completions FindCompletions(const Pattern& pattern, const Plan& plan, const FeatureState& state) {
  return Walk(pattern, plan, state).Run();
}

}  // namespace batuta::feature
