#include "http/problem.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/json.h"

namespace batuta::http {
namespace {

TEST(Problem, HasEveryMemberThatIsSet) {
  const Problem problem = {.status = Status::kUnprocessableContent,
                           .code = "invalid_event",
                           .title = "Invalid event",
                           .detail = "userId is missing.",
                           .type = "/docs/problems/invalid_event",
                           .instance = "/v1/batch",
                           .trace_id = "trace-1",
                           .errors = {{"/batch/0/userId", "missing", "give a \"userId\""}}};
  EXPECT_EQ(ProblemJson(problem),
            R"({"type":"/docs/problems/invalid_event","title":"Invalid event","status":422,)"
            R"("detail":"userId is missing.","instance":"/v1/batch","code":"invalid_event",)"
            R"("traceId":"trace-1","errors":[{"pointer":"/batch/0/userId","code":"missing",)"
            R"("detail":"give a \"userId\""}]})");
}

TEST(Problem, DefaultsComeFromTheStatus) {
  EXPECT_EQ(ProblemJson({.status = Status::kNotFound}),
            R"({"type":"about:blank","title":"Not Found","status":404})");
  const Response response = ProblemResponse({.status = Status::kNotFound});
  EXPECT_EQ(response.headers.Get("content-type"), "application/problem+json");
  EXPECT_FALSE(response.headers.Has("retry-after"));
}

TEST(Problem, EveryAnswerHasATraceOfItsOwn) {
  const Response given = ProblemResponse({.trace_id = "trace-1"});
  EXPECT_EQ(given.headers.Get("x-trace-id"), "trace-1");
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const Response response = ProblemResponse({});
    const std::string trace(response.headers.Get("x-trace-id"));
    EXPECT_EQ(trace.size(), 32u);
    EXPECT_NE(response.body.find("\"traceId\":\"" + trace + "\""), std::string::npos);
    EXPECT_TRUE(seen.insert(trace).second) << trace;
  }
}

TEST(Problem, RetryAfterIsInWholeSecondsAndNeverZero) {
  const auto retry_after = [](base::Duration span) {
    const Response response =
        ProblemResponse({.status = Status::kTooManyRequests, .retry_after = span});
    return std::string(response.headers.Get("retry-after"));
  };
  EXPECT_EQ(retry_after(base::Millis(2500)), "3");
  EXPECT_EQ(retry_after(base::Micros(0)), "1");
}

TEST(Problem, WhatIsNotUtf8DoesNotSpoilTheJson) {
  const std::string json = ProblemJson({.detail = "bad \xff byte"});
  EXPECT_TRUE(base::ParseJson(json).ok()) << json;
}

TEST(Problem, StatusCodesMapToHttp) {
  EXPECT_EQ(StatusFor(absl::StatusCode::kNotFound), Status::kNotFound);
  EXPECT_EQ(StatusFor(absl::StatusCode::kInvalidArgument), Status::kBadRequest);
  EXPECT_EQ(StatusFor(absl::StatusCode::kResourceExhausted), Status::kTooManyRequests);
  EXPECT_EQ(StatusFor(absl::StatusCode::kInternal), Status::kInternalServerError);
}

}  // namespace
}  // namespace batuta::http
