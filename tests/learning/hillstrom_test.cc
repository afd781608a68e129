// What the models are worth on a randomised history: 64,000 customers who were sent an e-mail on
// men's or on women's merchandise, or none, each with probability 1/3 (Hillstrom, "The
// MineThatData e-mail analytics and data mining challenge", 2008).
//
// There is a model for each of the three, taught what was done and what came of it. The policy
// picks for each customer what is likeliest to bring a visit. It is judged by the doubly robust
// estimator with the true probabilities on customers never learned from: with q the model of the
// learned part,
//     psi = q(picked) + [done == picked] 3 (reward - q(done)).
//
// hillstrom_test [FILE]: on other customers of the same columns.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "base/ids.h"
#include "base/random.h"
#include "base/status.h"
#include "learning/data.h"
#include "learning/learner.h"

namespace batuta::learning {
namespace {

std::string g_path;  // of the file; set once by main

constexpr size_t kArms = 3;
constexpr std::array<const char*, kArms> kNames = {"Mens E-Mail", "Womens E-Mail", "No E-Mail"};
constexpr double kProbability = 1.0 / kArms;

struct Customer {
  Example example;  // positive: visited
  size_t arm = 0;
  double spend = 0;
};

std::vector<std::string> Predictors() {
  return {"recency", "history_segment", "history", "mens",
          "womens",  "zip_code",        "newbie",  "channel"};
}

std::vector<Customer> ReadCustomers() {
  const TextTable table = ReadCsv(g_path, ',');
  const Examples examples = ExamplesOf(table, Predictors(), "visit", "1");
  const size_t segment = table.Column("segment");
  const size_t spend = table.Column("spend");
  std::vector<Customer> customers;
  for (size_t i = 0; i < table.rows.size(); ++i) {
    Customer& customer = customers.emplace_back();
    customer.example = examples.list[i];
    const auto arm = std::find(kNames.begin(), kNames.end(), table.rows[i][segment]);
    BATUTA_CHECK(arm != kNames.end());
    customer.arm = static_cast<size_t>(arm - kNames.begin());
    BATUTA_CHECK(absl::SimpleAtod(table.rows[i][spend], &customer.spend));
  }
  return customers;
}

// What was learned from some customers.
class Learned {
 public:
  Learned(Method method, const std::vector<Customer>& customers, const std::vector<bool>& is_kept) {
    std::array<double, kArms> count{};
    std::array<double, kArms> visits{};
    for (size_t arm = 0; arm < kArms; ++arm) {
      models_[arm] = std::make_unique<Learner>(method, Predictors());
    }
    for (size_t i = 0; i < customers.size(); ++i) {
      if (is_kept[i]) continue;
      const Customer& customer = customers[i];
      models_[customer.arm]->Learn(customer.example, i);
      count[customer.arm] += 1;
      visits[customer.arm] += customer.example.positive ? 1 : 0;
      spend_[customer.arm] += customer.spend;
    }
    for (size_t arm = 0; arm < kArms; ++arm) {
      models_[arm]->Publish();
      spend_[arm] /= count[arm];
      visits[arm] /= count[arm];
    }
    best_ = static_cast<size_t>(std::max_element(visits.begin(), visits.end()) - visits.begin());
  }

  double Visit(const Customer& customer, size_t arm) const {
    return models_[arm]->Ask(customer.example.values).belief.Mean();
  }
  double Spend(size_t arm) const { return spend_[arm]; }
  size_t Pick(const Customer& customer) const {
    size_t best = 0;
    for (size_t arm = 1; arm < kArms; ++arm) {
      if (Visit(customer, arm) > Visit(customer, best)) best = arm;
    }
    return best;
  }
  size_t best() const { return best_; }  // for all alike

 private:
  std::array<std::unique_ptr<Learner>, kArms> models_;
  std::array<double, kArms> spend_{};
  size_t best_ = 0;
};

// Doubly robust values of the customers kept apart, one number each.
struct Values {
  std::vector<double> policy;  // visits
  std::vector<double> random;
  std::vector<double> single;
  std::vector<double> spend;  // of the policy
  std::vector<double> random_spend;
  std::array<size_t, kArms> picked{};
};

void Judge(const Learned& learned, const Customer& customer, Values& values) {
  std::array<double, kArms> visit{};
  std::array<double, kArms> spend{};
  for (size_t arm = 0; arm < kArms; ++arm) {
    visit[arm] = learned.Visit(customer, arm);
    spend[arm] = learned.Spend(arm);
    if (customer.arm != arm) continue;
    visit[arm] += ((customer.example.positive ? 1 : 0) - visit[arm]) / kProbability;
    spend[arm] += (customer.spend - spend[arm]) / kProbability;
  }
  const size_t pick = learned.Pick(customer);
  ++values.picked[pick];
  values.policy.push_back(visit[pick]);
  values.single.push_back(visit[learned.best()]);
  values.spend.push_back(spend[pick]);
  values.random.push_back((visit[0] + visit[1] + visit[2]) * kProbability);
  values.random_spend.push_back((spend[0] + spend[1] + spend[2]) * kProbability);
}

std::vector<double> Less(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> difference;
  for (size_t i = 0; i < a.size(); ++i) difference.push_back(a[i] - b[i]);
  return difference;
}

// Prints what it is with its interval of 95 %, and returns the lower end.
double Print(const char* what, const std::vector<double>& numbers, double scale) {
  const Estimate estimate = MeanOf(numbers);
  const double low = estimate.mean - 1.96 * estimate.error;
  const double high = estimate.mean + 1.96 * estimate.error;
  std::printf("  %-34s %7.3f  [%7.3f, %7.3f]\n", what, estimate.mean * scale, low * scale,
              high * scale);
  return low;
}

class Hillstrom : public testing::TestWithParam<Method> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(g_path)) GTEST_SKIP() << "skipped: " << g_path << " is not there";
    customers_ = ReadCustomers();
    ASSERT_GT(customers_.size(), 1'000u);
  }
  std::vector<Customer> customers_;
};

TEST_P(Hillstrom, PicksBetterThanChanceAndNoWorseThanTheBestMailForAll) {
  base::Random random(1, base::Id128{}, "hillstrom", "third");
  std::vector<bool> is_kept;
  for (size_t i = 0; i < customers_.size(); ++i) is_kept.push_back(random.Below(3) == 0);
  const Learned learned(GetParam(), customers_, is_kept);
  Values values;
  for (size_t i = 0; i < customers_.size(); ++i) {
    if (is_kept[i]) Judge(learned, customers_[i], values);
  }
  std::printf("%zu customers never learned from; picked:", values.policy.size());
  for (size_t arm = 0; arm < kArms; ++arm) {
    std::printf(" %s %zu", kNames[arm], values.picked[arm]);
  }
  std::printf("; best for all: %s\n", kNames[learned.best()]);
  Print("visits, %", values.policy, 100);
  const double above =
      Print("above the random policy, points", Less(values.policy, values.random), 100);
  const double paired =
      Print("above the best for all, points", Less(values.policy, values.single), 100);
  Print("spend, $ a customer", values.spend, 1);
  Print("spend above the random policy, $", Less(values.spend, values.random_spend), 1);
  EXPECT_GT(above, 0);
  EXPECT_GT(paired, -0.015);
}

TEST_P(Hillstrom, EverybodyJudgedByWhatOthersTaughtVisitsMore) {
  constexpr size_t kFolds = 10;
  base::Random random(1, base::Id128{}, "hillstrom", "folds");
  std::vector<size_t> folds;
  for (size_t i = 0; i < customers_.size(); ++i) folds.push_back(random.Below(kFolds));
  Values values;
  for (size_t fold = 0; fold < kFolds; ++fold) {
    std::vector<bool> is_kept;
    for (const size_t one : folds) is_kept.push_back(one == fold);
    const Learned learned(GetParam(), customers_, is_kept);
    for (size_t i = 0; i < customers_.size(); ++i) {
      if (is_kept[i]) Judge(learned, customers_[i], values);
    }
  }
  const std::vector<double> gain = Less(values.policy, values.single);
  Print("10 folds: visits, %", values.policy, 100);
  Print("above the best for all, points", gain, 100);
  EXPECT_GE(MeanOf(gain).mean, 0);
}

INSTANTIATE_TEST_SUITE_P(, Hillstrom, testing::Values(Method::kAdaptive, Method::kFtrl),
                         [](const auto& method) {
                           return method.param == Method::kFtrl ? "Ftrl" : "Adaptive";
                         });

}  // namespace
}  // namespace batuta::learning

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  batuta::learning::g_path =
      argc > 1 ? argv[1] : batuta::learning::DataPath("hillstrom/hillstrom_visible.csv.gz");
  return RUN_ALL_TESTS();
}
