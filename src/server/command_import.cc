// batuta import: the rows of a table, or lines of JSON, as calls of the tracking API.
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <random>
#include <thread>

#include "base/hash.h"
#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "connect/import.h"
#include "log/posix_disk.h"
#include "server/client.h"
#include "server/commands.h"
#include "server/text_file.h"

namespace batuta::server {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::minutes kPatience(10);  // for a hub that is down, or has too much to do

struct ImportArguments {
  std::string file;
  std::string map;
  bool json_lines = false;
  bool decisions = false;
  bool restart = false;
  std::string state;
  std::string report;
  int64_t batch = 1000;
  int64_t parallel = 4;
};

std::atomic<bool> stop_asked = false;  // NOLINT: set by a signal
void AskToStop(int) {
  if (stop_asked.exchange(true)) _exit(static_cast<int>(ExitCode::kInterrupted));
}

// As long as the hub asks for, and up to half as long again, so that not all come back at once.
void Wait(const http::Response* response, int attempt) {
  double seconds = 0.1 * static_cast<double>(1 << std::min(attempt, 6));
  if (response != nullptr && response->headers.Has("Retry-After")) {
    const double asked = std::atof(std::string(response->headers.Get("Retry-After")).c_str());
    seconds = std::max(seconds, std::min(asked, 60.0));
  }
  thread_local std::minstd_rand random{std::random_device{}()};
  seconds *= 1 + 0.5 * std::uniform_real_distribution<>()(random);
  const auto until = steady_clock::now() + std::chrono::duration<double>(seconds);
  while (!stop_asked && steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

absl::StatusOr<std::vector<connect::ImportRefusal>> RefusalsIn(const std::string& body) {
  std::vector<connect::ImportRefusal> refusals;
  BATUTA_ASSIGN_OR_RETURN(const base::Value answer, base::ParseJson(body));
  const base::Value* rejected = base::Find(answer.object(), "rejected");
  if (rejected == nullptr) return refusals;
  for (const base::Value& one : rejected->list().values()) {
    const base::Value* index = base::Find(one.object(), "index");
    if (index == nullptr) continue;
    refusals.push_back({static_cast<size_t>(index->number()),
                        CellText(base::Find(one.object(), "code")),
                        CellText(base::Find(one.object(), "detail"))});
  }
  return refusals;
}

// Sends until it is acknowledged: a batch that may have arrived is sent again, as its message ids
// say what it is.
absl::StatusOr<std::vector<connect::ImportRefusal>> SendPatiently(const Session& session,
                                                                  ApiClient& client,
                                                                  const std::string& path,
                                                                  const std::string& body) {
  static std::atomic<bool> told = false;  // once is enough
  const auto give_up = steady_clock::now() + kPatience;
  for (int attempt = 0;; ++attempt) {
    if (stop_asked) return absl::CancelledError("stopped");
    const auto response = client.Send(http::Method::kPost, path, body);
    const int status = response.ok() ? static_cast<int>(response->status) : 503;
    if (status < 300) return RefusalsIn(response->body);
    if (status != 429 && status < 500) {
      return client.ErrorOf(*response);
    }
    if (attempt == 0 && !told.exchange(true)) {
      const absl::Status why = response.ok() ? client.ErrorOf(*response) : response.status();
      session.Say(base::StrCat(isatty(STDERR_FILENO) != 0 ? "\n" : "", base::StdView(why.message()),
                               "; trying again for up to ", kPatience.count(), " minutes"));
    }
    if (steady_clock::now() > give_up) {
      return response.ok() ? absl::UnavailableError(response->body) : response.status();
    }
    Wait(response.ok() ? &*response : nullptr, attempt);
  }
}

// One line on the terminal, drawn again at most ten times a second.
class Progress {
 public:
  Progress(bool shown, uint64_t size) : shown_(shown), size_(size) {}
  ~Progress() {
    if (shown_) std::fputs("\n", stderr);
  }

  void Show(const connect::ImportCounts& counts, uint64_t bytes) {
    const auto now = steady_clock::now();
    if (first_rows_ == UINT64_MAX) {
      first_rows_ = counts.rows;
      first_bytes_ = bytes;
    }
    if (!shown_ || (now - drawn_ < std::chrono::milliseconds(100) && bytes < size_)) return;
    drawn_ = now;
    const double seconds = std::chrono::duration<double>(now - begun_).count() + 1e-9;
    const double share = size_ == 0 ? 1 : static_cast<double>(bytes) / static_cast<double>(size_);
    const double byte_rate = static_cast<double>(bytes - first_bytes_) / seconds;
    const double left = byte_rate > 0 ? static_cast<double>(size_ - bytes) / byte_rate : 0;
    const int filled = static_cast<int>(share * 20);
    std::fprintf(stderr, "\r[%.*s%.*s] %3.0f%%  %llu rows  %.0f/s  %llu rejected  %.0f s left ",
                 filled, "####################", 20 - filled, "....................", share * 100,
                 static_cast<unsigned long long>(counts.rows),
                 static_cast<double>(counts.rows - first_rows_) / seconds,
                 static_cast<unsigned long long>(counts.rejected), left);
  }

 private:
  const bool shown_;
  const uint64_t size_;
  const steady_clock::time_point begun_ = steady_clock::now();
  steady_clock::time_point drawn_;
  uint64_t first_rows_ = UINT64_MAX;
  uint64_t first_bytes_ = 0;
};

// What an import is of: the same file read in another way has other calls.
struct Opened {
  std::unique_ptr<connect::ImportSource> source;
  std::string hash;
};

absl::StatusOr<Opened> Open(const ImportArguments& arguments) {
  BATUTA_ASSIGN_OR_RETURN(const base::Id128 content, connect::HashOfFile(arguments.file));
  const std::string id = base::EncodeBase32(content.ToBytes()).substr(0, 20);
  Opened opened;
  std::string map;
  if (arguments.decisions) {
    BATUTA_ASSIGN_OR_RETURN(opened.source, connect::OpenJsonLines(arguments.file, id, "id"));
  } else if (arguments.json_lines) {
    BATUTA_ASSIGN_OR_RETURN(opened.source, connect::OpenJsonLines(arguments.file, id));
  } else {
    BATUTA_ASSIGN_OR_RETURN(map, ReadText(arguments.map));
    BATUTA_ASSIGN_OR_RETURN(opened.source,
                            connect::OpenTable(arguments.file, map, arguments.map, id));
  }
  opened.hash = base::EncodeHex(base::Hash128(id + map).ToBytes());
  return opened;
}

absl::StatusOr<connect::ImportState> StateFor(const ImportArguments& arguments,
                                              const std::string& hash) {
  connect::ImportState fresh;
  fresh.hash = hash;
  std::error_code error;
  if (arguments.restart || !std::filesystem::exists(arguments.state, error)) return fresh;
  BATUTA_ASSIGN_OR_RETURN(const std::string text, ReadText(arguments.state));
  auto state = connect::ImportState::Parse(text);
  if (!state.ok() || state->hash != hash) {
    return absl::AbortedError(
        base::StrCat(arguments.state, " is of another file or map; begin anew with --restart"));
  }
  return state;
}

void PrintCounts(const Session& session, const ImportArguments& arguments,
                 const connect::ImportCounts& counts) {
  base::Value row;
  base::Fields& fields = *row.mutable_object();
  const auto add = [&fields](const char* name, uint64_t number) {
    base::SetField(fields, name, base::NumberValue(static_cast<double>(number)));
  };
  add("rows", counts.rows);
  add("accepted", counts.accepted);
  add("rejected", counts.rejected);
  add("skipped", counts.skipped);
  base::SetField(fields, "report", base::TextValue(arguments.report));
  session.output.Object(row);
}

absl::StatusOr<connect::ImportCounts> Send(const Session& session, const ImportArguments& arguments,
                                           Opened& opened, connect::ImportState state) {
  std::vector<std::unique_ptr<ApiClient>> clients;
  for (int64_t i = 0; i < arguments.parallel; ++i) {
    BATUTA_ASSIGN_OR_RETURN(
        ApiClient client,
        ApiClient::Create(session, arguments.decisions ? KeyFile::kAdmin : KeyFile::kWrite));
    clients.push_back(std::make_unique<ApiClient>(std::move(client)));
  }
  if (clients.front()->key().empty()) {
    return absl::UnauthenticatedError(
        arguments.decisions ? "there is no key: give a secret one with --key or BATUTA_KEY, or the "
                              "hub's folder with --data"
                            : "there is no write key: give one with --key or BATUTA_WRITE_KEY, or "
                              "the hub's folder with --data");
  }
  log::PosixDisk disk;
  const bool shown = !session.quiet && isatty(STDERR_FILENO) != 0;
  Progress progress(shown, opened.source->file().stored_size());
  connect::ImportOptions options;
  options.disk = &disk;
  options.state_path = arguments.state;
  options.report_path = arguments.report;
  options.batch_rows = static_cast<size_t>(arguments.batch);
  options.parallel = static_cast<size_t>(arguments.parallel);
  options.progress = [&](const auto& counts, uint64_t bytes) { progress.Show(counts, bytes); };
  options.cancelled = [] { return stop_asked.load(); };
  return connect::RunImport(
      *opened.source, std::move(state), options, [&](size_t worker, const std::string& body) {
        return SendPatiently(session, *clients[worker],
                             arguments.decisions ? "/v1/decisions:import" : "/v1/import", body);
      });
}

ExitCode Import(const Session& session, ImportArguments& arguments) {
  const auto usage = [&](const char* what) {
    return session.Fail(absl::InvalidArgumentError(what)), ExitCode::kUsage;
  };
  if (int{arguments.json_lines} + int{arguments.decisions} + int{!arguments.map.empty()} != 1) {
    return usage("give one of --map FILE, --ndjson and --decisions");
  }
  if (arguments.batch < 1 || arguments.batch > 25'000) return usage("--batch is from 1 to 25000");
  if (arguments.parallel < 1 || arguments.parallel > 64) return usage("--parallel is from 1 to 64");
  if (arguments.state.empty()) arguments.state = arguments.file + ".import-state";
  if (arguments.report.empty()) arguments.report = arguments.file + ".rejected.csv";
  auto opened = Open(arguments);
  if (!opened.ok()) return session.Fail(opened.status());
  auto state = StateFor(arguments, opened->hash);
  if (!state.ok()) return session.Fail(state.status());
  if (state->done) {
    session.Say("all of it was acknowledged before; --restart sends it again");
    PrintCounts(session, arguments, state->counts);
    return ExitCode::kOk;
  }
  if (state->place.row > 0) session.Say(base::StrCat("going on behind row ", state->place.row));
  std::signal(SIGINT, AskToStop);
  std::signal(SIGTERM, AskToStop);
  const auto counts = Send(session, arguments, *opened, *state);
  if (!counts.ok()) {
    return session.Fail(counts.status(), "run the same command again to go on from there");
  }
  PrintCounts(session, arguments, *counts);
  if (counts->rejected > 0) {
    session.Say(base::StrCat(counts->rejected, " lines were not taken; ", arguments.report,
                             " says which and why"));
  }
  return ExitCode::kOk;
}

}  // namespace

void AddImport(Command& root) {
  Command command = root.Add("import", "Send a table or lines of JSON as events");
  auto arguments = std::make_shared<ImportArguments>();
  command.Argument("FILE", arguments->file, "CSV or NDJSON, plain or .gz");
  command.Option("--map FILE", arguments->map, "How columns become events (YAML)");
  command.Flag("--ndjson", arguments->json_lines, "Each line is a call as it is");
  command.Flag("--decisions", arguments->decisions, "Each line is a decision of before");
  command.Option("--state FILE", arguments->state, "How far it came (FILE.import-state)");
  command.Option("--report FILE", arguments->report, "Lines not taken (FILE.rejected.csv)");
  command.Flag("--restart", arguments->restart, "Begin anew; nothing is counted twice");
  command.Option("--batch N", arguments->batch, "Rows in a request (1000)");
  command.Option("--parallel N", arguments->parallel, "Requests under way (4)");
  command.Example("batuta import orders.csv --map map.yaml");
  command.Example("batuta import events.ndjson.gz --ndjson");
  command.Example("batuta import decisions.ndjson --decisions");
  command.Run([arguments](Session& session) { return Import(session, *arguments); });
}

}  // namespace batuta::server
