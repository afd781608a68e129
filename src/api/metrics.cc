#include "api/metrics.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "base/text.h"

namespace batuta::api {
namespace {

struct Family {
  std::string_view name;
  std::string_view help;
};
constexpr Family kFamilies[] = {
    {"batuta_ingest_events_total", "Events received, by source, type and what became of them."},
    {"batuta_decisions_total", "Decisions answered, by placement and result."},
    {"batuta_outcomes_total", "Outcomes reported through the API, by type and result."},
    {"batuta_http_requests_total", "Requests answered, by route and status."},
    {"batuta_http_request_duration_seconds", "From a request's head to its answer, by route."},
    {"batuta_decision_duration_seconds", "From a decision's request to its answer."}};

std::string_view HelpOf(std::string_view name) {
  for (const Family& family : kFamilies) {
    if (family.name == name) return family.help;
  }
  return "";
}

std::string Joined(std::string_view labels, std::string_view more) {
  return labels.empty() ? std::string(more) : base::StrCat(labels, ",", more);
}

}  // namespace

std::string Label(std::string_view name, std::string_view value) {
  std::string text = base::StrCat(name, "=\"");
  for (const char c : value) {
    if (c == '\\' || c == '"') text.push_back('\\');
    if (c == '\n') {
      text += "\\n";
    } else {
      text.push_back(c);
    }
  }
  text.push_back('"');
  return text;
}

void AppendMetric(std::string* text, std::string_view name, std::string_view type,
                  std::string_view help) {
  base::StrAppend(text, "# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n");
}

void AppendSample(std::string* text, std::string_view name, std::string_view labels, double value) {
  base::StrAppend(text, name);
  if (!labels.empty()) base::StrAppend(text, "{", labels, "}");
  absl::StrAppendFormat(text, " %.17g\n", value);
}

template <typename T>
T* Metrics::Find(Families<T>& families, std::string_view family, std::string_view labels) {
  auto found = families.find(family);
  if (found == families.end()) found = families.try_emplace(std::string(family)).first;
  const auto series = found->second.find(labels);
  if (series != found->second.end()) return &series->second;
  if (series_ >= kSeriesMax) return nullptr;
  ++series_;
  return &found->second[std::string(labels)];
}

void Metrics::Count(std::string_view family, std::string_view labels, uint64_t amount) {
  absl::MutexLock lock(&mutex_);
  if (uint64_t* counter = Find(counters_, family, labels)) *counter += amount;
}

void Metrics::Observe(std::string_view family, std::string_view labels, base::Duration duration) {
  const double seconds = static_cast<double>(duration.micros) / 1e6;
  const auto bucket = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  absl::MutexLock lock(&mutex_);
  Histogram* histogram = Find(histograms_, family, labels);
  if (histogram == nullptr) return;
  ++histogram->counts[static_cast<size_t>(bucket - kBounds.begin())];
  histogram->sum += seconds;
}

std::string Metrics::ToText() const {
  std::string text;
  absl::MutexLock lock(&mutex_);
  for (const auto& [name, series] : counters_) {
    AppendMetric(&text, name, "counter", HelpOf(name));
    for (const auto& [labels, count] : series) {
      AppendSample(&text, name, labels, static_cast<double>(count));
    }
  }
  for (const auto& [name, series] : histograms_) {
    AppendMetric(&text, name, "histogram", HelpOf(name));
    for (const auto& [labels, histogram] : series) {
      uint64_t total = 0;
      for (size_t i = 0; i <= kBounds.size(); ++i) {
        total += histogram.counts[i];
        const std::string bound =
            i == kBounds.size() ? std::string("+Inf") : absl::StrFormat("%g", kBounds[i]);
        AppendSample(&text, name + "_bucket", Joined(labels, Label("le", bound)),
                     static_cast<double>(total));
      }
      AppendSample(&text, name + "_sum", labels, histogram.sum);
      AppendSample(&text, name + "_count", labels, static_cast<double>(total));
    }
  }
  return text;
}

}  // namespace batuta::api
