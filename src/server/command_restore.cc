// batuta restore: a hub's folder out of a backup, without a running hub.
#include <memory>

#include "base/ids.h"
#include "base/value.h"
#include "log/posix_disk.h"
#include "log/system_clock.h"
#include "server/commands.h"
#include "server/config.h"
#include "server/hub_folder.h"
#include "server/restore.h"

namespace batuta::server {
namespace {

struct RestoreArguments {
  std::string backup;
  std::string data;
  std::string ledger;
  std::string master_key_file;
};

// The key is never in a backup: it comes from a file that was kept apart.
absl::StatusOr<vault::MasterKey> MasterKeyFor(const RestoreArguments& arguments) {
  std::string file = arguments.master_key_file;
  if (file.empty()) {
    for (const StatedSetting& one : ReadEnvironment()) {
      if (one.name == "master_key_file") file = one.value;
    }
  }
  if (file.empty()) {
    return absl::InvalidArgumentError(
        "a backup is opened by the hub's master key: give its file with --master-key-file");
  }
  return vault::LoadMasterKey(file);
}

ExitCode RunRestore(const Session& session, const RestoreArguments& arguments) {
  const auto key = MasterKeyFor(arguments);
  if (!key.ok()) return session.Fail(key.status());
  log::PosixDisk disk;
  log::SystemClock clock;
  const auto report = Restore(disk, clock,
                              {.backup = arguments.backup,
                               .data = arguments.data,
                               .ledger = arguments.ledger,
                               .master_key = *key});
  if (!report.ok()) return session.Fail(report.status());
  base::Value row;
  base::Fields& fields = *row.mutable_object();
  base::SetField(fields, "folder", base::TextValue(arguments.data));
  base::SetField(fields, "records", base::NumberValue(static_cast<double>(report->records)));
  base::SetField(fields, "bytes", base::NumberValue(static_cast<double>(report->bytes)));
  base::SetField(fields, "erasures", base::NumberValue(static_cast<double>(report->erasures)));
  base::SetField(fields, "peopleErased",
                 base::NumberValue(static_cast<double>(report->people_erased)));
  base::SetField(fields, "stateHash",
                 base::TextValue(base::EncodeHex(report->state_hash.ToBytes())));
  session.output.Object(row);
  session.Say("start it with: batuta serve --data " + arguments.data +
              " --master-key-file YOUR_KEY_FILE");
  return ExitCode::kOk;
}

}  // namespace

void AddRestore(Command& root) {
  Command command = root.Add("restore", "Make a hub's folder out of a backup");
  auto arguments = std::make_shared<RestoreArguments>();
  command.Argument("BACKUP", arguments->backup, "A folder that `batuta backup` made");
  command.Argument("DIR", arguments->data, "The new hub's folder; must not exist");
  command.Option("--master-key-file FILE", arguments->master_key_file, "The hub's master key");
  command.Option("--ledger FILE", arguments->ledger, "Erasures since the backup was made");
  command.Example("batuta restore /backups/monday data --master-key-file my.key");
  command.Run([arguments](Session& session) { return RunRestore(session, *arguments); });
}

}  // namespace batuta::server
