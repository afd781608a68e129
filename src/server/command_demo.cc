// batuta demo: a hub with a sample company, and simulated customers who live in it.
#include <memory>

#include "base/text.h"
#include "server/commands.h"
#include "server/demo_run.h"
#include "server/demo_truth.h"

namespace batuta::server {
namespace {

absl::Status Check(const DemoOptions& options) {
  if (options.people < 0 || options.people > static_cast<int64_t>(kPeopleMax)) {
    return absl::InvalidArgumentError(base::StrCat("--people is from 1 to ", kPeopleMax));
  }
  if (options.visits_per_second < 0 || options.visits_per_second > 10'000) {
    return absl::InvalidArgumentError("--rate is from 1 to 10000 visits a second");
  }
  if (options.day_seconds < 10 || options.day_seconds > 86'400) {
    return absl::InvalidArgumentError("--day is from 10 to 86400 seconds");
  }
  if (options.seconds < 0) return absl::InvalidArgumentError("--seconds is not negative");
  return absl::OkStatus();
}

}  // namespace

void AddDemo(Command& root) {
  Command command = root.Add("demo", "Watch simulated customers live in a hub");
  auto options = std::make_shared<DemoOptions>();
  auto resources = std::make_shared<std::string>();
  command.Option("--people N", options->people, "How many customers (2000)");
  command.Option("--rate N", options->visits_per_second, "Visits a second (by the people)");
  command.Option("--seconds S", options->seconds, "End after so long (at Ctrl-C)");
  command.Option("--seed N", options->seed, "Other customers for other numbers (1)");
  command.Option("--day S", options->day_seconds, "Seconds that a day of the rules lasts (60)");
  command.Option("--resources DIR", *resources, "The company (samples/company)");
  command.Option("--write-key KEY", options->write_key, "For events, with --server");
  command.Flag("--plain", options->plain, "Lines instead of a live page");
  command.Example("batuta demo");
  command.Example("batuta demo --data demo-data --seconds 60 --plain");
  command.Example("batuta demo --server http://127.0.0.1:8480 --key KEY");
  command.Run([options, resources](Session& session) {
    options->resources_stated = !resources->empty();
    if (!resources->empty()) options->resources = *resources;
    if (const absl::Status checked = Check(*options); !checked.ok()) {
      session.Fail(checked);
      return ExitCode::kUsage;
    }
    return RunDemo(session, *options);
  });
}

}  // namespace batuta::server
