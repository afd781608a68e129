// A log of decisions from elsewhere: what was chosen, with which probability, and what came of it.
//
// A CSV with a line for each decision. Cells that are numbers are numbers, other cells text, and
// empty ones absent; columns that are not named below are the decision's context.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.pb.h"

namespace batuta::experiment {

struct LogColumns {
  std::string action = "action";
  std::string probability = "probability";  // that the log's policy gave to what it chose
  std::string reward = "reward";
};

struct LoggedDecision {
  uint32_t action = 0;  // index into DecisionLog::actions
  double probability = 0;
  double reward = 0;
  base::Fields context;
};

// What could be chosen, in each decision the same.
struct ActionTable {
  std::vector<std::string> names;
  std::vector<base::Fields> columns;  // parallel, the name among them
};

struct DecisionLog {
  ActionTable actions;
  std::vector<LoggedDecision> decisions;
};

struct CsvProblem {
  uint64_t line = 1;
  uint64_t column = 1;
  std::string message;
};

inline constexpr size_t kCsvProblemsMax = 100;

// The actions of a table with a line for each; its first column, or that of the given name, holds
// their names, which differ. Of no use if there are problems.
ActionTable ReadActions(std::string_view csv, std::string_view name_column,
                        std::vector<CsvProblem>& problems);

// Reads the log of these actions; if there are none, of those that it names, in the order of their
// names. Each probability is above 0 and at most 1, each reward finite. Of no use if there are
// problems, of which at most kCsvProblemsMax are told.
DecisionLog ReadLog(std::string_view csv, const LogColumns& columns, ActionTable actions,
                    std::vector<CsvProblem>& problems);

}  // namespace batuta::experiment
