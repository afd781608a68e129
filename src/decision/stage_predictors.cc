// Predictors: what the adaptive model of the placement reads of the person and the context, as
// codes (learn/predictor_code.h). Read once for all candidates. The trace holds codes and not what
// was read: a replay takes them as they were logged.
#include <limits>
#include <string>

#include "base/value.h"
#include "decision/pipeline.h"
#include "decision/situation.h"
#include "expr/evaluate.h"
#include "learn/predictor_code.h"

namespace batuta::decision {
namespace {

constexpr double kNanosPerDay = 86'400e9;

// The code of a value, and its text if it is a symbol. What has no value, or one of another kind,
// is missing.
uint64_t CodeOf(const expr::Value& value, std::string& text) {
  switch (value.kind()) {
    case expr::Kind::kBool:
      text = value.AsBool() ? "true" : "false";
      return learn::SymbolCode(text);
    case expr::Kind::kInt:
      return learn::NumberCode(static_cast<double>(value.AsInt()));
    case expr::Kind::kUint:
      return learn::NumberCode(static_cast<double>(value.AsUint()));
    case expr::Kind::kDouble:
      return learn::NumberCode(value.AsDouble());
    case expr::Kind::kDuration:
      return learn::NumberCode(static_cast<double>(value.duration_nanos()) / kNanosPerDay);
    case expr::Kind::kString:
      text = std::string(value.AsText());
      return learn::SymbolCode(text);
    default:
      return learn::kMissingCode;
  }
}

// As trees compare it; what is no number is missing to them.
float NumberOf(const expr::Value& value) {
  switch (value.kind()) {
    case expr::Kind::kBool:
      return value.AsBool() ? 1 : 0;
    case expr::Kind::kInt:
      return static_cast<float>(value.AsInt());
    case expr::Kind::kUint:
      return static_cast<float>(value.AsUint());
    case expr::Kind::kDouble:
      return static_cast<float>(value.AsDouble());
    case expr::Kind::kDuration:
      return static_cast<float>(static_cast<double>(value.duration_nanos()) / kNanosPerDay);
    default:
      return std::numeric_limits<float>::quiet_NaN();
  }
}

// Missing, until it is known what is offered (offered.h).
void AddOffered(const Predictor& predictor, const Model& model, Decision& decision) {
  learn::PredictorValues& values = *decision.mutable_predictors();
  const auto place = static_cast<uint32_t>(values.keys_size());
  values.add_offered(place);
  if (predictor.offered == OfferedField::kSlot) values.set_slot(place);
  values.add_keys(predictor.key);
  values.add_codes(learn::kMissingCode);
  if (model.type == ModelType::kTrees) {
    values.add_numbers(std::numeric_limits<float>::quiet_NaN());
  }
  decision.mutable_trace()->add_predictors(predictor.name);
}

}  // namespace

void StagePredictors(const Model& model, const Catalogue& catalogue, const Situation& situation,
                     const learn::ModelView& models, Decision& decision) {
  learn::PredictorValues& values = *decision.mutable_predictors();
  values.set_model(model.name);
  expr::Activation activation(catalogue.attributes(), situation);
  expr::Evaluator evaluator(rule::kRuleBudget);
  values.set_shared(model.shared);
  for (const Predictor& predictor : model.predictors) {
    if (predictor.offered) {
      AddOffered(predictor, model, decision);
      continue;
    }
    std::string text;
    const expr::Value value = evaluator.Evaluate(predictor.value->program(), activation);
    const uint64_t code = CodeOf(value, text);
    values.add_keys(predictor.key);
    values.add_codes(code);
    if (model.type == ModelType::kTrees) values.add_numbers(NumberOf(value));
    decision.mutable_trace()->add_predictors(predictor.name);
    if (!learn::IsSymbol(code) || models.NamesSymbol(model.name, code)) continue;
    learn::SymbolText& symbol = *values.add_texts();
    symbol.set_code(code);
    symbol.set_text(learn::LabelOf(text));
  }
}

}  // namespace batuta::decision
