// batuta ope: what another policy would have earned in the decisions of a log.
#include <cmath>
#include <memory>

#include "absl/strings/numbers.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "experiment/off_policy.h"
#include "experiment/off_policy_value.h"
#include "server/commands.h"
#include "server/text_file.h"

namespace batuta::server {
namespace {

struct OpeArguments {
  std::string log;
  std::string actions;
  std::string name_column;
  std::string policy;
  std::string choose = "softmax";
  std::string floor = "0";
  std::string switch_at = "10";
  std::string needed_sample = "1000";
  std::string needed_probability = "0.01";
  int64_t needed_rewards = 50;
  int64_t bootstrap = 0;
  int64_t seed = 1;
  experiment::LogColumns columns;
};

absl::StatusOr<double> NumberOf(std::string_view option, const std::string& text, double most) {
  double number = 0;
  if (absl::SimpleAtod(text, &number) && number >= 0 && number <= most) return number;
  return absl::InvalidArgumentError(base::StrCat(option, " is a number from 0",
                                                 most < 1e300 ? base::StrCat(" to ", most) : "",
                                                 ", not \"", text, "\""));
}

absl::Status ProblemsOf(const std::string& file,
                        const std::vector<experiment::CsvProblem>& problems) {
  std::string text;
  for (const experiment::CsvProblem& one : problems) {
    base::StrAppend(&text, text.empty() ? "" : "\n", file, ":", one.line, ":", one.column, ": ",
                    one.message);
  }
  return problems.empty() ? absl::OkStatus() : absl::InvalidArgumentError(text);
}

absl::StatusOr<experiment::DecisionLog> ReadAll(const OpeArguments& arguments) {
  std::vector<experiment::CsvProblem> problems;
  experiment::ActionTable actions;
  if (!arguments.actions.empty()) {
    BATUTA_ASSIGN_OR_RETURN(const std::string csv, ReadText(arguments.actions));
    actions = experiment::ReadActions(csv, arguments.name_column, problems);
    BATUTA_RETURN_IF_ERROR(ProblemsOf(arguments.actions, problems));
  }
  BATUTA_ASSIGN_OR_RETURN(const std::string csv, ReadText(arguments.log));
  experiment::DecisionLog log =
      experiment::ReadLog(csv, arguments.columns, std::move(actions), problems);
  BATUTA_RETURN_IF_ERROR(ProblemsOf(arguments.log, problems));
  return log;
}

absl::StatusOr<experiment::OffPolicyOptions> OptionsOf(const OpeArguments& arguments) {
  experiment::OffPolicyOptions options;
  constexpr double kAny = 1e300;
  BATUTA_ASSIGN_OR_RETURN(options.switch_at, NumberOf("--switch", arguments.switch_at, kAny));
  BATUTA_ASSIGN_OR_RETURN(options.limits.effective_sample,
                          NumberOf("--needed-sample", arguments.needed_sample, kAny));
  BATUTA_ASSIGN_OR_RETURN(options.limits.lowest_probability,
                          NumberOf("--needed-probability", arguments.needed_probability, 1));
  if (arguments.needed_rewards < 0 || arguments.bootstrap < 0 || arguments.bootstrap == 1) {
    return absl::InvalidArgumentError(
        "--needed-rewards is a whole number from 0, and --bootstrap 0 or one from 2");
  }
  options.limits.rewarded = static_cast<uint64_t>(arguments.needed_rewards);
  options.bootstrap = static_cast<uint64_t>(arguments.bootstrap);
  options.seed = static_cast<uint64_t>(arguments.seed);
  return options;
}

absl::StatusOr<experiment::OffPolicyReport> Judge(const OpeArguments& arguments) {
  if (arguments.log.empty() || arguments.policy.empty()) {
    return absl::InvalidArgumentError(
        "a log (--log log.csv) and a policy (--policy 'action.margin') are needed");
  }
  BATUTA_ASSIGN_OR_RETURN(const experiment::OffPolicyOptions options, OptionsOf(arguments));
  experiment::PolicySpec spec = {.score = arguments.policy};
  BATUTA_ASSIGN_OR_RETURN(spec.choice, experiment::ParseChoice(arguments.choose));
  BATUTA_ASSIGN_OR_RETURN(spec.floor, NumberOf("--floor", arguments.floor, 1));
  BATUTA_ASSIGN_OR_RETURN(const experiment::DecisionLog log, ReadAll(arguments));
  const auto policy = experiment::TargetPolicy::Make(spec, log.actions);
  if (!policy.ok()) {
    return absl::InvalidArgumentError(
        base::StrCat("--policy: ", base::StdView(policy.status().message())));
  }
  return experiment::EvaluateOffPolicy(log, **policy, options);
}

void PrintTable(const Session& session, const experiment::OffPolicyReport& report) {
  std::vector<experiment::Estimate> all = report.estimates;
  all.push_back(report.logged);
  all.push_back(report.gain);
  std::vector<base::Value> rows;
  for (const experiment::Estimate& one : all) {
    base::Value& row = rows.emplace_back(experiment::ToValue(one));
    // Six digits are enough for people.
    for (base::Field& field : *row.mutable_object()->mutable_fields()) {
      if (!field.value().has_number()) continue;
      *field.mutable_value() = base::TextValue(base::StrCat(field.value().number()));
    }
  }
  session.output.Rows({{"METHOD", "method"},
                       {"VALUE", "value"},
                       {"STANDARD ERROR", "standardError"},
                       {"LOW", "low"},
                       {"HIGH", "high"}},
                      rows);
  std::string text =
      base::StrCat("\n", report.decisions, " decisions, ", report.rewarded,
                   " rewarded; they weigh as much as ", std::floor(report.effective_sample),
                   " of the policy's own, the heaviest ", report.highest_weight, "\n");
  if (report.left_out > 0) {
    base::StrAppend(&text, report.left_out,
                    " decisions in which the policy chooses nothing are left out\n");
  }
  for (const experiment::Doubt& doubt : report.doubts) {
    base::StrAppend(
        &text, "cannot be estimated: ", experiment::TextOf(doubt, rule::Language::kEnglish), "\n");
  }
  session.output.Text(text);
}

ExitCode Run(const Session& session, const OpeArguments& arguments) {
  const auto report = Judge(arguments);
  if (!report.ok()) return session.Fail(report.status());
  if (session.output.format() == Output::Format::kTable) {
    PrintTable(session, *report);
  } else {
    session.output.Object(experiment::ToValue(*report, rule::Language::kEnglish));
  }
  return ExitCode::kOk;
}

}  // namespace

void AddOpe(Command& root) {
  Command command = root.Add("ope", "What another policy would have earned");
  auto arguments = std::make_shared<OpeArguments>();
  command.Option("--log FILE", arguments->log, "CSV, a line for each decision");
  command.Option("--policy SCORE", arguments->policy, "An action's score, in CEL");
  command.Option("--choose HOW", arguments->choose, "By score: softmax, weights or greedy");
  command.Option("--floor P", arguments->floor, "What each action gets at least");
  command.Option("--actions FILE", arguments->actions, "CSV of the actions (else those logged)");
  command.Option("--name COLUMN", arguments->name_column, "Of their names (else the first)");
  command.Option("--action COLUMN", arguments->columns.action, "Of the log: what was chosen");
  command.Option("--probability COLUMN", arguments->columns.probability, "With which chance");
  command.Option("--reward COLUMN", arguments->columns.reward, "What came of it");
  command.Option("--switch WEIGHT", arguments->switch_at, "Where Switch-DR trusts the model");
  command.Option("--bootstrap N", arguments->bootstrap, "Intervals by so many samples");
  command.Option("--seed N", arguments->seed, "Of the samples");
  command.Option("--needed-sample N", arguments->needed_sample, "Least effective sample");
  command.Option("--needed-rewards N", arguments->needed_rewards, "Least rewarded decisions");
  command.Option("--needed-probability P", arguments->needed_probability, "Least logged chance");
  command.Example("batuta ope --log log.csv --policy 'action.margin' --choose greedy");
  command.Example("batuta ope --log log.csv --actions items.csv --policy 'action.score'");
  command.Run([arguments](Session& session) { return Run(session, *arguments); });
}

}  // namespace batuta::server
