// Simulations: what the hub would have decided in its own past, had other resources been in force.
// A job; nothing changes by it.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/answer.h"
#include "api/ask.h"
#include "api/job_answer.h"
#include "api/known_names.h"
#include "api/object_reader.h"
#include "api/publish.h"
#include "api/resource_change.h"
#include "api/routes.h"
#include "api/simulation_view.h"
#include "base/disk.h"
#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "whatif/simulation.h"

namespace batuta::api {
namespace {

constexpr size_t kSegmentsMax = 50;
constexpr size_t kThreads = 2;
constexpr uint64_t kWrittenAtOnce = uint64_t{256} << 20;
constexpr std::string_view kFile = "simulation.json";

struct SimulationWish {
  resource::Change change;
  SimulationFrame frame;
  std::vector<std::string> segments;
  std::string author;
};

class SimulationJob : public Job {
 public:
  SimulationJob(SimulationWish wish, resource::ResourceSet resources)
      : wish_(std::move(wish)), resources_(std::move(resources)) {}

  absl::StatusOr<JobResult> Run(JobContext& context) override {
    engine::Hub& hub = context.hub();
    const std::string worlds = context.folder() + "/worlds";
    BATUTA_RETURN_IF_ERROR(context.disk().MakeDirectory(worlds));
    whatif::SimulationOptions options = {.history = &hub.history(),
                                         .disk = &context.disk(),
                                         .through_disk = hub.reads_through_disk(),
                                         .folder = worlds,
                                         .hub = hub.vault().HubId(),
                                         .hub_seed = hub.vault().HubSeed(),
                                         .partitions = hub.partitions(),
                                         .threads = kThreads,
                                         .change = wish_.change,
                                         .author = wish_.author,
                                         .from = wish_.frame.from,
                                         .to = wish_.frame.to,
                                         .segment = wish_.frame.segment,
                                         .segments = wish_.segments};
    options.progress = [&context](const whatif::SimulationProgress& progress) {
      context.Report({.stage = progress.have_parted ? "comparing" : "folding the history",
                      .done = progress.records,
                      .total = progress.all});
      return HasRoom(context);
    };
    const auto compared = whatif::Simulate(options);
    BATUTA_RETURN_IF_ERROR(base::RemoveTree(context.disk(), worlds));
    if (absl::IsFailedPrecondition(compared.status())) {
      return context.Fail({.status = http::Status::kConflict,
                           .code = "history_not_complete",
                           .detail = std::string(compared.status().message())});
    }
    BATUTA_RETURN_IF_ERROR(compared.status());
    BATUTA_ASSIGN_OR_RETURN(JobFile file, JobFile::Create(context, kFile));
    BATUTA_RETURN_IF_ERROR(file.Append(SimulationJson(wish_.frame, *compared, resources_) + "\n"));
    BATUTA_RETURN_IF_ERROR(file.Finish());
    return JobResult{.summary = SimulationSummary(*compared),
                     .file = std::string(kFile),
                     .content_type = "application/json",
                     .file_name = std::string(kFile)};
  }

 private:
  // Two copies of the state are written beside the hub's own, which comes first.
  static absl::Status HasRoom(JobContext& context) {
    BATUTA_RETURN_IF_ERROR(context.Check());
    BATUTA_ASSIGN_OR_RETURN(const bool has_room, context.HasRoom(kWrittenAtOnce));
    if (has_room) return absl::OkStatus();
    return context.Fail({.status = http::Status::kServiceUnavailable,
                         .code = "disk_full",
                         .detail = "The disk of the hub has no room for two copies of its state."});
  }

  const SimulationWish wish_;
  const resource::ResourceSet resources_;  // as changed
};

std::optional<base::Time> ReadTime(ObjectReader& body, std::string_view name, Need need) {
  const std::string text = body.Text(name, need);
  if (text.empty()) return std::nullopt;
  const auto time = base::ParseTime(text);
  if (time.ok()) return *time;
  body.Error(name, "not_a_time", "must be a time such as 2026-11-01T00:00:00Z");
  return std::nullopt;
}

void ReadFrame(ObjectReader& body, base::Time now, SimulationFrame& frame) {
  const auto from = ReadTime(body, "from", Need::kRequired);
  const auto to = ReadTime(body, "to", Need::kOptional);
  frame.to = to.value_or(now);
  frame.segment = body.Text("segment");
  if (!from.has_value()) return;
  frame.from = *from;
  if (*from > now) {
    body.Error("from", "out_of_range", "must be in the past: only what has happened is known");
  } else if (frame.to < *from) {
    body.Error("to", "out_of_range", "must not be before `from`");
  }
}

// Nothing, and answered, if the body is not right.
std::optional<SimulationWish> ReadWish(const ExchangePtr& exchange) {
  const auto root = base::ParseJson(exchange->request().body);
  if (!root.ok()) return exchange->FailNotJson(root.status()), std::nullopt;
  SimulationWish wish;
  wish.author = exchange->key()->id();
  std::vector<http::ProblemError> errors;
  std::vector<resource::Problem> problems;
  ObjectReader body(*root, "", errors);
  if (const base::Value* resources = body.Object("resources", Need::kRequired)) {
    ReadResourceChange(*resources, "/resources", errors, wish.change, problems);
  }
  ReadFrame(body, exchange->core().hub.clock().Wall(), wish.frame);
  wish.frame.language = LanguageOf(exchange->request());
  wish.segments = body.Texts("segments");
  if (wish.segments.size() > kSegmentsMax) {
    body.Error("segments", "too_many", base::StrCat("must be at most ", kSegmentsMax));
  }
  body.Finish();
  if (!errors.empty()) return exchange->Fail(std::move(errors)), std::nullopt;
  if (!problems.empty()) return FailProblems(exchange, std::move(problems)), std::nullopt;
  return wish;
}

// The segments are those of the changed definitions.
std::vector<http::ProblemError> UnknownSegments(const SimulationWish& wish,
                                                const resource::ResourceSet& proposed) {
  std::vector<http::ProblemError> errors;
  const auto check = [&](const std::string& name, const std::string& pointer) {
    if (auto unknown = UnknownSegment(proposed, name, pointer)) errors.push_back(*unknown);
  };
  check(wish.frame.segment, "/segment");
  for (size_t i = 0; i < wish.segments.size(); ++i) {
    check(wish.segments[i], base::StrCat("/segments/", i));
  }
  return errors;
}

void Simulate(const ExchangePtr& exchange) {
  InBackground(exchange, [exchange] {
    auto wish = ReadWish(exchange);
    if (!wish.has_value()) return;
    Proposal proposal = Propose(exchange->core(), wish->change, exchange->key()->id());
    if (resource::HasError(proposal.problems)) return FailProblems(exchange, proposal.problems);
    auto unknown = UnknownSegments(*wish, proposal.proposed);
    if (!unknown.empty()) return exchange->Fail(std::move(unknown));
    StartJob(exchange, {.kind = "simulation", .scopes = {"people:read"}},
             std::make_unique<SimulationJob>(*std::move(wish), std::move(proposal.proposed)));
  });
}

}  // namespace

void AddSimulationRoutes(Core& core) {
  AddRoute(core, http::Method::kPost, "/v1/simulations", {.scope = "people:read"}, Simulate);
}

}  // namespace batuta::api
