// Events come in by Segment's tracking API, so that its SDKs and RudderStack's work unchanged.
//
// The answer leaves when the whole body is durable: each event accepted, or rejected with a reason.
#include <algorithm>
#include <map>
#include <utility>

#include "api/answer.h"
#include "api/ask.h"
#include "api/routes.h"
#include "base/json.h"
#include "base/text.h"
#include "connect/ingest.h"
#include "engine/record.h"

namespace batuta::api {
namespace {

constexpr size_t kBatchEvents = 2'500;
constexpr size_t kImportEvents = 25'000;
constexpr base::Duration kLongestWait = base::Seconds(30);

struct Call {
  std::string_view type;  // "": a batch
  bool import = false;
};

// Of an event's record: its first field is the type, a small number.
std::string_view TypeIn(const log::Entry& entry) {
  const std::string& bytes = entry.payload;
  if (bytes.size() < 2 || bytes[0] != 0x08) return "";
  const auto type = static_cast<size_t>(bytes[1]);
  return type < std::size(kCallTypes) ? kCallTypes[type] : "";
}

void CountEvents(Core& core, std::string_view source, const connect::Ingested& ingested) {
  std::map<std::pair<std::string_view, bool>, uint64_t> counts;
  for (const log::Entry& entry : ingested.entries) {
    const bool accepted = entry.type == static_cast<uint8_t>(engine::RecordType::kEvent);
    ++counts[{accepted ? TypeIn(entry) : "", accepted}];
  }
  for (const auto& [what, count] : counts) {
    core.metrics.Count("batuta_ingest_events_total",
                       base::StrCat(Label("source", source), ",",
                                    Label("type", what.first.empty() ? "unknown" : what.first), ",",
                                    Label("status", what.second ? "accepted" : "rejected")),
                       count);
  }
}

std::string AcceptedJson(const std::vector<connect::RejectedEvent>& rejected) {
  base::JsonWriter json;
  json.BeginObject();
  json.Key("success");
  json.Bool(true);
  if (!rejected.empty()) {
    json.Key("rejected");
    json.BeginArray();
    for (const connect::RejectedEvent& event : rejected) {
      json.BeginObject();
      json.Key("index");
      json.Uint(event.index);
      json.Key("messageId");
      json.String(event.message_id);
      json.Key("code");
      json.String(event.refusal.code);
      json.Key("pointer");
      json.String(event.refusal.pointer);
      json.Key("detail");
      json.String(event.refusal.detail);
      json.EndObject();
    }
    json.EndArray();
  }
  json.EndObject();
  return json.Take();
}

// In strict mode nothing of a request with any wrong event is kept.
void RefuseStrictly(const ExchangePtr& exchange, const connect::Ingested& ingested, bool batch) {
  std::vector<http::ProblemError> errors;
  for (const connect::RejectedEvent& event : ingested.rejected) {
    errors.push_back(
        {base::StrCat(batch ? base::StrCat("/batch/", event.index) : "", event.refusal.pointer),
         event.refusal.code, event.refusal.detail});
  }
  exchange->Fail({.status = http::Status::kUnprocessableContent,
                  .code = "invalid_events",
                  .detail = base::StrCat(errors.size(), " of ", ingested.entries.size(),
                                         " events are not right. Nothing was stored."),
                  .errors = std::move(errors)});
}

absl::StatusOr<connect::Ingested> Read(const ExchangePtr& exchange, const Call& call) {
  Core& core = exchange->core();
  const auto view = core.definitions.Now();
  const connect::IngestOptions options = {
      .event = {.vault = core.hub.vault(),
                .identity = view->definitions->identity,
                .classification = view->classification,
                .hash_seed = core.hub.vault().HashValue("hashes of payloads").high,
                .source = exchange->key()->source(),
                .received_at = core.hub.clock().Wall(),
                .import = call.import},
      .partitions = core.hub.partitions(),
      .type = call.type,
      .events_max = call.import ? kImportEvents : kBatchEvents,
      .event_bytes_max = core.options.event_bytes_max};
  auto parser = core.parsers.Take();
  auto ingested = connect::Ingest(*parser, exchange->request().body, options,
                                  [&core] { return core.hub.DrawId(); });
  core.parsers.Return(std::move(parser));
  return ingested;
}

void Append(const ExchangePtr& exchange, connect::Ingested ingested) {
  std::string answer = AcceptedJson(ingested.rejected);
  Core& core = exchange->core();
  const absl::Status queued = core.hub.runtime().Append(
      std::move(ingested.entries),
      [exchange, answer = std::move(answer)](const auto& positions) mutable {
        if (!positions.ok()) return exchange->Fail(positions.status());
        http::Response response = http::Response::Json(http::Status::kOk, std::move(answer));
        response.headers.Set("X-Log-Position", FormatPositions(*positions));
        exchange->Send(std::move(response));
      });
  if (!queued.ok()) exchange->Fail(queued);
}

// Whether the key may send so many events now. Answers 429 itself if not.
bool KeepsRate(const ExchangePtr& exchange, size_t events) {
  Core& core = exchange->core();
  const engine::ApiKey& key = *exchange->key();
  const uint64_t per_second = key.events_per_second() != 0 ? key.events_per_second()
                                                           : core.options.events_per_second_per_key;
  const base::Duration wait = core.limits.Take(
      key.id(), {.events = events, .per_second = per_second}, core.hub.clock().Monotonic());
  if (wait.micros == 0) return true;
  exchange->Fail({.status = http::Status::kTooManyRequests,
                  .code = "too_many_events",
                  .detail = base::StrCat("This key may send ", per_second,
                                         " events a second. Nothing was stored."),
                  .retry_after = std::min(wait, kLongestWait)});
  return false;
}

void TakeEvents(const ExchangePtr& exchange, const Call& call) {
  Core& core = exchange->core();
  const size_t bytes_max =
      call.import ? core.options.import_bytes_max : core.options.batch_bytes_max;
  if (exchange->request().body.size() > bytes_max) {
    return exchange->Fail(http::Status::kContentTooLarge, "too_large",
                          base::StrCat("A body may have ", bytes_max,
                                       " bytes. Nothing was stored; send fewer events at a time."));
  }
  auto ingested = Read(exchange, call);
  if (!ingested.ok()) {
    return exchange->Fail(http::Status::kBadRequest, "invalid_body",
                          base::StrCat(ingested.status().message(), ". Nothing was stored."));
  }
  const bool is_strict = exchange->request().Header("X-Batuta-Strict") == "1";
  if (is_strict && !ingested->rejected.empty()) {
    return RefuseStrictly(exchange, *ingested, call.type.empty());
  }
  if (!KeepsRate(exchange, ingested->entries.size())) return;
  CountEvents(core, exchange->key()->source(), *ingested);
  if (ingested->entries.empty()) return exchange->Json(AcceptedJson({}));
  Append(exchange, *std::move(ingested));
}

// What Segment's library for browsers reads before it begins: that events go here, and nowhere
// else.
void SendSettings(const ExchangePtr& exchange) {
  Core& core = exchange->core();
  const std::string& write_key = exchange->parameter("writeKey");
  const auto key = core.keys.Check(write_key, core.hub.clock().Wall());
  if (key == nullptr || key->kind() == kSecretKind) {
    return exchange->Fail(http::Status::kNotFound, "unknown_key", "There is no such write key.");
  }
  std::string_view url = core.options.public_url;
  const bool is_secure = url.starts_with("https://");
  const size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  if (url.empty()) url = exchange->request().Header("Host");
  base::JsonWriter json;
  json.BeginObject();
  json.Key("integrations");
  json.BeginObject();
  json.Key("Segment.io");
  json.BeginObject();
  json.Key("apiKey");
  json.String(write_key);
  json.Key("apiHost");
  json.String(base::StrCat(base::IsValidUtf8(url) ? url : "", "/v1"));
  json.Key("protocol");
  json.String(is_secure ? "https" : "http");
  json.Key("unbundledIntegrations");
  json.BeginArray();
  json.EndArray();
  json.Key("addBundledMetadata");
  json.Bool(true);
  json.EndObject();
  json.EndObject();
  json.Key("plan");
  json.Raw(R"({"track":{"__default":{"enabled":true,"integrations":{}}},)"
           R"("identify":{"__default":{"enabled":true}},"group":{"__default":{"enabled":true}}})");
  json.Key("edgeFunction");
  json.Raw("{}");
  json.Key("metrics");
  json.Raw(R"({"sampleRate":0})");
  json.Key("enabledMiddleware");
  json.Raw("{}");
  json.Key("remotePlugins");
  json.Raw("[]");
  json.EndObject();
  exchange->Json(json.Take());
}

}  // namespace

void AddIngestRoutes(Core& core) {
  constexpr Access kIngest = {.door = Access::Door::kIngest};
  constexpr Access kOpen = {.door = Access::Door::kOpen};
  const auto add = [&](std::string_view path, Call call) {
    AddRoute(core, http::Method::kPost, path, kIngest,
             [call](const ExchangePtr& exchange) { TakeEvents(exchange, call); });
  };
  for (const std::string_view type : kCallTypes) {
    if (type.empty()) continue;
    add(base::StrCat("/v1/", type), {.type = type});
    // The library for browsers calls each by its first letter.
    add(base::StrCat("/v1/", type.substr(0, 1)), {.type = type});
  }
  add("/v1/batch", {});
  add("/v1/b", {});
  add("/v1/import", {.type = "", .import = true});
  // That library's numbers about itself: taken and dropped.
  AddRoute(core, http::Method::kPost, "/v1/m", kOpen,
           [](const ExchangePtr& exchange) { exchange->Json("{\"success\":true}"); });
  AddRoute(core, http::Method::kGet, "/v1/projects/{writeKey}/settings", kOpen, SendSettings);
}

}  // namespace batuta::api
