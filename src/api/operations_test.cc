#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "api/metrics.h"
#include "api/test_hub.h"
#include "base/text.h"

namespace batuta::api {
namespace {

using http::Method;
using testing::HasSubstr;
using testing::Not;

TEST(Operations, HealthIsOpenAndSaysWhatWasChecked) {
  TestHub hub;
  EXPECT_EQ(hub.Call({.target = "/healthz"}).At("status"), "alive");
  const TestAnswer ready = hub.Call({.target = "/readyz"});
  EXPECT_EQ(ready.status, 200);
  EXPECT_EQ(ready.At("checks.0.name"), "disk");
  EXPECT_EQ(ready.At("checks.2.name"), "clock");
  EXPECT_EQ(ready.At("checks.2.ok"), "true");
  EXPECT_EQ(ready.At("checks.3.name"), "start");
  EXPECT_THAT(hub.Call({.target = "/openapi.yaml"}).body, HasSubstr("openapi: 3.1.0"));
}

TEST(Operations, MetricsCountWhatHappenedAndNameNobody) {
  TestHub hub;
  hub.api().ShowServerCounters([] { return http::ServerCounters{.connections_open = 3}; });
  hub.Ingest("/v1/batch", R"({"batch":[{"type":"track","event":"E","userId":"secret-person"},
                                       {"type":"track","userId":"secret-person"}]})");
  hub.Post("/v1/decisions", R"({"person":{"userId":"secret-person"},"placement":"web.home.hero"})");
  const std::string text = hub.Call({.target = "/metrics"}).body;
  for (const char* line :
       {"batuta_ingest_events_total{source=\"default\",type=\"track\",status=\"accepted\"} 1\n",
        "batuta_ingest_events_total{source=\"default\",type=\"unknown\",status=\"rejected\"} 1\n",
        "# TYPE batuta_decisions_total counter\n", "placement=\"web.home.hero\"",
        "batuta_http_request_duration_seconds_bucket{route=\"/v1/batch\",le=\"+Inf\"} 1\n",
        "batuta_log_offset{partition=\"control\"}", "batuta_build_info{version=\"0\"} 1\n",
        "batuta_queue_pressure", "batuta_http_connections 3\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(text, Not(HasSubstr("secret-person")));
}

TEST(Operations, TheStateHashIsOfAllPartitionsAndBackupsAreComplete) {
  TestHub hub;
  hub.Ingest("/v1/track", R"({"userId":"u1","event":"E"})");
  const TestAnswer first = hub.Get("/v1/admin/state-hash");
  EXPECT_EQ(first.At("stateHash").size(), 32u) << first.body;
  EXPECT_NE(first.At("partitions.4"), "");
  EXPECT_EQ(hub.Post("/v1/admin:checkpoint", "{}").status, 202);
  const std::string path = hub.folder() + "/copy";
  const TestAnswer backup =
      hub.Post("/v1/admin:backup", base::StrCat(R"({"path":")", path, R"("})"));
  EXPECT_EQ(backup.status, 200) << backup.body;
  EXPECT_TRUE(std::filesystem::exists(path + "/hub.json"));
  EXPECT_EQ(hub.Post("/v1/admin:backup", R"({"path":"here"})").status, 422);
  EXPECT_EQ(hub.Post("/v1/admin:backup", R"({})").status, 422);
}

TEST(Operations, APathThatIsNotThereAndAMethodThatIsNotTakenSaySo) {
  TestHub hub;
  EXPECT_EQ(hub.Get("/nowhere").code(), "no_such_path");
  const TestAnswer answer = hub.Call({.method = Method::kDelete, .target = "/nowhere/else"});
  EXPECT_EQ(answer.status, 404);
}

TEST(Operations, ATraceThatTheCallerBeganGoesOn) {
  TestHub hub;
  const TestAnswer answer = hub.Call(
      {.target = "/v1/stats",
       .headers = {{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}}});
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.At("traceId"), "4bf92f3577b34da6a3ce929d0e0e4736");
}

TEST(Operations, BodiesHaveLimitsByPath) {
  TestHub hub;
  const auto limit = hub.api().Hooks().body_limit;
  EXPECT_EQ(limit("/v1/batch"), size_t{500} << 10);
  EXPECT_EQ(limit("/v1/import"), size_t{4} << 20);
  EXPECT_EQ(limit("/v1/decisions"), size_t{64} << 10);
  EXPECT_EQ(limit("/v1/resources:apply"), size_t{8} << 20);
}

TEST(Operations, AWrongKeyIsRefusedBeforeTheBodyIsRead) {
  TestHub hub;
  http::RequestHead head;
  head.method = Method::kPost;
  head.path = "/v1/batch";
  head.has_body = true;
  head.headers.Add("Authorization", "Bearer bat_write_none");
  const auto refused = hub.api().Hooks().admission(head);
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->status, http::Status::kUnauthorized);
  EXPECT_EQ(refused->headers.Get("Access-Control-Allow-Origin"), "*");
}

TEST(MetricsText, LabelsAreEscapedAndSeriesBounded) {
  EXPECT_EQ(Label("a", "x\"y\\z\n"), "a=\"x\\\"y\\\\z\\n\"");
  Metrics metrics;
  for (size_t i = 0; i < Metrics::kSeriesMax + 10; ++i)
    metrics.Count("f", Label("i", base::StrCat(i)));
  EXPECT_THAT(metrics.ToText(), Not(HasSubstr(base::StrCat("\"", Metrics::kSeriesMax, "\""))));
}

}  // namespace
}  // namespace batuta::api
