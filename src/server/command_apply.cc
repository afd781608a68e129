// batuta apply: resources of files into a hub.
#include <memory>

#include "server/apply.h"
#include "server/commands.h"

namespace batuta::server {

void AddApply(Command& root) {
  Command command = root.Add("apply", "Apply resources: actions, placements, traits …");
  auto options = std::make_shared<ApplyOptions>();
  command.Arguments("PATH", options->paths, "Folders, or files in YAML or JSON");
  command.Flag("--dry-run", options->dry_run, "Only show what would change");
  command.Flag("-y,--yes", options->yes, "Do not ask");
  command.Flag("--prune", options->prune, "Remove what the files do not state");
  command.Example("batuta apply resources/ --dry-run");
  command.Example("batuta apply actions.yaml policies.yaml --yes");
  command.Run([options](Session& session) { return Apply(session, *options); });
}

}  // namespace batuta::server
