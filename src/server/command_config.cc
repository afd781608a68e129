// batuta config print: the settings that hold here, and where each comes from.
#include <memory>

#include "server/commands.h"
#include "server/config.h"

namespace batuta::server {
namespace {

ExitCode PrintConfig(const Session& session, bool defaults) {
  std::vector<StatedSetting> options;
  if (!session.data.empty()) options.push_back({"data", session.data, "--data"});
  const auto config = defaults ? Config::Create({}) : LoadConfig(session.config, options);
  if (!config.ok()) return session.Fail(config.status());
  session.output.Text(config->ToToml());
  return ExitCode::kOk;
}

}  // namespace

void AddConfig(Command& root) {
  Command group = root.Add("config", "See the settings");
  Command print = group.Add("print", "Print all settings as a batuta.toml");
  auto defaults = std::make_shared<bool>(false);
  print.Flag("--defaults", *defaults, "What holds where nothing is said");
  print.Example("batuta config print --defaults > batuta.toml");
  print.Run([defaults](Session& session) { return PrintConfig(session, *defaults); });
}

}  // namespace batuta::server
