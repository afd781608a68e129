#include "http/route_table.h"

#include <gtest/gtest.h>

namespace batuta::http {
namespace {

using Kind = RouteMatch::Kind;

// The routes of the hub, in short.
RouteTable HubRoutes() {
  RouteTable table;
  const auto add = [&](Method method, std::string_view pattern, size_t route) {
    EXPECT_TRUE(table.Add(method, pattern, route).ok()) << pattern;
  };
  add(Method::kGet, "/", 1);
  add(Method::kPost, "/v1/track", 2);
  add(Method::kGet, "/v1/people/{type}:{value}", 3);
  add(Method::kGet, "/v1/people/{id}", 4);
  add(Method::kGet, "/v1/people/{id}/timeline", 5);
  add(Method::kPost, "/v1/decisions", 6);
  add(Method::kPost, "/v1/decisions:whyNot", 7);
  add(Method::kGet, "/v1/decisions/{id}/explanation", 8);
  add(Method::kGet, "/v1/{kind}/{name}", 9);
  add(Method::kPut, "/v1/{kind}/{name}", 10);
  add(Method::kPost, "/v1/{kind}/{name}:publish", 11);
  add(Method::kGet, "/ui/{rest...}", 12);
  add(Method::kGet, "/ui/api.json", 13);
  return table;
}

RouteMatch Get(std::string_view path) { return HubRoutes().Find(Method::kGet, path); }

TEST(RouteTable, TextWinsOverParametersWhateverTheOrder) {
  EXPECT_EQ(Get("/").route, 1u);
  EXPECT_EQ(Get("/ui/api.json").route, 13u);
  EXPECT_EQ(Get("/v1/people/email:a%40b.mx").route, 3u);
  EXPECT_EQ(Get("/v1/people/per_123").route, 4u);
  EXPECT_EQ(Get("/v1/action/gold").route, 9u);
}

TEST(RouteTable, ParametersAreDecodedOneByOne) {
  const RouteMatch match = Get("/v1/people/email:a%40b.mx%2Fx:y");
  ASSERT_EQ(match.kind, Kind::kFound);
  EXPECT_EQ(match.parameters["type"], "email");
  EXPECT_EQ(match.parameters["value"], "a@b.mx/x:y");
  EXPECT_EQ(match.parameters.size(), 2u);
}

TEST(RouteTable, AnEncodedColonIsData) {
  const RouteMatch match = Get("/v1/people/email%3Aa");
  EXPECT_EQ(match.route, 4u);
  EXPECT_EQ(match.parameters["id"], "email:a");
}

TEST(RouteTable, AFailedBranchLeavesNoParameters) {
  const RouteMatch match = Get("/v1/people/a:b/timeline");
  EXPECT_EQ(match.route, 5u);
  EXPECT_EQ(match.parameters.size(), 1u);
  EXPECT_EQ(match.parameters["id"], "a:b");
}

TEST(RouteTable, VerbsEndTheSegment) {
  const RouteTable table = HubRoutes();
  EXPECT_EQ(table.Find(Method::kPost, "/v1/decisions:whyNot").route, 7u);
  const RouteMatch publish = table.Find(Method::kPost, "/v1/action/a:publish:publish");
  EXPECT_EQ(publish.route, 11u);
  EXPECT_EQ(publish.parameters["name"], "a:publish");
  EXPECT_EQ(table.Find(Method::kPut, "/v1/action/gold").route, 10u);
}

TEST(RouteTable, RestTakesSlashesAndNothing) {
  EXPECT_EQ(Get("/ui/assets/a.js").parameters["rest"], "assets/a.js");
  EXPECT_EQ(Get("/ui/").parameters["rest"], "");
  EXPECT_EQ(Get("/ui").kind, Kind::kNotFound);
}

TEST(RouteTable, UnknownPathsAreNotFound) {
  for (const char* path : {"", "v1/track", "/v1", "/v1/", "/v1/track/", "//v1/track", "/v1/people/",
                           "/v1/a/b/c", "/V1/track", "/v1/people/%zz", "/v1//gold", "*"}) {
    EXPECT_EQ(Get(path).kind, Kind::kNotFound) << path;
  }
}

TEST(RouteTable, OtherMethodsOfAPathAreListed) {
  const RouteTable table = HubRoutes();
  const RouteMatch match = table.Find(Method::kDelete, "/v1/action/gold");
  EXPECT_EQ(match.kind, Kind::kMethodNotAllowed);
  EXPECT_EQ(match.allow, "GET, HEAD, PUT, OPTIONS");
  EXPECT_EQ(table.Find(Method::kGet, "/v1/track").allow, "POST, OPTIONS");
  EXPECT_EQ(table.Find(Method::kOptions, "/v1/track").kind, Kind::kMethodNotAllowed);
}

TEST(RouteTable, HeadFindsTheRouteOfGet) {
  EXPECT_EQ(HubRoutes().Find(Method::kHead, "/v1/people/x").route, 4u);
}

TEST(RouteTable, BadPatternsAreRefused) {
  RouteTable table;
  for (const char* pattern :
       {"", "v1", "/{", "/{}", "/{Upper}", "/{a}{b}", "/{rest...}/x", "/a{rest...}", "/{a b}"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(table.Add(Method::kGet, pattern, 0))) << pattern;
  }
  EXPECT_TRUE(table.Add(Method::kGet, "/a/{b}", 0).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(table.Add(Method::kGet, "/a/{b}", 1)));
}

}  // namespace
}  // namespace batuta::http
