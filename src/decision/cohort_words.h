// Cohorts and what befalls people in them, as marketers read them, and as rules that find the same
// people. Pure.
#pragma once

#include <string>
#include <string_view>

#include "decision/cohort_fields.h"
#include "decision/cohort_people.h"
#include "decision/cohorts.h"
#include "decision/explain_words.h"
#include "decision/value_tally.h"

namespace batuta::decision {

// "nothing", "weak", "strong".
std::string_view ServedCode(Served served);
// As explanations have them; "noActions" where there was nothing to fall out.
std::string StageCodeOf(Stage stage);
// Of what is weak "lowPropensity" or "lowNetValue".
std::string FallCode(const Fall& fall);
// "rule of group cards", "no consent for marketing", "policy weekly: capped".
std::string FallText(const Fall& fall, Language language);

// "orders_90d = 0", "country is not MX or is unknown", "in segment vip".
std::string ConditionText(const CohortCondition& condition, const CohortField& field,
                          const CohortTexts& texts, Language language);
// The rule that holds of the same people; "" where a rule cannot say it.
std::string ConditionRule(const CohortCondition& condition, const CohortField& field,
                          const CohortTexts& texts);

}  // namespace batuta::decision
