#include "decision/cohort_fields.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "decision/situation.h"
#include "rule/aggregates.h"

namespace batuta::decision {
namespace {

constexpr double kNanosPerDay = 86'400e9;

bool IsPlainWord(std::string_view name) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && is_letter(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9');
  });
}

Cell Number(double number) { return {.kind = Cell::Kind::kNumber, .number = number}; }

Cell Text(std::string_view text, CohortTexts& texts) {
  return {.kind = Cell::Kind::kText, .text = texts.Number(text)};
}

// What has no value, or one of another kind, is missing.
Cell CellOf(const expr::Value& value, CohortTexts& texts) {
  switch (value.kind()) {
    case expr::Kind::kBool:
      return {.kind = Cell::Kind::kText,
              .text = value.AsBool() ? CohortTexts::kTrue : CohortTexts::kFalse};
    case expr::Kind::kInt:
      return Number(static_cast<double>(value.AsInt()));
    case expr::Kind::kUint:
      return Number(static_cast<double>(value.AsUint()));
    case expr::Kind::kDouble:
      // Of a value that is no number nothing is less or more.
      return value.AsDouble() == value.AsDouble() ? Number(value.AsDouble()) : Cell{};
    case expr::Kind::kDuration:
      return Number(static_cast<double>(value.duration_nanos()) / kNanosPerDay);
    case expr::Kind::kString:
      return Text(value.AsText(), texts);
    default:
      return {};
  }
}

}  // namespace

std::string PathOf(std::string_view parent, std::string_view name) {
  return IsPlainWord(name) ? base::StrCat(parent, ".", name)
                           : base::StrCat(parent, ".`", name, "`");
}

std::shared_ptr<const CohortFields> CohortFields::Of(const Catalogue& catalogue,
                                                     const Placement& placement,
                                                     const feature::Catalogue& features,
                                                     const rule::Vocabulary& vocabulary) {
  auto fields = std::make_shared<CohortFields>();
  if (const Model* model = catalogue.FindModel(placement.model)) {
    for (const Predictor& predictor : model->predictors) {
      if (predictor.value == nullptr) continue;  // of what is offered
      fields->Add({CohortField::Of::kPredictor, predictor.name, predictor.value->text()},
                  vocabulary);
    }
  }
  for (const feature::NamedFeature& feature : features.named()) {
    fields->Add({CohortField::Of::kFeature, feature.name, PathOf("feature", feature.name)},
                vocabulary);
  }
  for (const std::string& trait : vocabulary.traits()) {
    fields->Add({CohortField::Of::kTrait, trait, PathOf("person.traits", trait)}, vocabulary);
  }
  for (const std::string& segment : vocabulary.segments()) {
    const std::string quoted = base::ToJson(base::TextValue(segment));
    fields->Add({CohortField::Of::kSegment, segment, quoted + " in person.segments"}, vocabulary);
  }
  return fields;
}

void CohortFields::Add(CohortField field, const rule::Vocabulary& vocabulary) {
  const bool is_known = std::any_of(all_.begin(), all_.end(), [&](const CohortField& known) {
    return known.expression == field.expression;
  });
  if (is_known || all_.size() == kCohortFieldsMax) return;
  rule::Compiled compiled =
      rule::Compile(field.expression, vocabulary,
                    {.site = rule::Site::kDecision, .says = rule::Says::kValue}, table_);
  if (compiled.rule == nullptr) return;
  const std::vector<std::string>& reads = compiled.rule->reads();
  field.is_path = field.of == CohortField::Of::kTrait || field.of == CohortField::Of::kFeature ||
                  (reads.size() == 1 && reads[0] == field.expression);
  field.is_duration = compiled.type.kind() == expr::Kind::kDuration;
  field.value = std::move(compiled.rule);
  all_.push_back(std::move(field));
}

const std::vector<Cell>& CohortReader::Read(const PersonView& person, const base::Fields& context,
                                            base::Time now, CohortTexts& texts) {
  const rule::AggregateTexts no_texts;
  const Situation situation(person, &context, now, no_texts, nullptr);
  expr::Activation activation(fields_.table(), situation);
  cells_.clear();
  for (const CohortField& field : fields_.all()) {
    cells_.push_back(CellOf(evaluator_.Evaluate(field.value->program(), activation), texts));
  }
  return cells_;
}

}  // namespace batuta::decision
