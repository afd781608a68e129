#include "decision/offered.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include "base/status.h"
#include "learn/predictor_code.h"

namespace batuta::decision {
namespace {

using Codes = google::protobuf::RepeatedField<uint64_t>;
using Numbers = google::protobuf::RepeatedField<float>;

constexpr double kMicrosPerDay = 86'400e6;
constexpr float kNoNumber = std::numeric_limits<float>::quiet_NaN();

std::string_view ClassName(policy::ActionClass action_class) {
  if (action_class == policy::TRANSACTIONAL) return "transactional";
  return action_class == policy::SERVICE ? "service" : "marketing";
}

std::string_view TextOf(OfferedField field, const CandidateTrace& candidate) {
  switch (field) {
    case OfferedField::kName:
      return candidate.action();
    case OfferedField::kGroup:
      return candidate.group();
    case OfferedField::kIssue:
      return candidate.issue();
    case OfferedField::kClass:
      return ClassName(candidate.action_class());
    case OfferedField::kTreatment:
      return candidate.treatment();
    case OfferedField::kVariant:
      return candidate.variant();
    default:
      return "";
  }
}

double DaysOf(base::Duration span) { return static_cast<double>(span.micros) / kMicrosPerDay; }

// Without `slot` nothing is known of where it stands.
std::optional<double> NumberOf(OfferedField field, const CandidateTrace& candidate,
                               const Terms& terms, base::Time now, std::optional<uint32_t> slot) {
  switch (field) {
    case OfferedField::kValue:
      return static_cast<double>(candidate.value_micros()) / 1e6;
    case OfferedField::kCost:
      return static_cast<double>(candidate.cost_micros()) / 1e6;
    case OfferedField::kLever:
      return candidate.lever();
    case OfferedField::kAge:
      return terms.starts ? std::optional(DaysOf(now - *terms.starts)) : std::nullopt;
    case OfferedField::kLeft:
      return terms.ends ? std::optional(DaysOf(*terms.ends - now)) : std::nullopt;
    case OfferedField::kSlot:
      return slot;
    default:
      return std::nullopt;
  }
}

// What the model reads of the candidate, which is still as its definitions describe it.
void Describe(const Model& model, const Terms& terms, base::Time now, std::optional<uint32_t> slot,
              CandidateTrace& candidate) {
  for (const Predictor& predictor : model.predictors) {
    if (!predictor.offered) continue;
    const std::string_view text = TextOf(*predictor.offered, candidate);
    const std::optional<double> number = NumberOf(*predictor.offered, candidate, terms, now, slot);
    candidate.add_codes(!text.empty() ? learn::SymbolCode(text)
                        : number      ? learn::NumberCode(*number)
                                      : learn::kMissingCode);
    if (model.type != ModelType::kTrees) continue;
    candidate.add_numbers(number ? static_cast<float>(*number) : kNoNumber);
  }
}

// A logged decision may be damaged.
bool HasPlace(const learn::PredictorValues& values, int place) {
  return place >= 0 && place < values.codes_size();
}

// The places of what is offered, as far as the codes go.
int CountOf(const learn::PredictorValues& values, const Codes& codes) {
  return std::min(values.offered_size(), codes.size());
}

void Put(const Codes& codes, const Numbers& numbers, learn::PredictorValues& values) {
  for (int i = 0; i < CountOf(values, codes); ++i) {
    const auto place = static_cast<int>(values.offered(i));
    if (!HasPlace(values, place)) continue;
    values.set_codes(place, codes[i]);
    if (i < numbers.size() && place < values.numbers_size()) values.set_numbers(place, numbers[i]);
  }
}

bool IsSlot(const learn::PredictorValues& values, int place) {
  return values.has_slot() && values.slot() == static_cast<uint32_t>(place);
}

// What the codes among the values are, in the order of what is offered.
template <typename Out>
void Take(const learn::PredictorValues& values, Out& out) {
  for (const uint32_t offered : values.offered()) {
    const auto place = static_cast<int>(offered);
    out.add_codes(HasPlace(values, place) ? values.codes(place) : learn::kMissingCode);
    if (values.numbers().empty()) continue;
    out.add_numbers(place >= 0 && place < values.numbers_size() ? values.numbers(place)
                                                                : kNoNumber);
  }
}

// Notes what symbols are called that no version of the model names.
void NameSymbols(const learn::ModelView& models, const CandidateTrace& candidate,
                 learn::PredictorValues& values) {
  for (const uint64_t code : candidate.codes()) {
    if (!learn::IsSymbol(code)) continue;
    const auto& texts = values.texts();
    const bool is_noted =
        std::any_of(texts.begin(), texts.end(),
                    [&](const learn::SymbolText& text) { return text.code() == code; });
    if (is_noted || models.NamesSymbol(values.model(), code)) continue;
    learn::SymbolText& symbol = *values.add_texts();
    symbol.set_code(code);
    symbol.set_text(learn::LabelOf(SymbolOf(candidate, code)));
  }
}

}  // namespace

OfferedValues::OfferedValues(const learn::PredictorValues& person) : person_(person) {
  if (person.offered().empty()) return;
  filled_ = person;
  filled_.clear_texts();
}

const learn::PredictorValues& OfferedValues::Of(const CandidateTrace& candidate) {
  if (person_.offered().empty()) return person_;
  Put(candidate.codes(), candidate.numbers(), filled_);
  return filled_;
}

const learn::PredictorValues& OfferedValues::In(uint32_t slot, const CandidateTrace& candidate) {
  Of(candidate);
  if (!person_.has_slot()) return filled_;
  const auto place = static_cast<int>(person_.slot());
  if (!HasPlace(filled_, place)) return filled_;
  filled_.set_codes(place, learn::NumberCode(slot));
  if (place < filled_.numbers_size()) filled_.set_numbers(place, static_cast<float>(slot));
  return filled_;
}

void StageOffered(const Catalogue& catalogue, const Placement& placement, base::Time now,
                  Decision& decision) {
  if (decision.predictors().offered().empty()) return;
  const Model* model = catalogue.FindModel(placement.model);
  if (model == nullptr) return;
  Trace& trace = *decision.mutable_trace();
  BATUTA_CHECK(static_cast<size_t>(trace.candidates_size()) == placement.candidates.size());
  for (int i = 0; i < trace.candidates_size(); ++i) {
    const Action& action = *placement.candidates[static_cast<size_t>(i)].action;
    Describe(*model, action.terms, now, /*slot=*/1, *trace.mutable_candidates(i));
  }
}

void ReadOffered(const Model& model, const Action* action, const learn::ModelView& models,
                 Decision& decision) {
  learn::PredictorValues& values = *decision.mutable_predictors();
  if (values.offered().empty()) return;
  CandidateTrace candidate;
  const base::Time then{decision.log_time()};
  if (action != nullptr) DescribeAction(*action, then, candidate);
  candidate.set_action(decision.chosen(0).action());
  Describe(model, action == nullptr ? Terms() : action->terms, then, std::nullopt, candidate);
  Put(candidate.codes(), candidate.numbers(), values);
  NameSymbols(models, candidate, values);
  values.clear_offered();
  values.clear_slot();
}

void JudgeInSlot(Run& run, const CandidateTrace& candidate, uint32_t slot, Chosen& chosen) {
  const learn::PredictorValues& person = run.decision.predictors();
  if (person.offered().empty()) return;
  OfferedValues all(person);
  const learn::PredictorValues& values = all.In(slot, candidate);
  Take(values, chosen);
  NameSymbols(run.models, candidate, *run.decision.mutable_predictors());
  if (slot == 1 || !person.has_slot()) return;
  const learn::Opinion opinion =
      run.models.Judge(candidate.action(), run.decision.placement(), values);
  chosen.set_propensity(opinion.belief.Mean());
  chosen.clear_score();
  if (opinion.is_adaptive) chosen.set_score(opinion.score);
}

void NoteOffered(Run& run, const CandidateTrace& candidate, Withheld& withheld) {
  if (run.decision.predictors().offered().empty()) return;
  *withheld.mutable_codes() = candidate.codes();
  *withheld.mutable_numbers() = candidate.numbers();
  NameSymbols(run.models, candidate, *run.decision.mutable_predictors());
}

learn::PredictorValues ValuesOf(const OpenDecision& open, const OpenSlot& slot) {
  learn::PredictorValues values = open.predictors();
  Put(slot.codes(), slot.numbers(), values);
  values.clear_offered();
  values.clear_slot();
  return values;
}

bool AreOf(const learn::PredictorValues& values, const CandidateTrace& candidate) {
  for (int i = 0; i < CountOf(values, candidate.codes()); ++i) {
    const auto place = static_cast<int>(values.offered(i));
    if (!HasPlace(values, place) || IsSlot(values, place)) continue;
    if (values.codes(place) != candidate.codes(i)) return false;
  }
  return true;
}

bool AreOf(const learn::PredictorValues& values, const Chosen& chosen) {
  for (int i = 0; i < CountOf(values, chosen.codes()); ++i) {
    const auto place = static_cast<int>(values.offered(i));
    if (HasPlace(values, place) && values.codes(place) != chosen.codes(i)) return false;
  }
  return true;
}

uint32_t SlotOf(const learn::PredictorValues& values) {
  const auto place = static_cast<int>(values.slot());
  if (!values.has_slot() || !HasPlace(values, place)) return 0;
  const uint64_t code = values.codes(place);
  if (!learn::IsNumber(code) || learn::OrderOf(code) < 0) return 0;
  return static_cast<uint32_t>(learn::ValueOfOrder(learn::OrderOf(code)));
}

std::string_view SymbolOf(const CandidateTrace& candidate, uint64_t code) {
  for (const OfferedField field :
       {OfferedField::kName, OfferedField::kGroup, OfferedField::kIssue, OfferedField::kClass,
        OfferedField::kTreatment, OfferedField::kVariant}) {
    const std::string_view text = TextOf(field, candidate);
    if (!text.empty() && learn::SymbolCode(text) == code) return text;
  }
  return "";
}

}  // namespace batuta::decision
