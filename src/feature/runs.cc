#include "feature/runs.h"

#include <algorithm>

namespace batuta::feature {
namespace {

template <typename T>
void EraseFrom(google::protobuf::RepeatedField<T>& column, int begin, int end) {
  column.erase(column.begin() + begin, column.begin() + end);
}

template <typename T>
void InsertInto(google::protobuf::RepeatedField<T>& column, int index, T value) {
  column.Add(value);
  std::rotate(column.begin() + index, column.end() - 1, column.end());
}

void EraseRuns(int begin, int end, FeatureState& state) {
  if (begin == end) return;
  EraseFrom(*state.mutable_time(), begin, end);
  EraseFrom(*state.mutable_until(), begin, end);
}

}  // namespace

void TakeRun(Run run, base::Duration gap, FeatureState& state) {
  // From the newest, as most events are.
  int end = state.time_size();
  while (end > 0 && base::Time{state.time(end - 1)} - base::Time{run.last} >= gap) --end;
  int begin = end;
  while (begin > 0 && base::Time{run.first} - base::Time{state.until(begin - 1)} < gap) {
    --begin;
    run.first = std::min(run.first, state.time(begin));
    run.last = std::max(run.last, state.until(begin));
  }
  EraseRuns(begin, end, state);
  InsertInto(*state.mutable_time(), begin, run.first);
  InsertInto(*state.mutable_until(), begin, run.last);
}

void DropOldestRuns(int runs_max, FeatureState& state) {
  const int excess = state.time_size() - runs_max;
  if (excess <= 0) return;
  const int64_t newest = state.until(excess - 1);
  const bool is_newer = !state.has_dropped() || state.dropped().time() < newest;
  if (is_newer) state.mutable_dropped()->set_time(newest);
  EraseRuns(0, excess, state);
}

void ExpireRuns(int64_t horizon, base::Duration gap, FeatureState& state) {
  int ended = 0;
  while (ended < state.time_size() && state.until(ended) <= horizon) ++ended;
  EraseRuns(0, ended, state);
  const int64_t earliest = (base::Time{horizon} + gap).micros;
  for (int i = 0; i < state.time_size() && state.time(i) <= earliest; ++i) {
    state.set_time(i, std::min(state.until(i), earliest));
  }
}

}  // namespace batuta::feature
