// The examples that are kept for a model of trees, as CSV: action, placement, time, accepted,
// predicted, probability, and a column for each predictor. Read some at a time between everything
// else. What is read of the person stands there as numbers; no cell holds what a stranger wrote.
#include <charconv>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/answer.h"
#include "api/ask.h"
#include "api/member_stream.h"
#include "api/model_path.h"
#include "api/piece_stream.h"
#include "api/routes.h"
#include "base/csv.h"
#include "base/status.h"
#include "base/text.h"
#include "base/time.h"
#include "engine/example_rows.h"

namespace batuta::api {
namespace {

constexpr size_t kStep = 512;  // examples read at once

// As short as it can be for the same number; empty if it is missing.
template <typename Number>
std::string NumberText(Number number) {
  if (std::isnan(number)) return "";
  char text[32];
  const auto end = std::to_chars(std::begin(text), std::end(text), number);
  return std::string(text, end.ptr);
}

class ExampleSource : public std::enable_shared_from_this<ExampleSource> {
 public:
  // `model` as it is now: examples with other predictors are left out.
  ExampleSource(Core& core, const decision::Model& model)
      : core_(core), name_(model.name), predictors_(model.Names()) {
    std::vector<uint32_t> keys;
    for (const decision::Predictor& predictor : model.predictors) keys.push_back(predictor.key);
    shape_ = engine::ShapeOf(keys);
  }

  void Make(PieceDone done) {
    core_.hub.runtime().Run(
        base::PartitionId{partition_},
        [self = shared_from_this(), done = std::move(done)](engine::Fold& fold) {
          Piece piece;
          if (std::exchange(self->is_first_, false)) self->AddHeader(piece.bytes);
          self->Read(fold, piece.bytes);
          piece.more = self->partition_ < self->core_.hub.runtime().partitions();
          done(std::move(piece));
        });
  }

 private:
  void AddHeader(std::string& out) const {
    std::vector<std::string_view> names = {"action",   "placement", "time",
                                           "accepted", "predicted", "probability"};
    names.insert(names.end(), predictors_.begin(), predictors_.end());
    base::AppendCsvRow(names, out);
  }

  // Some examples of the partition; behind the last, on to the next partition.
  void Read(engine::Fold& fold, std::string& out) {
    size_t count = 0;
    const auto add = [&](const engine::KeptExample& example) {
      if (example.row.shape() == shape_) AddRow(example, out);
      return ++count < kStep;
    };
    after_ = engine::VisitExamples(fold.state(), name_, after_, add);
    if (count == kStep) return;
    ++partition_;
    after_.clear();
  }

  void AddRow(const engine::KeptExample& example, std::string& out) const {
    const std::string time = base::FormatRfc3339(example.shown);
    std::vector<std::string> numbers = {NumberText(example.row.predicted()),
                                        NumberText(example.row.probability())};
    for (const float number : example.row.numbers()) numbers.push_back(NumberText(number));
    std::vector<std::string_view> cells = {example.action, example.placement, time,
                                           example.row.positive() ? "1" : "0"};
    cells.insert(cells.end(), numbers.begin(), numbers.end());
    base::AppendCsvRow(cells, out);
  }

  Core& core_;
  const std::string name_;
  const std::vector<std::string> predictors_;
  uint32_t shape_ = 0;
  bool is_first_ = true;
  uint16_t partition_ = 0;
  std::string after_;  // the row of the last example
};

void StreamExamples(const ExchangePtr& exchange) {
  const auto definitions = exchange->core().definitions.Now()->definitions;
  const decision::Model* model = FindModelInPath(exchange, *definitions->catalogue);
  if (model == nullptr) return;
  if (model->type != decision::ModelType::kTrees) {
    return exchange->Fail(http::Status::kConflict, "keeps_no_examples",
                          "Only a model of type: trees keeps examples.");
  }
  auto source = std::make_shared<ExampleSource>(exchange->core(), *model);
  exchange->Send(CsvResponse(
      model->name + ".csv", StreamOf([source](PieceDone done) { source->Make(std::move(done)); })));
}

}  // namespace

void AddExampleRoutes(Core& core) {
  AddRoute(core, http::Method::kGet, "/v1/models/{name}/examples", {.scope = "people:read"},
           [](const ExchangePtr& exchange) {
             AfterSettling(exchange, [exchange] { StreamExamples(exchange); });
           });
}

}  // namespace batuta::api
