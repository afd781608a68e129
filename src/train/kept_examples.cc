#include "train/kept_examples.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "base/csv.h"
#include "base/status.h"
#include "base/text.h"
#include "base/time.h"

namespace batuta::train {
namespace {

// Before the predictors: action, placement, time, accepted, predicted, probability.
constexpr size_t kOtherColumns = 6;
constexpr size_t kLeastOfEither = 20;  // held-out examples of either answer, for an AUC

std::optional<float> NumberOf(std::string_view text) {
  float number = NAN;
  if (text.empty()) return number;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

absl::Status WrongLine(const base::CsvRecord& record, std::string_view what) {
  return absl::InvalidArgumentError(base::StrCat("line ", record.line, ": ", what));
}

// One action's examples as they come.
struct Unsorted {
  KeptExamples kept;
  std::vector<int64_t> times;
};

absl::Status AddRow(const base::CsvRecord& record, Unsorted& action) {
  const auto time = base::ParseTime(record.fields[2].text);
  const std::string& accepted = record.fields[3].text;
  const std::optional<float> predicted = NumberOf(record.fields[4].text);
  if (!time.ok()) return WrongLine(record, "the third field is no time");
  if (accepted != "0" && accepted != "1") return WrongLine(record, "the fourth field is 0 or 1");
  if (!predicted.has_value()) return WrongLine(record, "the fifth field is no number");
  std::vector<float> row;
  for (size_t i = kOtherColumns; i < record.fields.size(); ++i) {
    const std::optional<float> number = NumberOf(record.fields[i].text);
    if (!number.has_value()) return WrongLine(record, "a predictor is no number");
    row.push_back(*number);
  }
  action.kept.examples.Add(row, accepted == "1");
  action.kept.predicted.push_back(*predicted);
  action.times.push_back(time->micros);
  return absl::OkStatus();
}

KeptExamples ByTime(const Unsorted& unsorted) {
  std::vector<size_t> order(unsorted.times.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return unsorted.times[a] < unsorted.times[b]; });
  const Examples& from = unsorted.kept.examples;
  KeptExamples kept{.examples = {.features = from.features}};
  for (const size_t i : order) {
    kept.examples.Add(from.Row(i), from.labels[i] == 1);
    kept.predicted.push_back(unsorted.kept.predicted[i]);
  }
  return kept;
}

Examples Part(const Examples& all, size_t begin, size_t end) {
  Examples part{.features = all.features};
  for (size_t i = begin; i < end; ++i) part.Add(all.Row(i), all.labels[i] == 1);
  return part;
}

size_t PositivesOf(const Examples& examples) {
  return static_cast<size_t>(std::count(examples.labels.begin(), examples.labels.end(), 1.0F));
}

bool HasBoth(const Examples& examples) {
  const size_t positives = PositivesOf(examples);
  return positives >= kLeastOfEither && examples.rows() - positives >= kLeastOfEither;
}

// Read as it will be served; what we would serve is what the library says.
absl::StatusOr<learn::Forest> Served(const std::string& model, const Examples& rows) {
  BATUTA_ASSIGN_OR_RETURN(learn::Forest forest, learn::Forest::FromXgboost(model));
  BATUTA_ASSIGN_OR_RETURN(const double distance, DistanceFromLibrary(model, forest, rows));
  if (distance == 0) return forest;
  return absl::InternalError(base::StrCat(
      "what the hub would serve is not what XGBoost says: log odds differ by up to ", distance));
}

}  // namespace

absl::StatusOr<std::map<std::string, KeptExamples>> ReadExamples(std::string_view csv) {
  base::CsvParser parser(csv);
  base::CsvRecord record;
  if (!parser.Next(record) || !record.problem.empty() || record.fields.size() <= kOtherColumns ||
      record.fields[0].text != "action" || record.fields[3].text != "accepted") {
    return absl::InvalidArgumentError(
        "these are no examples: the first line is not "
        "action,placement,time,accepted,predicted,probability,…");
  }
  std::vector<std::string> features;
  for (size_t i = kOtherColumns; i < record.fields.size(); ++i) {
    features.push_back(record.fields[i].text);
  }
  std::map<std::string, Unsorted> actions;
  while (parser.Next(record)) {
    if (!record.problem.empty()) return WrongLine(record, record.detail);
    if (record.fields.size() != kOtherColumns + features.size()) {
      return WrongLine(record, "it has another number of fields than the first line");
    }
    Unsorted& action = actions[record.fields[0].text];
    action.kept.examples.features = features;
    BATUTA_RETURN_IF_ERROR(AddRow(record, action));
  }
  std::map<std::string, KeptExamples> kept;
  for (const auto& [name, unsorted] : actions) kept.emplace(name, ByTime(unsorted));
  return kept;
}

absl::StatusOr<Trial> Try(const KeptExamples& kept, const TrialSettings& settings) {
  if (settings.held_out_percent < 5 || settings.held_out_percent > 50) {
    return absl::InvalidArgumentError("held out: from 5 to 50 percent");
  }
  const Examples& all = kept.examples;
  const size_t held_out = all.rows() * settings.held_out_percent / 100;
  const size_t begin = all.rows() - held_out;
  Trial trial{.examples = all.rows(), .positives = PositivesOf(all), .held_out = held_out};
  if (all.rows() < settings.least) {
    trial.why_not = base::StrCat("fewer than ", settings.least, " examples");
    return trial;
  }
  const Examples earlier = Part(all, 0, begin);
  const Examples later = Part(all, begin, all.rows());
  if (!HasBoth(earlier) || !HasBoth(later)) {
    trial.why_not = base::StrCat("fewer than ", kLeastOfEither,
                                 " were accepted, or declined, of those to learn from or of those "
                                 "to be tried on");
    return trial;
  }
  BATUTA_ASSIGN_OR_RETURN(const std::string tried, TrainTrees(earlier, settings.boosting));
  BATUTA_ASSIGN_OR_RETURN(const learn::Forest forest, Served(tried, later));
  trial.auc = AucOf(forest, later);
  trial.auc_before = AucOf(
      {kept.predicted.begin() + static_cast<ptrdiff_t>(begin), kept.predicted.end()}, later.labels);
  BATUTA_ASSIGN_OR_RETURN(trial.model, TrainTrees(all, settings.boosting));
  BATUTA_RETURN_IF_ERROR(Served(trial.model, all).status());
  return trial;
}

}  // namespace batuta::train
