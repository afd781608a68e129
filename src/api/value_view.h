// What the value finder found, as it is answered. Internal to this folder.
#pragma once

#include <string>

#include "api/value_question.h"
#include "api/value_run.h"

namespace batuta::api {

// {placement, people, looked, exact, strong, weak, nothing, stages, reasons, actions, cohorts, …}.
// Shares of a sample come with the interval that has the share of everybody in 95 of 100 cases
// (Wilson 1927, "Probable inference").
std::string ValueJson(const ValueQuestion& question, const ValueFound& found);

}  // namespace batuta::api
