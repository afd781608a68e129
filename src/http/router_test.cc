#include "http/router.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <utility>

#include "http/target.h"

namespace batuta::http {
namespace {

class CaughtAnswer : public ResponseSink {
 public:
  void Deliver(Response response) override { answer = std::move(response); }
  bool Cancelled() const override { return false; }

  std::optional<Response> answer;
};

Response Ask(const Router& router, Method method, std::string_view target) {
  Request request;
  request.method = method;
  request.target = target;
  EXPECT_TRUE(ParseTarget(&request));
  auto caught = std::make_shared<CaughtAnswer>();
  router.Handle(std::move(request), Responder(caught));
  EXPECT_TRUE(caught->answer.has_value());
  return std::move(caught->answer).value_or(Response());
}

Router Greeter() {
  Router router;
  router.Add(Method::kGet, "/hello/{name}",
             [](Request&&, const PathParameters& parameters, Responder&& responder) {
               responder.Send(Response::Text(Status::kOk, "hello " + parameters["name"]));
             });
  return router;
}

TEST(Router, CallsTheHandlerOfTheRoute) {
  EXPECT_EQ(Ask(Greeter(), Method::kGet, "/hello/a%20b?x=1").body, "hello a b");
  EXPECT_EQ(Ask(Greeter(), Method::kHead, "/hello/x").status, Status::kOk);
}

TEST(Router, AnswersWhereThereIsNoRoute) {
  EXPECT_EQ(Ask(Greeter(), Method::kGet, "/bye").status, Status::kNotFound);
  const Response response = Ask(Greeter(), Method::kPost, "/hello/x");
  EXPECT_EQ(response.status, Status::kMethodNotAllowed);
  EXPECT_EQ(response.headers.Get("allow"), "GET, HEAD, OPTIONS");
}

TEST(Router, OptionsAsksTheHook) {
  Router router = Greeter();
  const Response plain = Ask(router, Method::kOptions, "/hello/x");
  EXPECT_EQ(plain.status, Status::kNoContent);
  EXPECT_EQ(plain.headers.Get("allow"), "GET, HEAD, OPTIONS");
  router.OnOptions([](const Request& request, std::string_view allow) -> std::optional<Response> {
    if (request.path != "/hello/x") return std::nullopt;
    Response response;
    response.status = Status::kNoContent;
    response.headers.Add("Access-Control-Allow-Methods", allow);
    return response;
  });
  const Response preflight = Ask(router, Method::kOptions, "/hello/x");
  EXPECT_EQ(preflight.headers.Get("access-control-allow-methods"), "GET, HEAD, OPTIONS");
  EXPECT_TRUE(Ask(router, Method::kOptions, "/hello/y").headers.Has("allow"));
  EXPECT_EQ(Ask(router, Method::kOptions, "/bye").status, Status::kNotFound);
}

TEST(Responder, OneThatIsDroppedAnswers500) {
  auto caught = std::make_shared<CaughtAnswer>();
  {
    const Responder responder(caught);
  }
  ASSERT_TRUE(caught->answer.has_value());
  EXPECT_EQ(caught->answer->status, Status::kInternalServerError);
}

TEST(Responder, OneThatIsAssignedOverAnswers500) {
  auto first = std::make_shared<CaughtAnswer>();
  auto second = std::make_shared<CaughtAnswer>();
  Responder responder(first);
  responder = Responder(second);
  EXPECT_TRUE(first->answer.has_value());
  EXPECT_FALSE(second->answer.has_value());
  responder.Send(Response());
  EXPECT_EQ(second->answer->status, Status::kOk);
}

TEST(ResponderDeathTest, AnswersOnlyOnce) {
  Responder responder(std::make_shared<CaughtAnswer>());
  responder.Send(Response());
  EXPECT_DEATH(responder.Send(Response()), "answers once");
}

}  // namespace
}  // namespace batuta::http
