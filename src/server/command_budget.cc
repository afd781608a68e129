// batuta budget, batuta capacity: what is spent, reserved and left.
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "base/value.h"
#include "server/client.h"
#include "server/commands.h"

namespace batuta::server {
namespace {

// "budget" and "budgets", or "capacity" and "capacities".
struct ConstraintWords {
  std::string kind;
  std::string plural;
};

std::string ReportOf(const ConstraintWords& words, const std::string& name) {
  return base::StrCat("/v1/", words.plural, "/", PercentEncode(name), ":report");
}

// A row for each, of the period that is the latest.
ExitCode List(const Session& session, const ConstraintWords& words) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto resources = client->List("/v1/" + words.plural, std::numeric_limits<size_t>::max());
  if (!resources.ok()) return session.Fail(resources.status());
  std::vector<base::Value> rows;
  for (const base::Value& resource : *resources) {
    const auto report = client->Get(ReportOf(words, base::Find(resource.object(), "name")->text()));
    if (!report.ok()) return session.Fail(report.status());
    base::Value row = *report;
    const base::Value* periods = base::Find(report->object(), "periods");
    for (const base::Field& field : periods->list().values(0).object().fields()) {
      base::SetField(*row.mutable_object(), field.name(), field.value());
    }
    rows.push_back(std::move(row));
  }
  session.output.Rows({{words.kind, words.kind},
                       {"per", "per"},
                       {"limit", "limit"},
                       {"spent", "spent"},
                       {"reserved", "reserved"},
                       {"left", "left"},
                       {"until", "until"}},
                      rows);
  return ExitCode::kOk;
}

ExitCode Show(const Session& session, const ConstraintWords& words, const std::string& name) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto report = client->Get(ReportOf(words, name));
  if (!report.ok()) return session.Fail(report.status());
  session.output.Object(*report);
  return ExitCode::kOk;
}

}  // namespace

void AddBudget(Command& root) {
  Command group = root.Add("budget", "Look at what budgets have left");
  Command list = group.Add("list", "All budgets, with their latest period");
  list.Example("batuta budget list");
  const ConstraintWords words{"budget", "budgets"};
  list.Run([words](Session& session) { return List(session, words); });
  Command show = group.Add("show", "What is spent, reserved and left, by period");
  auto name = std::make_shared<std::string>();
  show.Argument("BUDGET", *name, "The budget's name");
  show.Example("batuta budget show cards-daily");
  show.Run([words, name](Session& session) { return Show(session, words, *name); });
}

void AddCapacity(Command& root) {
  Command group = root.Add("capacity", "Look at what capacities have left");
  Command list = group.Add("list", "All capacities, with their latest period");
  list.Example("batuta capacity list");
  const ConstraintWords words{"capacity", "capacities"};
  list.Run([words](Session& session) { return List(session, words); });
  Command show = group.Add("show", "How many are taken, reserved and left, by period");
  auto name = std::make_shared<std::string>();
  show.Argument("CAPACITY", *name, "The capacity's name");
  show.Example("batuta capacity show advisers");
  show.Run([words, name](Session& session) { return Show(session, words, *name); });
}

}  // namespace batuta::server
