#include "learning/batch_logistic.h"

#include <cmath>

#include "base/status.h"

namespace batuta::learning {
namespace {

constexpr int kSteps = 25;

using Matrix = std::vector<std::vector<double>>;

// Solves a x = b for a symmetric, positive definite `a`, by Cholesky's factors.
std::vector<double> Solve(Matrix a, std::vector<double> b) {
  const size_t size = b.size();
  for (size_t i = 0; i < size; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      double sum = a[i][j];
      for (size_t k = 0; k < j; ++k) sum -= a[i][k] * a[j][k];
      BATUTA_CHECK(i != j || sum > 0);
      a[i][j] = i == j ? std::sqrt(sum) : sum / a[j][j];
    }
  }
  for (size_t i = 0; i < size; ++i) {
    for (size_t k = 0; k < i; ++k) b[i] -= a[i][k] * b[k];
    b[i] /= a[i][i];
  }
  for (size_t i = size; i-- > 0;) {
    for (size_t k = i + 1; k < size; ++k) b[i] -= a[k][i] * b[k];
    b[i] /= a[i][i];
  }
  return b;
}

}  // namespace

BatchLogistic::BatchLogistic(const Examples& examples, const std::vector<size_t>& rows)
    : is_number_(examples.is_number) {
  const auto count = static_cast<double>(rows.size());
  for (size_t i = 0; i < is_number_.size(); ++i) {
    double sum = 0;
    double squares = 0;
    std::map<std::string, size_t>& symbols = symbols_.emplace_back();
    for (const size_t row : rows) {
      const Example& example = examples.list[row];
      sum += example.numbers[i];
      if (!is_number_[i] && symbols.emplace(example.symbols[i], count_).second) ++count_;
    }
    means_.push_back(sum / count);
    for (const size_t row : rows) {
      const double away = examples.list[row].numbers[i] - means_[i];
      squares += away * away;
    }
    spreads_.push_back(squares > 0 ? std::sqrt(squares / count) : 1);
    columns_.push_back(count_);
    if (is_number_[i]) ++count_;
  }
  std::vector<Row> features;
  std::vector<bool> positive;
  for (const size_t row : rows) {
    features.push_back(RowOf(examples.list[row]));
    positive.push_back(examples.list[row].positive);
  }
  Fit(features, positive);
}

BatchLogistic::Row BatchLogistic::RowOf(const Example& example) const {
  Row row = {{0, 1}};
  for (size_t i = 0; i < is_number_.size(); ++i) {
    if (is_number_[i]) {
      row.emplace_back(columns_[i], (example.numbers[i] - means_[i]) / spreads_[i]);
    } else if (const auto found = symbols_[i].find(example.symbols[i]);
               found != symbols_[i].end()) {
      row.emplace_back(found->second, 1);
    }
  }
  return row;
}

void BatchLogistic::Fit(const std::vector<Row>& rows, const std::vector<bool>& positive) {
  weights_.assign(count_, 0);
  for (int step = 0; step < kSteps; ++step) {
    Matrix curvature(count_, std::vector<double>(count_));
    std::vector<double> slope(count_);
    for (size_t i = 1; i < count_; ++i) {
      curvature[i][i] = 1;
      slope[i] = weights_[i];
    }
    curvature[0][0] = 1e-9;
    for (size_t r = 0; r < rows.size(); ++r) {
      double sum = 0;
      for (const auto& [column, value] : rows[r]) sum += weights_[column] * value;
      const double p = 1 / (1 + std::exp(-sum));
      for (const auto& [column, value] : rows[r]) {
        slope[column] += (p - (positive[r] ? 1 : 0)) * value;
        for (const auto& [other, factor] : rows[r]) {
          curvature[column][other] += p * (1 - p) * value * factor;
        }
      }
    }
    const std::vector<double> change = Solve(std::move(curvature), std::move(slope));
    double most = 0;
    for (size_t i = 0; i < count_; ++i) {
      weights_[i] -= change[i];
      most = std::max(most, std::abs(change[i]));
    }
    if (most < 1e-6) return;
  }
}

double BatchLogistic::LogOdds(const Example& example) const {
  double sum = 0;
  for (const auto& [column, value] : RowOf(example)) sum += weights_[column] * value;
  return sum;
}

}  // namespace batuta::learning
