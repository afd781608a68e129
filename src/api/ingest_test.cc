#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/test_hub.h"
#include "base/text.h"
#include "http/client.h"
#include "http/server.h"

namespace batuta::api {
namespace {

using http::Method;
using testing::HasSubstr;

class Ingest : public testing::Test {
 protected:
  TestHub hub_;
};

TEST_F(Ingest, EveryCallOfTheTrackingApiIsTaken) {
  const std::pair<const char*, const char*> calls[] = {
      {"identify", R"({"userId":"u1","traits":{"plan":"gold"}})"},
      {"track", R"({"userId":"u1","event":"Seen"})"},
      {"page", R"({"anonymousId":"a1","name":"Home"})"},
      {"screen", R"({"anonymousId":"a1","name":"Start"})"},
      {"group", R"({"userId":"u1","groupId":"g1","traits":{"name":"Acme"}})"},
      {"alias", R"({"userId":"u1","previousId":"old-u1"})"}};
  for (const auto& [type, body] : calls) {
    for (const std::string& path :
         {base::StrCat("/v1/", type), base::StrCat("/v1/", std::string_view(type).substr(0, 1))}) {
      const TestAnswer answer = hub_.Ingest(path, body);
      EXPECT_EQ(answer.status, 200) << path << answer.body;
      EXPECT_EQ(answer.body, R"({"success":true})");
      EXPECT_THAT(std::string(answer.headers.Get("X-Log-Position")), HasSubstr(":"));
      EXPECT_EQ(answer.headers.Get("Access-Control-Allow-Origin"), "*");
      EXPECT_THAT(std::string(answer.headers.Get("Server-Timing")), HasSubstr("total;dur="));
    }
  }
}

TEST_F(Ingest, WhatWasAnsweredIsSeenByTheNextRead) {
  hub_.Ingest("/v1/identify", R"({"userId":"u2","traits":{"plan":"gold"}})");
  const TestAnswer person = hub_.Get("/v1/people/user_id:u2");
  EXPECT_EQ(person.status, 200);
  EXPECT_EQ(person.At("traits.plan.value"), "gold");
}

TEST_F(Ingest, KeysComeByBasicByBearerOrInTheBody) {
  const std::string key = hub_.keys().write_key;
  const std::string event = R"({"userId":"u1","event":"E"})";
  TestCall call = {.method = Method::kPost, .target = "/v1/track", .body = event, .key = key};
  EXPECT_EQ(hub_.Call(call).status, 200);
  std::string encoded;
  call.key.clear();
  // base64 of "key:"
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string plain = key + ":";
  uint32_t bits = 0;
  int count = 0;
  for (const char c : plain) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) encoded += kDigits[bits >> (count - 6) & 63];
  }
  if (count > 0) encoded += kDigits[bits << (6 - count) & 63];
  while (encoded.size() % 4 != 0) encoded += '=';
  call.headers = {{"Authorization", "Basic " + encoded}};
  EXPECT_EQ(hub_.Call(call).status, 200);
  call.headers.clear();
  call.body = base::StrCat(R"({"userId":"u1","event":"E","writeKey":")", key, R"("})");
  EXPECT_EQ(hub_.Call(call).status, 200);
  call.body = event;
  EXPECT_EQ(hub_.Call(call).code(), "missing_key");
  call.target = "/v1/track?writeKey=" + key;
  EXPECT_EQ(hub_.Call(call).code(), "key_in_query");
}

struct BadEvent {
  const char* what;
  std::string event;
  const char* code;
  const char* pointer;
};

TEST_F(Ingest, AWrongEventIsKeptWithItsReasonAndTheRestOfTheBatchIsTaken) {
  std::string keys = "{";
  for (int i = 0; i < 1'001; ++i) base::StrAppend(&keys, i ? "," : "", "\"k", i, "\":1");
  keys += "}";
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += R"({"a":)";
  deep += "1" + std::string(40, '}');
  const BadEvent bad[] = {
      {"no identifier", R"({"type":"track","event":"E"})", "missing_identifier", ""},
      {"blocked", R"({"type":"track","event":"E","userId":"nobody"})", "blocked_identifier", ""},
      {"no type", R"({"userId":"u"})", "missing_type", "/type"},
      {"unknown type", R"({"type":"trak","userId":"u"})", "unknown_type", "/type"},
      {"no name", R"({"type":"track","userId":"u"})", "missing_event", "/event"},
      {"wrong type", R"({"type":"track","event":["E"],"userId":"u"})", "wrong_type", "/event"},
      {"traits no object", R"({"type":"identify","userId":"u","traits":7})", "wrong_type",
       "/traits"},
      {"no time", R"({"type":"track","event":"E","userId":"u","timestamp":"soon"})", "bad_time",
       "/timestamp"},
      {"ancient", R"({"type":"track","event":"E","userId":"u","timestamp":"1800-01-01T00:00:00Z"})",
       "time_out_of_range", "/timestamp"},
      {"far ahead",
       R"({"type":"track","event":"E","userId":"u","timestamp":"2100-01-01T00:00:00Z"})",
       "time_out_of_range", "/timestamp"},
      {"not an object", "5", "not_an_object", ""},
      {"deep", R"({"type":"track","event":"E","userId":"u","properties":)" + deep + "}", "too_deep",
       "/properties"},
      {"many keys", R"({"type":"track","event":"E","userId":"u","properties":)" + keys + "}",
       "too_many_fields", "/properties"},
      {"large",
       R"({"type":"track","event":"E","userId":"u","properties":{"t":")" +
           std::string(40 << 10, 'x') + R"("}})",
       "too_large", ""}};
  std::string body = R"({"batch":[{"type":"track","event":"Good","userId":"good1"})";
  for (const BadEvent& event : bad) body += "," + event.event;
  body += R"(,{"type":"track","event":"Good","userId":"good1"}]})";
  const TestAnswer answer = hub_.Ingest("/v1/batch", body);
  ASSERT_EQ(answer.status, 200) << answer.body;
  for (size_t i = 0; i < std::size(bad); ++i) {
    const std::string at = base::StrCat("rejected.", i, ".");
    EXPECT_EQ(answer.At(at + "index"), base::StrCat(i + 1)) << bad[i].what;
    EXPECT_EQ(answer.At(at + "code"), bad[i].code) << bad[i].what;
    EXPECT_TRUE(answer.At(at + "pointer").starts_with(bad[i].pointer)) << bad[i].what;
    EXPECT_NE(answer.At(at + "detail"), "") << bad[i].what;
  }
  EXPECT_THAT(answer.body,
              HasSubstr(R"(\"timestamp\" is not a time as in 2026-11-22T10:15:30Z: soon)"));
  EXPECT_EQ(hub_.Get("/v1/people/user_id:good1").At("counters.Good.count"), "2");
  EXPECT_EQ(hub_.Get("/v1/stats").At("rejections"), base::StrCat(std::size(bad)));
}

TEST_F(Ingest, StrictModeRefusesAllAndSaysWhere) {
  const TestAnswer answer =
      hub_.Call({.method = Method::kPost,
                 .target = "/v1/batch",
                 .body = R"({"batch":[{"type":"track","event":"Good","userId":"strict1"},
                                      {"type":"track","userId":"strict1"}]})",
                 .key = hub_.keys().write_key,
                 .headers = {{"X-Batuta-Strict", "1"}}});
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(answer.code(), "invalid_events");
  EXPECT_EQ(answer.At("errors.0.pointer"), "/batch/1/event");
  EXPECT_EQ(hub_.Get("/v1/people/user_id:strict1").status, 404);
  EXPECT_EQ(hub_.Get("/v1/stats").At("rejections"), "0");
}

TEST_F(Ingest, ABodyThatIsNotACallIsRefusedWhole) {
  std::string nested;
  for (int i = 0; i < 100'000; ++i) nested += '[';
  const std::pair<std::string, int> bodies[] = {{"", 400},
                                                {"{", 400},
                                                {"[]", 400},
                                                {"null", 400},
                                                {R"({"batch":7})", 400},
                                                {R"({"batch":[{"userId":"u1","type":"tr)", 400},
                                                {"{\"\xff\":1,\"batch\":[]}", 400},
                                                {R"({"sentAt":NaN,"batch":[]})", 400},
                                                {nested, 400},
                                                {std::string(600 << 10, ' '), 413}};
  for (const auto& [body, status] : bodies) {
    const TestAnswer answer = hub_.Ingest("/v1/batch", body);
    EXPECT_EQ(answer.status, status) << body.substr(0, 40);
    EXPECT_NE(answer.At("detail"), "");
    EXPECT_NE(answer.At("traceId"), "");
  }
  EXPECT_EQ(hub_.Get("/v1/stats").At("events"), "0");
}

// Not even the body is JSON then; but it can be seen where each event ends.
TEST_F(Ingest, AnEventThatIsNotJsonTakesNoOtherWithIt) {
  std::string deep(2'000, '[');
  deep += std::string(2'000, ']');
  const struct {
    const char* what;
    std::string event;
    const char* code;
    const char* detail;
  } broken[] = {
      {"NaN", R"({"type":"track","event":"E","userId":"u","properties":{"n":NaN}})", "not_json",
       "expected a value at byte 59"},
      {"Infinity", R"({"type":"track","event":"E","userId":"u","properties":{"n":-Infinity}})",
       "not_json", "expected a value at byte 59"},
      {"too large a number",
       R"({"type":"track","event":"E","userId":"u","properties":{"n":1e999}})", "not_json",
       "number too large"},
      {"Latin-1", "{\"type\":\"track\",\"event\":\"Jos\xe9\",\"userId\":\"u\"}", "not_json",
       "invalid UTF-8 at byte 28"},
      {"a control character", "{\"type\":\"track\",\"event\":\"E\n\",\"userId\":\"u\"}", "not_json",
       "control character"},
      {"a missing comma", R"({"type":"track" "event":"E","userId":"u"})", "not_json",
       "expected ',' or '}'"},
      {"a comma too many", "", "not_json", "expected a value"},
      {"very deep", R"({"type":"track","event":"E","userId":"u","properties":{"d":)" + deep + "}}",
       "too_deep", "nested too deep"}};
  std::string body = R"({"batch":[{"type":"track","event":"Good","userId":"good2"})";
  for (const auto& one : broken) body += "," + one.event;
  body += R"(,{"type":"track","event":"Good","userId":"good2"}],"sentAt":"2026-03-01T12:30:00Z"})";
  const TestAnswer answer = hub_.Ingest("/v1/batch", body);
  ASSERT_EQ(answer.status, 200) << answer.body;
  for (size_t i = 0; i < std::size(broken); ++i) {
    const std::string at = base::StrCat("rejected.", i, ".");
    EXPECT_EQ(answer.At(at + "index"), base::StrCat(i + 1)) << broken[i].what;
    EXPECT_EQ(answer.At(at + "code"), broken[i].code) << broken[i].what;
    EXPECT_THAT(answer.At(at + "detail"), HasSubstr(broken[i].detail)) << broken[i].what;
  }
  EXPECT_EQ(answer.At(base::StrCat("rejected.", std::size(broken), ".index")), "");
  EXPECT_EQ(hub_.Get("/v1/people/user_id:good2").At("counters.Good.count"), "2");
  const TestAnswer listed = hub_.Get("/v1/rejections");
  EXPECT_NE(listed.At(base::StrCat("data.", std::size(broken) - 1, ".detail")), "");
}

TEST_F(Ingest, TheKeyInABodyIsReadThoughAnEventOfItIsBroken) {
  const TestAnswer answer =
      hub_.Call({.method = Method::kPost,
                 .target = "/v1/batch",
                 .body = base::StrCat(R"({"batch":[{"userId":NaN}],"writeKey":")",
                                      hub_.keys().write_key, R"("})")});
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.At("rejected.0.code"), "not_json");
}

TEST_F(Ingest, AMillionKeysAreRefusedWithoutHarm) {
  std::string body = R"({"batch":[{"type":"identify","userId":"u1","traits":{)";
  for (int i = 0; i < 1'000'000; ++i) base::StrAppend(&body, i ? "," : "", "\"", i, "\":1");
  body += "}}]}";
  EXPECT_EQ(hub_.Ingest("/v1/import", body).status, 413);
  EXPECT_EQ(hub_.Ingest("/v1/track", R"({"userId":"u1","event":"E"})").status, 200);
}

TEST_F(Ingest, AnEmptyBatchIsASuccess) {
  EXPECT_EQ(hub_.Ingest("/v1/batch", R"({"batch":[]})").body, R"({"success":true})");
}

TEST_F(Ingest, AMessageIdCountsOnceAndAnotherPayloadUnderItIsNoted) {
  hub_.Ingest("/v1/batch",
              R"({"batch":[{"type":"track","event":"E","userId":"u3","messageId":"m1"},
                           {"type":"track","event":"E","userId":"u3","messageId":"m1"},
                           {"type":"track","event":"F","userId":"u3","messageId":"m1"}]})");
  const TestAnswer stats = hub_.Get("/v1/stats");
  EXPECT_EQ(stats.At("events"), "1");
  EXPECT_EQ(stats.At("duplicates"), "2");
  EXPECT_EQ(stats.At("mismatches"), "1");
  EXPECT_EQ(hub_.Get("/v1/people/user_id:u3").At("counters.E.count"), "1");
  const TestAnswer rejections = hub_.Get("/v1/rejections");
  EXPECT_EQ(rejections.At("data.0.code"), "message_id_reused") << rejections.body;
  EXPECT_EQ(rejections.At("data.0.messageId"), "m1");
  EXPECT_EQ(rejections.At("data.0.type"), "track");
  EXPECT_EQ(rejections.At("data.0.source"), "default");
  EXPECT_THAT(rejections.At("data.0.detail"), HasSubstr("another payload"));
  EXPECT_EQ(rejections.At("data.1.code"), "") << "a mere duplicate is no rejection";
}

TEST_F(Ingest, ImportsKeepTheirTimes) {
  hub_.Ingest("/v1/import",
              R"({"batch":[{"type":"track","event":"Order","userId":"u4",
                            "timestamp":"2010-12-01T08:26:00Z"}]})");
  EXPECT_EQ(hub_.Get("/v1/people/user_id:u4").At("counters.Order.first"), "2010-12-01T08:26:00Z");
  EXPECT_EQ(hub_.Get("/v1/people/user_id:u4/timeline").At("data.0.import"), "true");
}

TEST_F(Ingest, RejectionsAreListedNewestFirstByPages) {
  for (int i = 0; i < 5; ++i) {
    hub_.Ingest("/v1/track", base::StrCat(R"({"messageId":"r)", i, R"(","event":"E"})"));
  }
  std::vector<std::string> ids;
  std::string cursor;
  do {
    const TestAnswer page =
        hub_.Get(base::StrCat("/v1/rejections?limit=2", cursor.empty() ? "" : "&cursor=", cursor));
    ASSERT_EQ(page.status, 200) << page.body;
    for (int i = 0; i < 2; ++i) {
      const std::string id = page.At(base::StrCat("data.", i, ".messageId"));
      if (!id.empty()) ids.push_back(id);
    }
    EXPECT_EQ(page.At("data.0.code"), "missing_identifier");
    EXPECT_EQ(page.At("data.0.source"), "default");
    cursor = page.At("nextCursor");
  } while (!cursor.empty());
  EXPECT_EQ(ids, (std::vector<std::string>{"r4", "r3", "r2", "r1", "r0"}));
  EXPECT_EQ(hub_.Get("/v1/rejections?cursor=zz").code(), "bad_cursor");
  EXPECT_EQ(hub_.Get("/v1/rejections?limit=0").code(), "bad_limit");
}

TEST_F(Ingest, TheLibraryForBrowsersGetsItsSettings) {
  const TestAnswer answer =
      hub_.Call({.target = "/v1/projects/" + hub_.keys().browser_key + "/settings",
                 .headers = {{"Host", "hub.example.com:8480"}}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr(R"("apiHost":"hub.example.com:8480/v1")"));
  EXPECT_THAT(answer.body, HasSubstr(hub_.keys().browser_key));
  EXPECT_EQ(answer.headers.Get("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(hub_.Call({.target = "/v1/projects/none/settings"}).status, 404);
  EXPECT_EQ(hub_.Call({.target = "/v1/projects/" + hub_.keys().secret_key + "/settings"}).status,
            404);
  EXPECT_EQ(hub_.Call({.method = Method::kPost, .target = "/v1/m", .body = "{}"}).status, 200);
}

TEST_F(Ingest, BrowsersMayAskFromAnyPage) {
  TestCall call = {.method = Method::kOptions,
                   .target = "/v1/t",
                   .headers = {{"Origin", "https://shop.example.com"}}};
  TestAnswer answer = hub_.Call(call);
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.headers.Get("Access-Control-Allow-Origin"), "*");
  EXPECT_THAT(std::string(answer.headers.Get("Access-Control-Allow-Headers")),
              HasSubstr("Authorization"));
  EXPECT_FALSE(answer.headers.Has("Access-Control-Allow-Credentials"));
  call.target = "/v1/people/user_id:u1";
  EXPECT_FALSE(hub_.Call(call).headers.Has("Access-Control-Allow-Origin"));
}

TEST(IngestLimit, AKeyThatSendsTooMuchIsToldWhenToComeBack) {
  TestHub hub({.events_per_second_per_key = 2});
  int refused = 0;
  for (int i = 0; i < 20; ++i) {
    const TestAnswer answer = hub.Ingest("/v1/track", R"({"userId":"u1","event":"E"})");
    if (answer.status != 429) continue;
    ++refused;
    EXPECT_EQ(answer.code(), "too_many_events");
    EXPECT_TRUE(answer.headers.Has("Retry-After"));
  }
  EXPECT_GT(refused, 0);
}

TEST(IngestLimit, AKeyCanHaveARateOfItsOwn) {
  TestHub hub;
  const std::string_view two =
      R"({"batch":[{"type":"track","userId":"u","event":"E"},{"type":"track","userId":"u","event":"E"}]})";
  const TestAnswer made =
      hub.Post("/v1/keys", R"({"kind":"write","source":"web","eventsPerSecond":1})");
  EXPECT_EQ(made.At("eventsPerSecond"), "1") << made.body;
  const TestCall call = {.method = Method::kPost,
                         .target = "/v1/batch",
                         .body = std::string(two),
                         .key = made.At("secret")};
  EXPECT_EQ(hub.Call(call).status, 200);
  const TestAnswer refused = hub.Call(call);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.headers.Get("Retry-After"), "2");
  EXPECT_THAT(refused.At("detail"), HasSubstr("1 events a second"));
  EXPECT_EQ(hub.Ingest("/v1/batch", two).status, 200) << "other keys have no limit";
  EXPECT_EQ(hub.Post("/v1/keys", R"({"kind":"write","source":"web","eventsPerSecond":0})").status,
            422);
  EXPECT_EQ(
      hub.Post("/v1/keys", R"({"kind":"secret","scopes":["admin"],"eventsPerSecond":5})").status,
      422);
}

// By the server itself, which is where bodies are refused before they are read whole.
TEST(IngestLimit, NoBodyIsLargerThanTheSettingSays) {
  TestHub hub({.body_bytes_max = 2000});
  const auto server = http::Server::Start({}, hub.api().Hooks());
  ASSERT_TRUE(server.ok()) << server.status();
  auto client = http::Client::Create(base::StrCat("http://127.0.0.1:", (*server)->port()));
  ASSERT_TRUE(client.ok()) << client.status();
  http::ClientRequest request = {.method = Method::kPost};
  request.headers.Set("Authorization", "Bearer " + hub.keys().write_key);
  for (const char* path : {"/v1/import", "/v1/batch", "/v1/resources:apply", "/v1/decisions"}) {
    request.target = path;
    request.body = R"({"batch":[]})" + std::string(2000, ' ');
    const auto answer = client->Send(request);
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->status, http::Status::kContentTooLarge) << path;
  }
  request.target = "/v1/batch";
  request.body = R"({"batch":[]})" + std::string(1000, ' ');
  const auto answer = client->Send(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, http::Status::kOk);
}

}  // namespace
}  // namespace batuta::api
