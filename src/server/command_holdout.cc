// batuta holdout: what people who are not held out do more than those who are.
#include <memory>
#include <string>

#include "server/commands.h"
#include "server/reports.h"

namespace batuta::server {
namespace {

ExitCode List(const Session& session) {
  const auto rows = ReportsOf(session, "holdouts");
  if (!rows.ok()) return session.Fail(rows.status());
  session.output.Rows({{"holdout", "holdout"},
                       {"arm", "arm"},
                       {"percent", "percent"},
                       {"held out", "heldOut.people"},
                       {"treated", "treated.people"},
                       {"contaminated", "contaminated"},
                       {"lift per person", "lift.worth.difference.value"},
                       {"from", "lift.worth.difference.low"},
                       {"to", "lift.worth.difference.high"},
                       {"currency", "currency"},
                       {"treated are", "lift.worth.verdict"}},
                      *rows);
  return ExitCode::kOk;
}

}  // namespace

void AddHoldout(Command& root) {
  Command group = root.Add("holdout", "Look at what decisions are worth");
  Command list = group.Add("list", "All holdouts, with the lift in worth per person");
  list.Example("batuta holdout list");
  list.Run([](Session& session) { return List(session); });
  Command show = group.Add("show", "What both arms did and were worth, and the lift");
  auto name = std::make_shared<std::string>();
  show.Argument("HOLDOUT", *name, "The holdout's name");
  show.Example("batuta holdout show control");
  show.Run([name](Session& session) { return ShowReport(session, "holdouts", *name); });
}

}  // namespace batuta::server
