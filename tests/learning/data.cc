#include "learning/data.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "base/status.h"
#include "learn/bin_statistics.h"
#include "learn/predictor_code.h"

namespace batuta::learning {
namespace {

std::string ReadGzip(const std::string& path) {
  std::string text;
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return text;
  std::string block(1 << 16, '\0');
  for (int read = 0; (read = gzread(file, block.data(), 1 << 16)) > 0;) {
    text.append(block, 0, static_cast<size_t>(read));
  }
  gzclose(file);
  return text;
}

std::vector<std::string> FieldsOf(absl::string_view line, char separator) {
  std::vector<std::string> fields(1);
  bool is_quoted = false;
  for (const char c : line) {
    if (c == '"') {
      is_quoted = !is_quoted;
    } else if (c == separator && !is_quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

}  // namespace

std::string DataPath(const std::string& file) {
  const char* folder = std::getenv("BATUTA_DATASETS");
  return (folder == nullptr ? std::string("../shared/data") : folder) + "/" + file;
}

size_t TextTable::Column(const std::string& name) const {
  const auto found = std::find(columns.begin(), columns.end(), name);
  BATUTA_CHECK(found != columns.end());
  return static_cast<size_t>(found - columns.begin());
}

TextTable ReadCsv(const std::string& path, char separator) {
  TextTable table;
  const std::string text = ReadGzip(path);
  for (const auto line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    std::vector<std::string> fields = FieldsOf(absl::StripSuffix(line, "\r"), separator);
    if (table.columns.empty()) {
      table.columns = std::move(fields);
      continue;
    }
    BATUTA_CHECK(fields.size() == table.columns.size());
    table.rows.push_back(std::move(fields));
  }
  return table;
}

Examples ExamplesOf(const TextTable& table, const std::vector<std::string>& predictors,
                    const std::string& label, const std::string& positive) {
  Examples examples{.predictors = predictors};
  std::vector<size_t> columns;
  for (const std::string& name : predictors) {
    columns.push_back(table.Column(name));
    examples.is_number.push_back(
        std::all_of(table.rows.begin(), table.rows.end(), [&](const auto& row) {
          double number = 0;
          return absl::SimpleAtod(row[columns.back()], &number);
        }));
  }
  const size_t label_column = table.Column(label);
  for (const auto& row : table.rows) {
    Example& example = examples.list.emplace_back();
    example.values.set_model("offer");
    example.positive = row[label_column] == positive;
    for (size_t i = 0; i < predictors.size(); ++i) {
      const std::string& field = row[columns[i]];
      double number = 0;
      if (examples.is_number[i]) BATUTA_CHECK(absl::SimpleAtod(field, &number));
      example.numbers.push_back(number);
      example.symbols.push_back(examples.is_number[i] ? "" : field);
      example.values.add_keys(learn::PredictorKey(predictors[i]));
      example.values.add_codes(examples.is_number[i] ? learn::NumberCode(number)
                                                     : learn::SymbolCode(field));
    }
  }
  return examples;
}

double AucOf(std::vector<std::pair<double, bool>> predictions) {
  std::sort(predictions.begin(), predictions.end());
  std::vector<learn::Bin> bins;
  double last = 0;
  for (const auto& [predicted, positive] : predictions) {
    if (bins.empty() || predicted != last) bins.emplace_back();
    last = predicted;
    (positive ? bins.back().positives : bins.back().negatives) += 1;
  }
  return learn::RankedAuc(bins);
}

Estimate MeanOf(const std::vector<double>& numbers) {
  double sum = 0;
  double squares = 0;
  for (const double one : numbers) sum += one;
  const auto count = static_cast<double>(numbers.size());
  const double mean = sum / count;
  for (const double one : numbers) squares += (one - mean) * (one - mean);
  return {.mean = mean, .error = count > 1 ? std::sqrt(squares / (count - 1) / count) : 0};
}

}  // namespace batuta::learning
