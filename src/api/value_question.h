// What the value finder is asked: whom to look at, at which placement, and what counts as weak.
// Internal to this folder.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "api/exchange.h"
#include "base/value.pb.h"
#include "decision/cohort_fields.h"
#include "decision/explain_words.h"
#include "decision/value_tally.h"
#include "engine/definitions.h"
#include "rule/person.h"

namespace batuta::api {

struct ValueWish {
  std::string placement = {};
  std::string segment = {};  // "": everybody
  uint64_t sample = 0;       // people; 0: all of them
  uint64_t smallest = 0;     // people in a cohort; 0: a hundredth of those looked at, 20 at least
  decision::ValueThreshold weak_below = {};
  base::Fields context = {};                                   // of the requests
  decision::Language language = decision::Language::kEnglish;  // of texts
};

// With what is declared of people, by one version of the definitions. Immutable; shared.
struct ValueQuestion {
  ValueWish wish;
  std::shared_ptr<const engine::Definitions> definitions;
  std::shared_ptr<const decision::CohortFields> fields;
  rule::ReadPlan plan;  // of the fields
};

// Nothing, with the request answered, if something is wrong with it.
std::optional<ValueWish> ReadValueWish(const ExchangePtr& exchange);

// By the definitions of now; null, with the request answered, if there is no such placement or
// segment. Takes milliseconds.
std::shared_ptr<const ValueQuestion> MakeValueQuestion(const ExchangePtr& exchange,
                                                       const ValueWish& wish);

}  // namespace batuta::api
