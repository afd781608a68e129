#include "learn/decorrelate.h"

#include <algorithm>
#include <numeric>

#include "base/math.h"
#include "base/status.h"

namespace batuta::learn {
namespace {

constexpr size_t kLeastSample = 50;
// What is kept of a correlation that the sample shows.
constexpr double kKept = 0.9;

using Matrix = std::vector<std::vector<double>>;

Matrix CorrelationsOf(absl::Span<const Contributor> contributors) {
  const size_t n = contributors.size();
  Matrix matrix(n, std::vector<double>(n, 1));
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < i; ++k) {
      matrix[i][k] = kKept * Correlation(contributors[i].sampled, contributors[k].sampled);
      matrix[k][i] = matrix[i][k];
    }
  }
  return matrix;
}

// Solves matrix * x = right by Cholesky's decomposition. Requires: positive definite, as
// correlations drawn towards none are.
std::vector<double> Solve(Matrix matrix, std::vector<double> right) {
  const size_t n = right.size();
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k <= i; ++k) {
      double sum = matrix[i][k];
      for (size_t j = 0; j < k; ++j) sum -= matrix[i][j] * matrix[k][j];
      if (i == k) BATUTA_CHECK(sum > 0, "correlations must be positive definite");
      matrix[i][k] = i == k ? base::Sqrt(sum) : sum / matrix[k][k];
    }
    for (size_t k = 0; k < i; ++k) right[i] -= matrix[i][k] * right[k];
    right[i] /= matrix[i][i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; ++k) right[i] -= matrix[k][i] * right[k];
    right[i] /= matrix[i][i];
  }
  return right;
}

}  // namespace

double Correlation(absl::Span<const double> a, absl::Span<const double> b) {
  BATUTA_CHECK(a.size() == b.size());
  const auto n = static_cast<double>(a.size());
  const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / n;
  const double mean_b = std::accumulate(b.begin(), b.end(), 0.0) / n;
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return aa > 0 && bb > 0 ? ab / base::Sqrt(aa * bb) : 0;
}

std::vector<double> Decorrelate(absl::Span<const Contributor> contributors) {
  std::vector<double> weights(contributors.size(), 1);
  if (contributors.empty() || contributors[0].sampled.size() < kLeastSample) return weights;
  std::vector<double> distances;
  for (const Contributor& one : contributors) {
    distances.push_back(one.variance > 0 ? one.distance / base::Sqrt(one.variance) : 0);
  }
  const std::vector<double> solved = Solve(CorrelationsOf(contributors), distances);
  for (size_t i = 0; i < weights.size(); ++i) {
    const double variance = contributors[i].variance;
    weights[i] = variance > 0 ? std::clamp(solved[i] / base::Sqrt(variance), 0.0, 1.5) : 0;
  }
  return weights;
}

}  // namespace batuta::learn
