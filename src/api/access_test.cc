#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "api/api_key.h"
#include "api/test_hub.h"
#include "base/text.h"
#include "http/target.h"

namespace batuta::api {
namespace {

using http::Method;
using testing::HasSubstr;
using testing::Not;

// Who may use a route, by its description's path.
struct Door {
  Method method;
  std::string path;
  const char* who;  // "open", "ingest", or a scope; "+browser" behind it lets browsers in
};
const std::vector<Door> kDoors = {
    {Method::kPost, "/v1/identify", "ingest"},
    {Method::kPost, "/v1/track", "ingest"},
    {Method::kPost, "/v1/page", "ingest"},
    {Method::kPost, "/v1/screen", "ingest"},
    {Method::kPost, "/v1/group", "ingest"},
    {Method::kPost, "/v1/alias", "ingest"},
    {Method::kPost, "/v1/i", "ingest"},
    {Method::kPost, "/v1/t", "ingest"},
    {Method::kPost, "/v1/p", "ingest"},
    {Method::kPost, "/v1/s", "ingest"},
    {Method::kPost, "/v1/g", "ingest"},
    {Method::kPost, "/v1/a", "ingest"},
    {Method::kPost, "/v1/batch", "ingest"},
    {Method::kPost, "/v1/b", "ingest"},
    {Method::kPost, "/v1/import", "ingest"},
    {Method::kPost, "/v1/m", "open"},
    {Method::kGet, "/v1/projects/{writeKey}/settings", "open"},
    {Method::kPost, "/v1/decisions", "decisions+browser"},
    {Method::kPost, "/v1/decisions:whyNot", "decisions"},
    {Method::kPost, "/v1/decisions:import", "decisions"},
    {Method::kGet, "/v1/decisions/{id}", "decisions"},
    {Method::kGet, "/v1/decisions/{id}/explanation", "decisions"},
    {Method::kPost, "/v1/decisions/{id}:replay", "decisions"},
    {Method::kPost, "/v1/decisions:replay", "decisions"},
    {Method::kPost, "/v1/decisions/{id}/outcomes", "decisions+browser"},
    {Method::kGet, "/v1/people/{type}:{value}", "people:read"},
    {Method::kDelete, "/v1/people/{type}:{value}", "people:erase"},
    {Method::kGet, "/v1/people/{id}", "people:read"},
    {Method::kDelete, "/v1/people/{id}", "people:erase"},
    {Method::kGet, "/v1/people/{type}:{value}/timeline", "people:read"},
    {Method::kGet, "/v1/people/{id}/timeline", "people:read"},
    {Method::kGet, "/v1/rejections", "people:read"},
    {Method::kGet, "/v1/audit", "audit:read"},
    {Method::kGet, "/v1/{plural}", "resources:read"},
    {Method::kGet, "/v1/{plural}/{name}", "resources:read"},
    {Method::kPut, "/v1/{plural}/{name}", "resources:write"},
    {Method::kDelete, "/v1/{plural}/{name}", "resources:write"},
    {Method::kPost, "/v1/resources:diff", "resources:read"},
    {Method::kPost, "/v1/resources:apply", "resources:write"},
    {Method::kPost, "/v1/rules:validate", "resources:read"},
    {Method::kPost, "/v1/rules:evaluate", "people:read"},
    {Method::kGet, "/v1/schemas", "resources:read"},
    {Method::kGet, "/v1/schemas/{kind}", "resources:read"},
    {Method::kGet, "/v1/jobs", "secret"},
    {Method::kGet, "/v1/jobs/{id}", "secret"},
    {Method::kDelete, "/v1/jobs/{id}", "secret"},
    {Method::kGet, "/v1/jobs/{id}/result", "secret"},
    {Method::kGet, "/v1/keys", "keys"},
    {Method::kPost, "/v1/keys", "keys"},
    {Method::kDelete, "/v1/keys/{id}", "keys"},
    {Method::kPost, "/v1/segments:preview", "people:read"},
    {Method::kPost, "/v1/placements/{name}:findValue", "people:read"},
    {Method::kPost, "/v1/simulations", "people:read"},
    {Method::kPost, "/v1/placements/{name}:decideAll", "decisions"},
    {Method::kGet, "/v1/features/{name}:state", "resources:read"},
    {Method::kGet, "/v1/models/{name}:report", "resources:read"},
    {Method::kGet, "/v1/models/{name}/examples", "people:read"},
    {Method::kGet, "/v1/budgets/{name}:report", "resources:read"},
    {Method::kGet, "/v1/capacities/{name}:report", "resources:read"},
    {Method::kGet, "/v1/agreements/{name}:report", "resources:read"},
    {Method::kGet, "/v1/holdouts/{name}:report", "resources:read"},
    {Method::kGet, "/v1/populations/{name}:state", "resources:read"},
    {Method::kPost, "/v1/populations/{name}:compute", "resources:write"},
    {Method::kGet, "/v1/segments/{name}:count", "people:read"},
    {Method::kGet, "/v1/segments/{name}:overlap", "people:read"},
    {Method::kGet, "/v1/segments/{name}/members", "people:read"},
    {Method::kGet, "/v1/tables/{name}/rows", "resources:read"},
    {Method::kPut, "/v1/tables/{name}/rows", "resources:write"},
    {Method::kPut, "/v1/segments/{name}/list", "resources:write"},
    {Method::kGet, "/v1/people/{type}:{value}/segments/{name}", "people:read"},
    {Method::kGet, "/v1/people/{id}/segments/{name}", "people:read"},
    {Method::kGet, "/v1/stats", "admin"},
    {Method::kPost, "/v1/admin:backup", "admin"},
    {Method::kPost, "/v1/admin:checkpoint", "admin"},
    {Method::kGet, "/v1/admin/state-hash", "admin"},
    {Method::kGet, "/healthz", "open"},
    {Method::kGet, "/readyz", "open"},
    {Method::kGet, "/metrics", "open"},
    {Method::kGet, "/openapi.yaml", "open"}};

std::string TargetOf(std::string path) {
  const std::pair<std::string_view, std::string_view> parts[] = {{"{type}:{value}", "user_id:x"},
                                                                 {"{writeKey}", "x"},
                                                                 {"{plural}", "sources"},
                                                                 {"{name}", "x"},
                                                                 {"{kind}", "source"},
                                                                 {"{id}", "x"}};
  for (const auto& [from, to] : parts) {
    const size_t at = path.find(from);
    if (at != std::string::npos) path.replace(at, from.size(), to);
  }
  return path;
}

class AccessTest : public testing::Test {
 protected:
  int StatusOf(const Door& door, const std::string& key) {
    const bool has_body = door.method == Method::kPost || door.method == Method::kPut;
    return hub_
        .Call({.method = door.method,
               .target = TargetOf(door.path),
               .body = has_body ? "{}" : "",
               .key = key})
        .status;
  }
  TestHub hub_;
};

TEST_F(AccessTest, EveryDescribedRouteHasItsDoor) {
  std::set<std::pair<std::string, std::string>> described;
  std::set<std::pair<std::string, std::string>> known;
  for (const auto& operation : hub_.openapi().operations()) {
    described.emplace(http::MethodName(operation.method), operation.path);
  }
  for (const Door& door : kDoors) known.emplace(http::MethodName(door.method), door.path);
  EXPECT_EQ(described, known);
}

TEST_F(AccessTest, EachRouteLetsInWhoItShouldAndNobodyElse) {
  for (const Door& door : kDoors) {
    const std::string who = door.who;
    const bool open = who == "open";
    const bool ingest = who == "ingest";
    const bool browser = ingest || who.ends_with("+browser");
    const std::string label = base::StrCat(http::MethodName(door.method), " ", door.path);
    const auto passes = [&](const std::string& key) {
      const int status = StatusOf(door, key);
      EXPECT_NE(status, 500) << label;
      return status != 401 && status != 403;
    };
    EXPECT_EQ(passes(""), open) << label;
    EXPECT_EQ(passes(hub_.keys().write_key), open || ingest) << label;
    EXPECT_EQ(passes(hub_.keys().browser_key), open || browser) << label;
    EXPECT_EQ(passes(hub_.keys().secret_key), !ingest) << label;
  }
}

TEST_F(AccessTest, ASecretKeyDoesWhatItsScopesSayAndNothingElse) {
  std::map<std::string, std::string> without;  // by scope, a key that has all others
  for (const std::string& scope : Scopes()) {
    std::string others;
    for (const std::string& other : Scopes()) {
      if (other != scope) base::StrAppend(&others, others.empty() ? "" : ",", "\"", other, "\"");
    }
    without[scope] = hub_.KeyWith("[" + others + "]");
  }
  for (const Door& door : kDoors) {
    const std::string who = door.who;
    const std::string scope = who.substr(0, who.find('+'));
    if (!without.contains(scope)) continue;
    EXPECT_EQ(StatusOf(door, without[scope]), 403) << door.path << " " << scope;
  }
}

TEST_F(AccessTest, MisspeltAndUnknownKeysAreRefused) {
  std::string misspelt = hub_.keys().write_key;
  misspelt.back() = misspelt.back() == '0' ? '1' : '0';
  for (const std::string& key : {misspelt, DrawKey(kWriteKind).secret, std::string("x")}) {
    const TestAnswer answer = hub_.Call({.method = Method::kPost,
                                         .target = "/v1/track",
                                         .body = R"({"userId":"u","event":"E"})",
                                         .key = key});
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.code(), "bad_key");
    EXPECT_THAT(answer.body, Not(HasSubstr(key.size() > 1 ? key : "\"x\"")));
  }
}

TEST_F(AccessTest, AKeyIsShownOnceAndARevokedOneIsRefusedAtOnce) {
  const TestAnswer made =
      hub_.Post("/v1/keys", R"({"kind":"write","source":"crm","title":"The CRM"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string secret = made.At("secret");
  EXPECT_TRUE(secret.starts_with("bat_write_"));
  const TestCall call = {.method = Method::kPost,
                         .target = "/v1/track",
                         .body = R"({"userId":"u9","event":"E"})",
                         .key = secret};
  EXPECT_EQ(hub_.Call(call).status, 200);
  const TestAnswer list = hub_.Get("/v1/keys");
  EXPECT_THAT(list.body, HasSubstr(made.At("id")));
  EXPECT_THAT(list.body, Not(HasSubstr(secret)));
  EXPECT_EQ(hub_.Send(Method::kDelete, "/v1/keys/" + made.At("id"), "").At("revoked"), "true");
  EXPECT_EQ(hub_.Call(call).status, 401);
  EXPECT_EQ(hub_.Send(Method::kDelete, "/v1/keys/none", "").status, 404);
}

TEST_F(AccessTest, AKeyCannotGiveWhatItDoesNotHave) {
  const std::string key = hub_.KeyWith(R"(["keys","decisions"])");
  const auto make = [&](std::string_view body) {
    return hub_.Call(
        {.method = Method::kPost, .target = "/v1/keys", .body = std::string(body), .key = key});
  };
  EXPECT_EQ(make(R"({"kind":"secret","scopes":["decisions"]})").status, 201);
  EXPECT_EQ(make(R"({"kind":"secret","scopes":["admin"]})").At("errors.0.code"), "not_yours");
}

TEST_F(AccessTest, WrongWishesForKeysAreToldWithTheirPlaces) {
  const std::pair<const char*, const char*> bodies[] = {
      {R"({})", "/kind"},
      {R"({"kind":"admin"})", "/kind"},
      {R"({"kind":"write"})", "/source"},
      {R"({"kind":"write","source":"Not A Name"})", "/source"},
      {R"({"kind":"secret"})", "/scopes"},
      {R"({"kind":"secret","scopes":"all"})", "/scopes"},
      {R"({"kind":"secret","scopes":["people:reed"]})", "/scopes"},
      {R"({"kind":"browser","source":"web","scopes":["admin"]})", "/scopes"},
      {R"({"kind":"write","source":"web","expiresAt":"2001-01-01T00:00:00Z"})", "/expiresAt"},
      {R"({"kind":"write","source":"web","tittle":"x"})", "/tittle"}};
  for (const auto& [body, pointer] : bodies) {
    const TestAnswer answer = hub_.Post("/v1/keys", body);
    EXPECT_EQ(answer.status, 422) << body;
    EXPECT_EQ(answer.At("errors.0.pointer"), pointer) << answer.body;
  }
}

TEST_F(AccessTest, KeysInTheAddressAreRefused) {
  for (const std::string& query : {std::string("apiKey=1"), "k=" + hub_.keys().secret_key}) {
    const TestAnswer answer =
        hub_.Call({.target = "/v1/stats?" + query, .key = hub_.keys().secret_key});
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.code(), "key_in_query");
  }
}

TEST_F(AccessTest, TheFirstKeysAreMadeOnce) {
  EXPECT_EQ(hub_.api().CreateFirstKeys().status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(ApiKeyText, IsCheckedByItsOwnSum) {
  const DrawnKey key = DrawKey(kSecretKind);
  EXPECT_EQ(KeyIdOf(key.secret), key.id);
  EXPECT_NE(DrawKey(kSecretKind).secret, key.secret);
  for (size_t i = 4; i < key.secret.size(); ++i) {
    std::string changed = key.secret;
    changed[i] = changed[i] == 'a' ? 'b' : 'a';
    EXPECT_EQ(KeyIdOf(changed), std::nullopt) << i;
  }
  EXPECT_EQ(KeyIdOf(""), std::nullopt);
  EXPECT_EQ(KeyIdOf("bat_"), std::nullopt);
}

}  // namespace
}  // namespace batuta::api
