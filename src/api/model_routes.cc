// Models: how well they predict, and what they have learned, per action and placement.
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "api/answer.h"
#include "api/ask.h"
#include "api/model_path.h"
#include "api/routes.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "base/value.h"
#include "learn/adaptive_bins.h"
#include "learn/adaptive_score.h"
#include "learn/bin_statistics.h"
#include "learn/ftrl_features.h"
#include "learn/predictor_code.h"

namespace batuta::api {
namespace {

using learn::PublishedAdaptive;
using learn::PublishedBin;
using learn::PublishedPredictor;

// What symbols are called, by any of the model's versions: who counts a symbol was not always told.
std::string NameOfSymbol(const learn::SymbolText& symbol) {
  return symbol.text().empty() ? base::StrCat("#", symbol.code()) : symbol.text();
}

// Bins of one predictor, in the order of the report.
class Bins {
 public:
  explicit Bins(const learn::Bin& all) : all_(all) {}

  void Add(const PublishedBin& bin, ObjectBuilder entry) {
    const learn::Bin counts{bin.positives(), bin.negatives()};
    entry.Add("positives", bin.positives());
    entry.Add("negatives", bin.negatives());
    entry.Add("propensity", learn::Propensity(counts));
    entry.Add("lift", learn::Lift(counts, all_));
    entry.Add("zRatio", learn::ZRatio(counts, all_));
    entry.Add("logOdds", bin.contribution());
    list_.Add(entry.Take());
  }
  base::Value Take() { return list_.Take(); }

 private:
  learn::Bin all_;
  ListBuilder list_;
};

base::Value BinsValue(const PublishedPredictor& predictor, const learn::Bin& all) {
  Bins bins(all);
  for (int i = 0; i < predictor.numbers_size(); ++i) {
    ObjectBuilder entry;
    if (i > 0) entry.Add("from", learn::ValueOfOrder(predictor.numbers(i).from()));
    if (i + 1 < predictor.numbers_size()) {
      entry.Add("below", learn::ValueOfOrder(predictor.numbers(i + 1).from()));
    }
    bins.Add(predictor.numbers(i), std::move(entry));
  }
  for (const PublishedBin& bin : predictor.symbols()) {
    ListBuilder values;
    for (const learn::SymbolText& symbol : bin.symbols()) {
      values.Add(base::TextValue(NameOfSymbol(symbol)));
    }
    ObjectBuilder entry;
    entry.Add("values", values.Take());
    bins.Add(bin, std::move(entry));
  }
  if (predictor.has_remaining())
    bins.Add(predictor.remaining(), ObjectBuilder().Add("other", true));
  if (predictor.has_missing()) bins.Add(predictor.missing(), ObjectBuilder().Add("missing", true));
  return bins.Take();
}

std::string ActivityCode(learn::Activity activity) {
  switch (activity) {
    case learn::ACTIVE:
      return "active";
    case learn::TOO_WEAK:
      return "tooWeak";
    case learn::FOLLOWS:
      return "follows";
    default:
      return "oneBin";
  }
}

// What only adaptive models say of a predictor: others choose for themselves.
void AddActivity(const PublishedPredictor& predictor, ObjectBuilder& out) {
  out.Add("state", ActivityCode(predictor.activity()));
  if (predictor.activity() == learn::FOLLOWS) out.Add("leader", predictor.leader());
  out.AddCount("group", predictor.group());
}

base::Value PredictorValue(const PublishedPredictor& predictor, const learn::Bin& all,
                           decision::ModelType type) {
  ObjectBuilder out;
  out.Add("predictor", predictor.name());
  if (type == decision::ModelType::kAdaptive) AddActivity(predictor, out);
  out.Add("auc", predictor.auc());
  out.Add("bins", BinsValue(predictor, all));
  return out.Take();
}

// The weights of a regression, in words.
class Weights {
 public:
  explicit Weights(const PublishedAdaptive& model) : model_(model) {}

  double Intercept() const {
    for (const learn::PublishedTerm& term : model_.linear().terms()) {
      if (term.key() == 0) return term.weight();
    }
    return 0;
  }

  // The largest ones either way, those first.
  base::Value Take() const {
    std::vector<const learn::PublishedTerm*> terms;
    for (const learn::PublishedTerm& term : model_.linear().terms()) {
      if (term.key() != 0) terms.push_back(&term);
    }
    std::stable_sort(terms.begin(), terms.end(), [](const auto* a, const auto* b) {
      return std::abs(a->weight()) > std::abs(b->weight());
    });
    if (terms.size() > kWeightsMax) terms.resize(kWeightsMax);
    ListBuilder list;
    for (const learn::PublishedTerm* term : terms) {
      ObjectBuilder entry;
      Describe(term->key(), term->code(), entry);
      if (term->cross_key() != 0) {
        ObjectBuilder with;
        Describe(term->cross_key(), term->cross_code(), with);
        entry.Add("with", with.Take());
      }
      entry.Add("weight", term->weight());
      list.Add(entry.Take());
    }
    return list.Take();
  }

 private:
  static constexpr size_t kWeightsMax = 100;

  void Describe(uint32_t key, uint64_t code, ObjectBuilder& out) const {
    const auto predictor =
        std::find_if(model_.predictors().begin(), model_.predictors().end(),
                     [key](const PublishedPredictor& one) { return one.key() == key; });
    const auto& scales = model_.linear().scales();
    const auto scale =
        std::find_if(scales.begin(), scales.end(),
                     [key](const learn::PublishedScale& one) { return one.key() == key; });
    if (predictor != model_.predictors().end()) out.Add("predictor", predictor->name());
    if (code == learn::kMissingCode) {
      out.Add("missing", true);
    } else if (code == learn::kSlopeCode) {
      if (scale == scales.end()) return;
      out.Add("mean", scale->mean());
      out.Add("deviation", scale->spread());
    } else if (learn::IsNumber(code)) {
      if (scale != scales.end()) DescribeRange(*scale, learn::OrderOf(code), out);
    } else if (predictor != model_.predictors().end()) {
      out.Add("value", NameOf(*predictor, code));
    }
  }

  static void DescribeRange(const learn::PublishedScale& scale, int32_t from, ObjectBuilder& out) {
    const auto& bounds = scale.bounds();
    const auto next = std::upper_bound(bounds.begin(), bounds.end(), from);
    if (next != bounds.begin()) out.Add("from", learn::ValueOfOrder(from));
    if (next != bounds.end()) out.Add("below", learn::ValueOfOrder(*next));
  }

  static std::string NameOf(const PublishedPredictor& predictor, uint64_t code) {
    for (const PublishedBin& bin : predictor.symbols()) {
      for (const learn::SymbolText& symbol : bin.symbols()) {
        if (symbol.code() == code) return NameOfSymbol(symbol);
      }
    }
    return base::StrCat("#", code);
  }

  const PublishedAdaptive& model_;
};

std::string TypeCode(decision::ModelType type) {
  switch (type) {
    case decision::ModelType::kAdaptive:
      return "adaptive";
    case decision::ModelType::kFtrl:
      return "ftrl";
    case decision::ModelType::kTrees:
      return "trees";
    default:
      return "beta";
  }
}

// Of people from whom holdouts keep the action.
base::Value NaturalValue(const learn::PublishedModel& natural) {
  return ObjectBuilder()
      .Add("rate", natural.alpha() / (natural.alpha() + natural.beta()))
      .AddCount("examples", natural.examples())
      .Take();
}

base::Value InstanceValue(const PublishedAdaptive& model, decision::ModelType type,
                          const learn::Models& models) {
  const learn::Bin all{model.positives(), model.negatives()};
  ObjectBuilder out;
  if (model.action().empty()) {
    out.Add("shared", true);
  } else {
    out.Add("action", model.action());
  }
  out.Add("placement", model.placement());
  if (model.natural()) out.Add("natural", true);
  const learn::PublishedModel* natural = models.FindNatural(model.action(), model.placement());
  if (natural != nullptr && !model.natural()) out.Add("naturalRate", NaturalValue(*natural));
  out.Add("positives", model.positives());
  out.Add("negatives", model.negatives());
  out.Add("maturity", model.maturity());
  out.Add("auc", model.auc());
  out.Add("calibrationError", model.calibration_error());
  out.Add("predictions", model.predicted_examples());
  ListBuilder predictors;
  for (const PublishedPredictor& one : model.predictors()) {
    predictors.Add(PredictorValue(one, all, type));
  }
  out.Add("predictors", predictors.Take());
  if (model.has_linear()) {
    const Weights weights(model);
    out.Add("intercept", weights.Intercept());
    out.Add("weights", weights.Take());
  }
  return out.Take();
}

void ReportIn(const ExchangePtr& exchange, engine::Fold& fold) {
  const decision::Model* model = FindModelInPath(exchange, *fold.definitions().catalogue);
  if (model == nullptr) return;
  ObjectBuilder out;
  out.Add("model", model->name);
  out.Add("type", TypeCode(model->type));
  out.Add("halfLife", base::FormatDuration(model->half_life));
  ListBuilder instances;
  for (const auto& [key, scorer] : fold.models().adaptive()) {
    const PublishedAdaptive& instance = scorer->model();
    // What was learned before the model was shared, or while it was, is not asked any more.
    if (instance.model() != model->name || instance.action().empty() != model->shared) continue;
    instances.Add(InstanceValue(instance, model->type, fold.models()));
  }
  out.Add("instances", instances.Take());
  exchange->Json(base::ToJson(out.Take()));
}

// Published models are the same in every partition.
void Report(const ExchangePtr& exchange) {
  exchange->core().hub.runtime().Run(base::PartitionId{0},
                                     [exchange](engine::Fold& fold) { ReportIn(exchange, fold); });
}

}  // namespace

void AddModelRoutes(Core& core) {
  AddRoute(core, http::Method::kGet, "/v1/models/{name}:report", {.scope = "resources:read"},
           [](const ExchangePtr& exchange) {
             AfterSettling(exchange, [exchange] { Report(exchange); });
           });
}

}  // namespace batuta::api
