// batuta serve: the hub, until it is told to stop; or with --check, whether it could start.
#include <cstdio>
#include <memory>

#include "base/ids.h"
#include "base/text.h"
#include "base/value.h"
#include "server/apply.h"
#include "server/commands.h"
#include "server/config.h"
#include "server/running_hub.h"
#include "server/signals.h"
#include "server/verify_folder.h"
#include "server/version.h"

namespace batuta::server {
namespace {

constexpr base::Duration kGrace = base::Seconds(5);

struct ServeArguments {
  std::string listen;
  std::string master_key_file;
  std::string resources;
  std::vector<std::string> settings;
  bool check = false;
};

absl::StatusOr<Config> ConfigFor(const Session& session, const ServeArguments& arguments) {
  std::vector<StatedSetting> stated;
  const auto add = [&](const char* name, const std::string& value, const char* origin) {
    if (!value.empty()) stated.push_back({name, value, origin});
  };
  add("data", session.data, "--data");
  add("listen", arguments.listen, "--listen");
  add("master_key_file", arguments.master_key_file, "--master-key-file");
  add("resources", arguments.resources, "--resources");
  for (const std::string& one : arguments.settings) {
    const size_t equals = one.find('=');
    if (equals == std::string::npos) {
      return absl::InvalidArgumentError("--set takes NAME=VALUE, not \"" + one + "\"");
    }
    stated.push_back({one.substr(0, equals), one.substr(equals + 1), "--set"});
  }
  return LoadConfig(session.config, stated);
}

// Everything that a start would do but serving; folds what the last checkpoints lack.
ExitCode Check(const Session& session, const Config& config) {
  const std::string& folder = config.Text("data");
  log::PosixDisk disk;
  log::SystemClock clock;
  if (!HoldsHub(disk, folder)) {
    session.Say("The configuration is right. There is no hub in " + folder +
                " yet; the first start makes one.");
    return ExitCode::kOk;
  }
  const auto lock = FolderLock::Take(folder);
  if (!lock.ok()) return session.Fail(lock.status());
  const auto stored = VerifyFolder(disk, folder);
  if (!stored.ok()) return session.Fail(stored.status());
  for (const absl::Status& error : {stored->log.error, stored->archive.error}) {
    if (!error.ok()) return session.Fail(error);
  }
  const auto key = TakeMasterKey(disk, folder, config.Text("master_key_file"));
  if (!key.ok()) return session.Fail(key.status());
  const auto hub = engine::Hub::Open(HubOptionsOf(config, disk, clock, *key));
  if (!hub.ok()) return session.Fail(hub.status());
  if (const auto vault = (*hub)->vault().Verify(); !vault.ok()) return session.Fail(vault);
  base::Value row;
  base::Fields& fields = *row.mutable_object();
  const uint64_t records = stored->log.records + stored->archive.records;
  const uint64_t bytes = stored->log.bytes + stored->archive.bytes;
  base::SetField(fields, "folder", base::TextValue(folder));
  base::SetField(fields, "partitions", base::NumberValue((*hub)->partitions()));
  base::SetField(fields, "records", base::NumberValue(static_cast<double>(records)));
  base::SetField(fields, "bytes", base::NumberValue(static_cast<double>(bytes)));
  base::SetField(fields, "stateHash",
                 base::TextValue(base::EncodeHex((*hub)->StateHash().ToBytes())));
  session.output.Object(row);
  return ExitCode::kOk;
}

void PrintBanner(const RunningHub& hub, const Config& config) {
  const std::string& folder = config.Text("data");
  std::string text = base::StrCat("Batuta ", kVersion, "  ", hub.url(), "\n  data        ", folder,
                                  hub.is_new() ? " (new)" : "", "\n");
  if (hub.first_keys().has_value()) {
    base::StrAppend(&text, "  secret key  ", hub.first_keys()->secret_key, "\n  write key   ",
                    hub.first_keys()->write_key, "\n  browser key ", hub.first_keys()->browser_key,
                    "\n");
    base::StrAppend(&text, "The keys are shown this once; ", KeyPath(folder, KeyFile::kAdmin),
                    " and ", KeyPath(folder, KeyFile::kWrite), " keep the first two.\n");
    if (config.Text("master_key_file").empty()) {
      base::StrAppend(&text, "Keep a copy of ", folder,
                      "/master.key elsewhere: without it all personal data is lost.\n");
    }
  }
  std::fputs((text + "Ctrl-C ends it.\n").c_str(), stderr);
}

// The resources go in as anybody's would: through the API.
ExitCode ApplyResources(const Session& session, const RunningHub& hub, const Config& config) {
  Session own = session;
  own.server = hub.url();
  own.data = config.Text("data");
  ApplyOptions options;
  options.paths = {config.Text("resources")};
  options.yes = true;
  options.brief = true;
  return Apply(own, options);
}

ExitCode Serve(const Session& session, const ServeArguments& arguments) {
  const auto config = ConfigFor(session, arguments);
  if (!config.ok()) return session.Fail(config.status());
  if (arguments.check) return Check(session, *config);
  BlockEndingSignals();
  const auto hub = RunningHub::Start(*config);
  if (!hub.ok()) return session.Fail(hub.status());
  if (!config->Text("resources").empty()) {
    const ExitCode applied = ApplyResources(session, **hub, *config);
    if (applied != ExitCode::kOk) return applied;
  }
  (*hub)->EndStart();
  PrintBanner(**hub, *config);
  WaitForEndingSignal();
  session.Say("stopping");
  (*hub)->Stop(kGrace);
  return ExitCode::kOk;
}

}  // namespace

void AddServe(Command& root) {
  Command command = root.Add("serve", "Run the hub in a folder");
  auto arguments = std::make_shared<ServeArguments>();
  command.Option("--listen ADDRESS", arguments->listen, "Where to listen (127.0.0.1:8480)");
  command.Option("--master-key-file FILE", arguments->master_key_file,
                 "The master key, if kept elsewhere");
  command.Option("--resources DIR", arguments->resources, "Resources to apply at the start");
  command.Options("--set NAME=VALUE", arguments->settings, "Any setting; may be repeated");
  command.Flag("--check", arguments->check, "Only see whether it could start");
  command.Example("batuta serve");
  command.Example("batuta serve --data /var/lib/batuta --listen 0.0.0.0:8480");
  command.Example("batuta serve --check");
  command.Run([arguments](Session& session) { return Serve(session, *arguments); });
}

}  // namespace batuta::server
