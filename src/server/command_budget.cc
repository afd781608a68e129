// batuta budget, batuta capacity, batuta agreement: what is spent or delivered, reserved and left.
#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "base/value.h"
#include "server/commands.h"
#include "server/reports.h"

namespace batuta::server {
namespace {

// What the commands of budgets say, and those of capacities.
struct ConstraintWords {
  std::string kind;
  std::string plural;
  std::string argument;
  std::string show;
  std::string example;
  std::string about;
  std::vector<Column> columns;  // behind the name
};

// A row for each, of the period that is the latest.
ExitCode List(const Session& session, const ConstraintWords& words) {
  const auto reports = ReportsOf(session, words.plural);
  if (!reports.ok()) return session.Fail(reports.status());
  std::vector<base::Value> rows;
  for (const base::Value& report : *reports) {
    base::Value row = report;
    const base::Value* periods = base::Find(report.object(), "periods");
    for (const base::Field& field : periods->list().values(0).object().fields()) {
      base::SetField(*row.mutable_object(), field.name(), field.value());
    }
    rows.push_back(std::move(row));
  }
  std::vector<Column> columns = words.columns;
  columns.insert(columns.begin(), {words.kind, words.kind});
  session.output.Rows(columns, rows);
  return ExitCode::kOk;
}

void AddGroup(Command& root, const ConstraintWords& words) {
  Command group = root.Add(words.kind, words.about);
  Command list =
      group.Add("list", base::StrCat("All ", words.plural, ", with their latest period"));
  list.Example(base::StrCat("batuta ", words.kind, " list"));
  list.Run([words](Session& session) { return List(session, words); });
  Command show = group.Add("show", words.show);
  auto name = std::make_shared<std::string>();
  show.Argument(words.argument, *name, base::StrCat("The ", words.kind, "'s name"));
  show.Example(base::StrCat("batuta ", words.kind, " show ", words.example));
  show.Run([words, name](Session& session) { return ShowReport(session, words.plural, *name); });
}

const std::vector<Column> kLimitColumns = {{"per", "per"},     {"limit", "limit"},
                                           {"spent", "spent"}, {"reserved", "reserved"},
                                           {"left", "left"},   {"until", "until"}};

}  // namespace

void AddBudget(Command& root) {
  AddGroup(root, {.kind = "budget",
                  .plural = "budgets",
                  .argument = "BUDGET",
                  .show = "What is spent, reserved and left, by period",
                  .example = "cards-daily",
                  .about = "Look at what budgets have left",
                  .columns = kLimitColumns});
}

void AddCapacity(Command& root) {
  AddGroup(root, {.kind = "capacity",
                  .plural = "capacities",
                  .argument = "CAPACITY",
                  .show = "How many are taken, reserved and left, by period",
                  .example = "advisers",
                  .about = "Look at what capacities have left",
                  .columns = kLimitColumns});
}

void AddAgreement(Command& root) {
  AddGroup(root, {.kind = "agreement",
                  .plural = "agreements",
                  .argument = "AGREEMENT",
                  .show = "What was promised, delivered and is due, by period",
                  .example = "partner-bank",
                  .about = "Look at what partners were promised and got",
                  .columns = {{"per", "per"},
                              {"at most", "atMost"},
                              {"at least", "atLeast"},
                              {"delivered", "delivered"},
                              {"reserved", "reserved"},
                              {"left", "left"},
                              {"due", "due"},
                              {"behind", "behind"},
                              {"at risk", "atRisk"},
                              {"until", "until"}}});
}

}  // namespace batuta::server
