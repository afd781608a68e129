#include "experiment/decision_log.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "base/csv.h"
#include "base/text.h"
#include "base/value.h"

namespace batuta::experiment {
namespace {

std::optional<double> NumberIn(std::string_view text) {
  double number = 0;
  if (!absl::SimpleAtod(base::AbslView(text), &number) || !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

// The lines of a table after the one that names its columns.
class TableReader {
 public:
  TableReader(std::string_view csv, std::vector<CsvProblem>& problems)
      : parser_(csv), problems_(problems) {
    if (!parser_.Next(record_) || !record_.problem.empty()) {
      Fail(1, 1, "the first line names the columns");
      is_over_ = true;
      return;
    }
    for (const base::CsvField& field : record_.fields) names_.push_back(field.text);
  }

  const std::vector<std::string>& names() const { return names_; }
  const base::CsvRecord& record() const { return record_; }

  std::optional<size_t> Find(std::string_view name) {
    if (is_over_) return std::nullopt;
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found != names_.end()) return static_cast<size_t>(found - names_.begin());
    Fail(1, 1, base::StrCat("there is no column \"", name, "\""));
    return std::nullopt;
  }

  // False at the end; lines that cannot be read are told and passed over.
  bool Next() {
    while (!is_over_ && parser_.Next(record_)) {
      if (!record_.problem.empty()) {
        Fail(record_.problem_line, record_.problem_column, record_.detail);
      } else if (record_.fields.size() != names_.size()) {
        Fail(record_.line, 1,
             base::StrCat("the line has ", record_.fields.size(), " fields, and there are ",
                          names_.size(), " columns"));
      } else {
        return true;
      }
    }
    return false;
  }

  void Fail(const base::CsvField& field, std::string message) {
    Fail(field.line, field.column, std::move(message));
  }

  // The cells of the line but for these columns.
  base::Fields FieldsBut(const std::vector<size_t>& left_out) const {
    base::Fields fields;
    for (size_t i = 0; i < names_.size(); ++i) {
      const std::string& text = record_.fields[i].text;
      if (text.empty() || std::find(left_out.begin(), left_out.end(), i) != left_out.end()) {
        continue;
      }
      const std::optional<double> number = NumberIn(text);
      base::SetField(fields, names_[i],
                     number.has_value() ? base::NumberValue(*number) : base::TextValue(text));
    }
    return fields;
  }

 private:
  void Fail(uint64_t line, uint64_t column, std::string message) {
    if (problems_.size() < kCsvProblemsMax) problems_.push_back({line, column, std::move(message)});
  }

  base::CsvParser parser_;
  base::CsvRecord record_;
  std::vector<CsvProblem>& problems_;
  std::vector<std::string> names_;
  bool is_over_ = false;
};

// The numbers of actions by their names. Those of the log itself are numbered when all are known.
using Numbers = std::map<std::string, uint32_t, std::less<>>;

Numbers NumbersOf(const ActionTable& actions) {
  Numbers numbers;
  for (uint32_t i = 0; i < actions.names.size(); ++i) numbers[actions.names[i]] = i;
  return numbers;
}

// In the order of the names.
void NumberAnew(Numbers& numbers, DecisionLog& log) {
  std::vector<uint32_t> now(numbers.size());
  for (auto& [name, number] : numbers) {
    now[number] = static_cast<uint32_t>(log.actions.names.size());
    log.actions.names.push_back(name);
    base::Fields columns;
    base::SetField(columns, "name", base::TextValue(name));
    log.actions.columns.push_back(std::move(columns));
  }
  for (LoggedDecision& decision : log.decisions) decision.action = now[decision.action];
}

}  // namespace

ActionTable ReadActions(std::string_view csv, std::string_view name_column,
                        std::vector<CsvProblem>& problems) {
  ActionTable actions;
  TableReader table(csv, problems);
  const auto column = name_column.empty() ? std::optional<size_t>(0) : table.Find(name_column);
  Numbers numbers;
  while (column.has_value() && table.Next()) {
    const base::CsvField& name = table.record().fields[*column];
    if (name.text.empty()) {
      table.Fail(name, "an action without a name");
    } else if (!numbers.emplace(name.text, 0).second) {
      table.Fail(name, base::StrCat("the action \"", name.text, "\" is there twice"));
    } else {
      actions.names.push_back(name.text);
      actions.columns.push_back(table.FieldsBut({}));
      base::SetField(actions.columns.back(), "name", base::TextValue(name.text));
    }
  }
  return actions;
}

DecisionLog ReadLog(std::string_view csv, const LogColumns& columns, ActionTable actions,
                    std::vector<CsvProblem>& problems) {
  DecisionLog log;
  const bool are_given = !actions.names.empty();
  Numbers numbers = NumbersOf(actions);
  log.actions = std::move(actions);
  TableReader table(csv, problems);
  const auto action = table.Find(columns.action);
  const auto probability = table.Find(columns.probability);
  const auto reward = table.Find(columns.reward);
  if (!action.has_value() || !probability.has_value() || !reward.has_value()) return log;
  while (table.Next()) {
    const std::vector<base::CsvField>& fields = table.record().fields;
    const std::string& name = fields[*action].text;
    auto found = numbers.find(name);
    if (found == numbers.end() && !are_given && !name.empty()) {
      found = numbers.emplace(name, static_cast<uint32_t>(numbers.size())).first;
    }
    const auto p = NumberIn(fields[*probability].text);
    const auto r = NumberIn(fields[*reward].text);
    const bool is_possible = p.has_value() && *p > 0 && *p <= 1;
    if (found == numbers.end()) {
      table.Fail(fields[*action], base::StrCat("there is no action \"", name, "\""));
    } else if (!is_possible) {
      table.Fail(fields[*probability],
                 base::StrCat("a probability is a number above 0 and at most 1, not \"",
                              fields[*probability].text, "\""));
    } else if (!r.has_value()) {
      table.Fail(fields[*reward],
                 base::StrCat("a reward is a number, not \"", fields[*reward].text, "\""));
    } else {
      log.decisions.push_back(
          {found->second, *p, *r, table.FieldsBut({*action, *probability, *reward})});
    }
  }
  if (!are_given) NumberAnew(numbers, log);
  return log;
}

}  // namespace batuta::experiment
