// The adaptive model on real data: who subscribed a term deposit when a bank phoned (Moro, Cortez
// and Rita, "A data-driven approach to predict the success of bank telemarketing", Decision Support
// Systems 62, 2014), without the duration of the call, which nobody knows before it.
//
// Customers come in the order of the file; the model predicts each before it learns what they did.
// Of five stratified folds one at a time is never learned from, and is predicted by the last
// version. The file is expected in ../shared/data, or where BATUTA_DATASETS points.
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "base/ids.h"
#include "learn/adaptive_model.h"
#include "learn/adaptive_publish.h"
#include "learn/beta_model.h"
#include "learn/bin_statistics.h"
#include "learn/models.h"
#include "learn/predictor_code.h"

namespace batuta::learn {
namespace {

constexpr base::Time kNow{base::Days(20'000).micros};
constexpr int kFolds = 5;

std::string DataPath() {
  const char* folder = std::getenv("BATUTA_DATASETS");
  return (folder == nullptr ? std::string("../shared/data") : folder) +
         "/bank_marketing/bank-additional-full.csv.gz";
}

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

struct Customer {
  PredictorValues values;
  bool subscribed = false;
  int fold = 0;
};

struct Table {
  std::vector<std::string> predictors;
  std::vector<Customer> customers;
};

Table ReadTable() {
  Table table;
  const std::string text = ReadGzip(DataPath());
  std::vector<std::string> names;
  int seen[2] = {};
  for (const auto line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    std::vector<std::string> fields;
    for (auto field : absl::StrSplit(line, ';')) {
      fields.emplace_back(absl::StripSuffix(absl::StripPrefix(field, "\""), "\""));
    }
    if (names.empty()) {
      names = fields;
      for (const std::string& name : names) {
        if (name != "duration" && name != "y") table.predictors.push_back(name);
      }
      continue;
    }
    Customer customer;
    customer.values.set_model("deposit");
    for (size_t i = 0; i < fields.size(); ++i) {
      if (names[i] == "y") customer.subscribed = fields[i] == "yes";
      if (names[i] == "duration" || names[i] == "y") continue;
      double number = 0;
      customer.values.add_keys(PredictorKey(names[i]));
      customer.values.add_codes(absl::SimpleAtod(fields[i], &number) ? NumberCode(number)
                                                                     : SymbolCode(fields[i]));
    }
    // Every fold has the same share of subscribers.
    customer.fold = seen[customer.subscribed ? 1 : 0]++ % kFolds;
    table.customers.push_back(std::move(customer));
  }
  return table;
}

// The models of one fold, taught as the hub teaches them.
class Learner {
 public:
  explicit Learner(const std::vector<std::string>& predictors) : predictors_(predictors) {
    beta_.set_action("deposit");
    adaptive_.set_model("deposit");
    adaptive_.set_action("deposit");
    adaptive_.set_placement("phone");
    adaptive_.set_half_life(base::Days(180).micros);
  }

  Opinion Ask(const Customer& customer) const {
    return models_.Judge("deposit", "phone", customer.values);
  }

  void Learn(const Customer& customer, uint64_t number) {
    const Opinion opinion = Ask(customer);
    TrainingMessage message;
    message.set_action("deposit");
    message.set_placement("phone");
    message.set_level(ACCEPTED_LEVEL);
    message.set_positive(customer.subscribed);
    message.set_weight_micros(1'000'000);
    message.set_example_time(kNow.micros);
    message.set_decision(base::Id128{number, 1}.ToBytes());
    message.set_predicted(opinion.belief.Mean());
    if (opinion.is_adaptive) message.set_score(opinion.score);
    *message.mutable_values() = customer.values;
    Train(beta_, message, {});
    TrainAdaptive(adaptive_, message);
    if (IsWorthPublishing(adaptive_)) PublishAll();
  }

  void PublishAll() {
    PublishedModels update;
    update.set_version(++version_);
    update.add_actions("deposit");
    for (const PublishedModel& model : Publish(beta_, {.now = kNow})) *update.add_models() = model;
    Settle(adaptive_, predictors_, kNow);
    adaptive_.set_published_at(adaptive_.taught());
    *update.add_adaptive() = PublishAdaptive(adaptive_, predictors_, kNow);
    models_ = models_.With(update);
  }

  const PublishedAdaptive& model() const { return models_.adaptive().begin()->second->model(); }

 private:
  const std::vector<std::string>& predictors_;
  ModelState beta_;
  AdaptiveState adaptive_;
  Models models_;
  uint64_t version_ = 0;
};

// The area under the ROC curve of (prediction, label); equal predictions share.
double AucOf(std::vector<std::pair<double, bool>> predictions) {
  std::sort(predictions.begin(), predictions.end());
  std::vector<Bin> bins;
  double last = -1;
  for (const auto& [predicted, positive] : predictions) {
    if (bins.empty() || predicted != last) bins.emplace_back();
    last = predicted;
    (positive ? bins.back().positives : bins.back().negatives) += 1;
  }
  return RankedAuc(bins);
}

TEST(BankMarketing, AdaptiveModelTellsWhoSubscribes) {
  if (!std::filesystem::exists(DataPath())) {
    GTEST_SKIP() << "skipped: " << DataPath() << " is not there";
  }
  const Table table = ReadTable();
  ASSERT_EQ(table.customers.size(), 41'188u);
  ASSERT_EQ(table.predictors.size(), 19u);
  double sum = 0;
  for (int fold = 0; fold < kFolds; ++fold) {
    Learner learner(table.predictors);
    uint64_t number = 0;
    for (const Customer& customer : table.customers) {
      ++number;
      if (customer.fold != fold) learner.Learn(customer, number);
    }
    learner.PublishAll();
    std::vector<std::pair<double, bool>> predictions;
    std::vector<std::pair<double, bool>> scores;
    for (const Customer& customer : table.customers) {
      if (customer.fold != fold) continue;
      const Opinion opinion = learner.Ask(customer);
      predictions.emplace_back(opinion.belief.Mean(), customer.subscribed);
      scores.emplace_back(opinion.score + 100, customer.subscribed);
    }
    const double auc = AucOf(predictions);
    sum += auc;
    std::printf("fold %d: AUC %.4f (of the score %.4f), progressive %.4f, calibration error %.4f\n",
                fold, auc, AucOf(scores), learner.model().auc(),
                learner.model().calibration_error());
    if (fold > 0) continue;
    for (const PublishedPredictor& one : learner.model().predictors()) {
      std::printf("  %-15s AUC %.3f group %u %s\n", one.name().c_str(), one.auc(), one.group(),
                  Activity_Name(one.activity()).c_str());
    }
  }
  std::printf("mean AUC %.4f\n", sum / kFolds);
  EXPECT_GE(sum / kFolds, 0.785);
}

}  // namespace
}  // namespace batuta::learn
