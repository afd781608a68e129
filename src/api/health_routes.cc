// Is it alive, is it ready, what is it doing; and the description of this API.
#include <cstdint>
#include <string>
#include <vector>

#include "api/answer.h"
#include "api/ask.h"
#include "api/openapi_document.h"
#include "api/routes.h"
#include "base/json.h"
#include "base/text.h"
#include "http/server_counters.h"

namespace batuta::api {
namespace {

constexpr double kReadyPressure = 0.8;

base::Value Check(std::string_view name, bool ok, std::string_view detail) {
  return ObjectBuilder().Add("name", name).Add("ok", ok).Add("detail", detail).Take();
}

void Ready(const ExchangePtr& exchange) {
  engine::Runtime& runtime = exchange->core().hub.runtime();
  const bool disk = !runtime.DiskFull();
  const bool room = runtime.Pressure() < kReadyPressure;
  ListBuilder checks;
  checks.Add(Check("disk", disk, disk ? "there is space to write" : "the disk is full"));
  checks.Add(Check("queues", room, room ? "there is room" : "the queues are nearly full"));
  // It goes on serving, by its own time.
  const bool clock = !exchange->core().hub.clock().Look().holds;
  checks.Add(Check("clock", clock,
                   clock ? "the clock runs evenly"
                         : "the clock of the machine has jumped and is not followed yet"));
  const bool started = exchange->core().started;
  checks.Add(Check("start", started,
                   started ? "the start is over" : "keys or resources are still being made"));
  const bool ready = disk && room && started;
  exchange->Json(base::ToJson(ObjectBuilder()
                                  .Add("status", ready ? "ready" : "not ready")
                                  .Add("checks", checks.Take())
                                  .Take()),
                 ready ? http::Status::kOk : http::Status::kServiceUnavailable);
}

void AppendOffsets(std::string* text, std::string_view name, std::string_view help,
                   const std::vector<base::Offset>& offsets) {
  AppendMetric(text, name, "gauge", help);
  for (size_t i = 0; i < offsets.size(); ++i) {
    const std::string label =
        Label("partition", i + 1 == offsets.size() ? std::string("control") : base::StrCat(i));
    AppendSample(text, name, label, static_cast<double>(base::Number(offsets[i])));
  }
}

void AppendHub(std::string* text, Core& core) {
  engine::Runtime& runtime = core.hub.runtime();
  AppendMetric(text, "batuta_build_info", "gauge", "The version that runs.");
  AppendSample(text, "batuta_build_info", Label("version", core.options.version), 1);
  AppendMetric(text, "batuta_queue_pressure", "gauge", "How full the fullest queue is.");
  AppendSample(text, "batuta_queue_pressure", "", runtime.Pressure());
  AppendMetric(text, "batuta_disk_full", "gauge", "1 while nothing can be written.");
  AppendSample(text, "batuta_disk_full", "", runtime.DiskFull() ? 1 : 0);
  const engine::ClockGuard::Report clock = core.hub.clock().Look();
  AppendMetric(text, "batuta_clock_jumps_total", "counter", "Jumps of the machine's clock.");
  AppendSample(text, "batuta_clock_jumps_total", "", static_cast<double>(clock.jumps));
  AppendMetric(text, "batuta_clock_held", "gauge", "1 while the machine's clock is not followed.");
  AppendSample(text, "batuta_clock_held", "", clock.holds ? 1 : 0);
  AppendMetric(text, "batuta_definitions_version", "gauge", "The version of the definitions.");
  AppendSample(text, "batuta_definitions_version", "",
               static_cast<double>(core.definitions.Now()->definitions->version()));
  std::vector<base::Offset> ends;
  for (uint16_t i = 0; i <= core.hub.partitions(); ++i) {
    ends.push_back(core.hub.log().End(base::PartitionId{i}));
  }
  AppendOffsets(text, "batuta_log_offset", "The last durable record.", ends);
  AppendOffsets(text, "batuta_applied_offset", "The last applied record.", runtime.Applied());
  AppendOffsets(text, "batuta_checkpoint_offset", "The last record in the databases.",
                runtime.Checkpointed());
}

void AppendServer(std::string* text, const http::ServerCounters& counters) {
  const auto one = [text](std::string_view name, std::string_view type, std::string_view help,
                          uint64_t value) {
    AppendMetric(text, name, type, help);
    AppendSample(text, name, "", static_cast<double>(value));
  };
  one("batuta_http_connections", "gauge", "Open connections.", counters.connections_open);
  one("batuta_http_connections_total", "counter", "Connections taken.",
      counters.connections_accepted);
  one("batuta_http_requests_under_way", "gauge", "Requests that wait for their answer.",
      counters.requests_under_way);
  one("batuta_http_bytes_in_total", "counter", "Bytes received.", counters.bytes_in);
  one("batuta_http_bytes_out_total", "counter", "Bytes sent.", counters.bytes_out);
  one("batuta_http_handler_failures_total", "counter", "Handlers that failed.",
      counters.handler_failures);
  AppendMetric(text, "batuta_http_refused_total", "counter", "Requests turned away, by reason.");
  for (size_t i = 0; i < http::kRefusals; ++i) {
    AppendSample(text, "batuta_http_refused_total",
                 Label("reason", http::RefusalName(static_cast<http::Refusal>(i))),
                 static_cast<double>(counters.refused[i]));
  }
}

void ShowMetrics(const ExchangePtr& exchange) {
  Core& core = exchange->core();
  std::string text = core.metrics.ToText();
  AppendHub(&text, core);
  if (core.server_counters) AppendServer(&text, core.server_counters());
  http::Response response = http::Response::Text(http::Status::kOk, text);
  response.headers.Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  exchange->Send(std::move(response));
}

void ShowOpenApi(const ExchangePtr& exchange) {
  http::Response response = http::Response::Text(http::Status::kOk, std::string(OpenApiDocument()));
  response.headers.Set("Content-Type", "application/yaml; charset=utf-8");
  exchange->Send(std::move(response));
}

}  // namespace

void AddHealthRoutes(Core& core) {
  constexpr Access kOpen = {.door = Access::Door::kOpen};
  AddRoute(core, http::Method::kGet, "/healthz", kOpen, [](const ExchangePtr& exchange) {
    exchange->Json(base::ToJson(ObjectBuilder()
                                    .Add("status", "alive")
                                    .Add("product", exchange->core().options.product)
                                    .Add("version", exchange->core().options.version)
                                    .Take()));
  });
  AddRoute(core, http::Method::kGet, "/readyz", kOpen, Ready);
  AddRoute(core, http::Method::kGet, "/metrics", kOpen, ShowMetrics);
  AddRoute(core, http::Method::kGet, "/openapi.yaml", kOpen, ShowOpenApi);
}

}  // namespace batuta::api
