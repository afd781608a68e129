// Real data as examples: rows of a file, what is known of each, and what came of it.
//
// Files are expected in ../shared/data, or where BATUTA_DATASETS points; a test skips without them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "learn/adaptive.pb.h"

namespace batuta::learning {

// The path of a file of the data sets.
std::string DataPath(const std::string& file);

// A file's rows as text, the header apart. Fields may stand in double quotes; none has a quote
// inside. Empty if the file cannot be read.
struct TextTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;

  // The place of a column. Requires: there is one of this name.
  size_t Column(const std::string& name) const;
};
TextTable ReadCsv(const std::string& path, char separator);  // gzip or plain

struct Example {
  learn::PredictorValues values;
  std::vector<double> numbers;       // parallel to Examples.predictors: of columns of numbers
  std::vector<std::string> symbols;  // of others
  bool positive = false;
};

struct Examples {
  std::vector<std::string> predictors;
  std::vector<bool> is_number = {};  // parallel: every field of the column is a number
  std::vector<Example> list = {};
};

// Every row as an example of model "offer" with these predictors; positive where `label` is
// `positive`.
Examples ExamplesOf(const TextTable& table, const std::vector<std::string>& predictors,
                    const std::string& label, const std::string& positive);

// The area under the ROC curve of (prediction, label); equal predictions share.
double AucOf(std::vector<std::pair<double, bool>> predictions);

// Mean and standard error of the mean.
struct Estimate {
  double mean = 0;
  double error = 0;
};
Estimate MeanOf(const std::vector<double>& numbers);

}  // namespace batuta::learning
