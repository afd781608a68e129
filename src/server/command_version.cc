// batuta version.
#include "base/value.h"
#include "server/commands.h"
#include "server/version.h"

namespace batuta::server {

void AddVersion(Command& root) {
  Command command = root.Add("version", "Print the version");
  command.Run([](Session& session) {
    if (session.output.format() == Output::Format::kTable) {
      session.output.Text("batuta " + std::string(kVersion) + "\n");
      return ExitCode::kOk;
    }
    base::Value row;
    base::SetField(*row.mutable_object(), "version", base::TextValue(kVersion));
    session.output.Object(row);
    return ExitCode::kOk;
  });
}

}  // namespace batuta::server
