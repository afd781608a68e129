// batuta log verify: reads every byte of a log and its archive, in the hub's folder or in a backup.
#include <memory>

#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "log/posix_disk.h"
#include "server/commands.h"
#include "server/verify_folder.h"

namespace batuta::server {
namespace {

base::Value RowOf(std::string_view part, const log::VerifyReport& report) {
  base::Value row;
  base::Fields& fields = *row.mutable_object();
  base::SetField(fields, "part", base::TextValue(part));
  base::SetField(fields, "result", base::TextValue(report.error.ok() ? "good" : "damaged"));
  base::SetField(fields, "files", base::NumberValue(static_cast<double>(report.files)));
  base::SetField(fields, "blocks", base::NumberValue(static_cast<double>(report.blocks)));
  base::SetField(fields, "records", base::NumberValue(static_cast<double>(report.records)));
  base::SetField(fields, "bytes", base::NumberValue(static_cast<double>(report.bytes)));
  if (report.error.ok()) return row;
  base::SetField(fields, "file", base::TextValue(report.file));
  base::SetField(fields, "byte", base::NumberValue(static_cast<double>(report.byte)));
  base::SetField(fields, "error", base::TextValue(base::StdView(report.error.message())));
  return row;
}

ExitCode VerifyLog(const Session& session, const std::string& folder) {
  log::PosixDisk disk;
  const auto report = VerifyFolder(disk, folder);
  if (!report.ok()) return session.Fail(report.status());
  session.output.Rows({{"part", "part"},
                       {"result", "result"},
                       {"files", "files"},
                       {"blocks", "blocks"},
                       {"records", "records"},
                       {"bytes", "bytes"}},
                      {RowOf("log", report->log), RowOf("archive", report->archive)});
  if (report->ok()) return ExitCode::kOk;
  for (const log::VerifyReport* part : {&report->log, &report->archive}) {
    if (!part->error.ok()) session.Fail(part->error);
  }
  session.Say("restore the folder from a backup: batuta restore BACKUP DATA");
  return ExitCode::kFailure;
}

}  // namespace

void AddLog(Command& root) {
  Command group = root.Add("log", "Check what is stored");
  Command verify = group.Add("verify", "Check every byte of a log and its archive");
  auto folder = std::make_shared<std::string>();
  verify.Argument("DIR", *folder, "The hub's folder, or a backup");
  verify.Example("batuta log verify batuta-data");
  verify.Run([folder](Session& session) { return VerifyLog(session, *folder); });
}

}  // namespace batuta::server
