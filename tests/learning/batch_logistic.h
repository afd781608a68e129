// A logistic regression fitted to all examples at once: what online learners are held against.
//
// Numbers are standardised on the examples it is fitted to, symbols are one column each. Newton's
// method on the penalised likelihood, with half a square of every weight but the intercept's.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "learning/data.h"

namespace batuta::learning {

class BatchLogistic {
 public:
  // Fits to the examples at `rows`.
  BatchLogistic(const Examples& examples, const std::vector<size_t>& rows);

  double LogOdds(const Example& example) const;

 private:
  // The columns of an example that are not 0: (column, value).
  using Row = std::vector<std::pair<size_t, double>>;
  Row RowOf(const Example& example) const;
  void Fit(const std::vector<Row>& rows, const std::vector<bool>& positive);

  std::vector<bool> is_number_;
  std::vector<double> means_;
  std::vector<double> spreads_;
  std::vector<std::map<std::string, size_t>> symbols_;  // by predictor: columns
  std::vector<size_t> columns_;                         // by predictor: of a number
  size_t count_ = 1;                                    // the intercept is column 0
  std::vector<double> weights_;
};

}  // namespace batuta::learning
