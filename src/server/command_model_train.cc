// batuta model train: boosted trees on the examples that the hub has kept, tried on the latest of
// them, and served where they tell better who accepts than what decided before.
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "server/client.h"
#include "server/commands.h"
#include "server/model_change.h"
#include "train/kept_examples.h"

namespace batuta::server {
namespace {

struct TrainArguments {
  std::string model;
  std::string action;
  int64_t rounds = 200;
  int64_t depth = 4;
  std::string learning_rate = "0.05";
  int64_t held_out = 20;
  int64_t least = 500;
  int64_t seed = 1;
  bool even_if_worse = false;
  bool dry_run = false;
};

absl::StatusOr<uint32_t> Count(std::string_view option, int64_t number) {
  if (number >= 0 && number <= 1'000'000'000) return static_cast<uint32_t>(number);
  return absl::InvalidArgumentError(base::StrCat(option, " is a whole number from 0"));
}

absl::StatusOr<train::TrialSettings> SettingsOf(const TrainArguments& arguments) {
  train::TrialSettings settings;
  train::BoostingSettings& boosting = settings.boosting;
  BATUTA_ASSIGN_OR_RETURN(boosting.rounds, Count("--rounds", arguments.rounds));
  BATUTA_ASSIGN_OR_RETURN(boosting.depth, Count("--depth", arguments.depth));
  BATUTA_ASSIGN_OR_RETURN(boosting.seed, Count("--seed", arguments.seed));
  BATUTA_ASSIGN_OR_RETURN(settings.held_out_percent, Count("--held-out", arguments.held_out));
  BATUTA_ASSIGN_OR_RETURN(settings.least, Count("--least", arguments.least));
  if (!absl::SimpleAtod(arguments.learning_rate, &boosting.learning_rate)) {
    return absl::InvalidArgumentError("--learning-rate is a number above 0, at most 1");
  }
  return settings;
}

base::Value RowOf(const std::string& action, const train::Trial& trial, std::string_view result) {
  base::Value row;
  base::Fields& fields = *row.mutable_object();
  base::SetField(fields, "action", base::TextValue(action));
  base::SetField(fields, "examples", base::NumberValue(static_cast<double>(trial.examples)));
  base::SetField(fields, "positives", base::NumberValue(static_cast<double>(trial.positives)));
  if (!trial.model.empty()) {
    base::SetField(fields, "heldOut", base::NumberValue(static_cast<double>(trial.held_out)));
    base::SetField(fields, "auc", base::NumberValue(trial.auc));
    base::SetField(fields, "aucBefore", base::NumberValue(trial.auc_before));
  }
  base::SetField(fields, "result", base::TextValue(std::string(result)));
  return row;
}

// What is said of a trial, and whether its model is to serve.
std::pair<std::string, bool> VerdictOf(const train::Trial& trial, const TrainArguments& arguments) {
  if (trial.model.empty()) return {base::StrCat("not trained: ", trial.why_not), false};
  if (trial.auc <= trial.auc_before && !arguments.even_if_worse) {
    return {"not served: it tells no better who accepts than what decided before", false};
  }
  if (arguments.dry_run) return {"would be served", false};
  return {"served", true};
}

absl::StatusOr<std::vector<base::Value>> TrainAll(const TrainArguments& arguments,
                                                  ApiClient& client) {
  BATUTA_ASSIGN_OR_RETURN(const train::TrialSettings settings, SettingsOf(arguments));
  BATUTA_ASSIGN_OR_RETURN(ModelChange change, ModelChange::Of(client, arguments.model));
  BATUTA_ASSIGN_OR_RETURN(
      const std::string csv,
      client.GetCsv(base::StrCat("/v1/models/", PercentEncode(arguments.model), "/examples")));
  BATUTA_ASSIGN_OR_RETURN(const auto actions, train::ReadExamples(csv));
  std::vector<base::Value> rows;
  bool has_changed = false;
  for (const auto& [action, kept] : actions) {
    if (!arguments.action.empty() && action != arguments.action) continue;
    BATUTA_ASSIGN_OR_RETURN(const train::Trial trial, train::Try(kept, settings));
    const auto [result, serves] = VerdictOf(trial, arguments);
    if (serves) change.SetTrees(action, trial.model);
    has_changed |= serves;
    rows.push_back(RowOf(action, trial, result));
  }
  if (rows.empty()) {
    return absl::NotFoundError(
        arguments.action.empty()
            ? "no examples are kept yet: a model of type: trees keeps them from its decisions on"
            : base::StrCat("no examples of the action ", arguments.action, " are kept"));
  }
  if (has_changed) BATUTA_RETURN_IF_ERROR(change.Put(client).status());
  return rows;
}

ExitCode Train(const Session& session, const TrainArguments& arguments) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto rows = TrainAll(arguments, *client);
  if (!rows.ok()) return session.Fail(rows.status());
  session.output.Rows({{"action", "action"},
                       {"examples", "examples"},
                       {"positives", "positives"},
                       {"held out", "heldOut"},
                       {"auc", "auc"},
                       {"before", "aucBefore"},
                       {"result", "result"}},
                      *rows);
  return ExitCode::kOk;
}

}  // namespace

void AddModelTrain(Command& group) {
  Command train = group.Add("train", "Train trees on the examples the hub has kept");
  auto arguments = std::make_shared<TrainArguments>();
  train.Argument("MODEL", arguments->model, "A model of type: trees");
  train.Option("--action NAME", arguments->action, "For this action alone");
  train.Option("--rounds N", arguments->rounds, "Trees (200)");
  train.Option("--depth N", arguments->depth, "Splits one below the other (4)");
  train.Option("--learning-rate X", arguments->learning_rate, "What a tree counts (0.05)");
  train.Option("--held-out PERCENT", arguments->held_out, "The latest, to try it on (20)");
  train.Option("--least N", arguments->least, "Examples that an action needs (500)");
  train.Option("--seed N", arguments->seed, "Of what each tree sees (1)");
  train.Flag("--even-if-worse", arguments->even_if_worse, "Serve it in any case");
  train.Flag("--dry-run", arguments->dry_run, "Serve nothing, only say what would be");
  train.Example("batuta model train clicks");
  train.Example("batuta model train clicks --action gold-card --dry-run");
  train.Run([arguments](Session& session) { return Train(session, *arguments); });
}

}  // namespace batuta::server
