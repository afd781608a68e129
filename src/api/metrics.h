// Numbers about what the api does, for /metrics in the text format of Prometheus.
//
// Thread-safe. Labels never name a person. Counters are created when first counted; how many there
// can be is bounded by sources, placements and routes, and by kSeriesMax in any case.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/time.h"

namespace batuta::api {

class Metrics {
 public:
  static constexpr size_t kSeriesMax = 10'000;

  // `labels` are complete: `source="web",type="track"`. See Label().
  void Count(std::string_view family, std::string_view labels, uint64_t amount = 1);
  // Adds to a histogram of seconds.
  void Observe(std::string_view family, std::string_view labels, base::Duration duration);

  // All families with their help, as text.
  std::string ToText() const;

 private:
  static constexpr std::array<double, 14> kBounds = {
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
  struct Histogram {
    std::array<uint64_t, kBounds.size() + 1> counts{};
    double sum = 0;
  };
  template <typename T>
  using Families = std::map<std::string, std::map<std::string, T, std::less<>>, std::less<>>;

  template <typename T>
  T* Find(Families<T>& families, std::string_view family, std::string_view labels)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  size_t series_ ABSL_GUARDED_BY(mutex_) = 0;
  Families<uint64_t> counters_ ABSL_GUARDED_BY(mutex_);
  Families<Histogram> histograms_ ABSL_GUARDED_BY(mutex_);
};

// `name="value"`, with the value escaped.
std::string Label(std::string_view name, std::string_view value);

// A family of one metric, for numbers that are read when they are asked for.
void AppendMetric(std::string* text, std::string_view name, std::string_view type,
                  std::string_view help);
void AppendSample(std::string* text, std::string_view name, std::string_view labels, double value);

}  // namespace batuta::api
