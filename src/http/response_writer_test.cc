#include "http/response_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace batuta::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string Written(const Response& response, AnswerForm form = {}) {
  std::string out;
  WriteResponse(response, form, &out);
  return out;
}

TEST(ResponseWriter, WritesTheWholeAnswer) {
  EXPECT_EQ(
      Written(Response::Json(Status::kOk, "{}")),
      "HTTP/1.1 200 OK\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"
      "Content-Type: application/json\r\nCache-Control: no-store\r\nContent-Length: 2\r\n\r\n{}");
}

TEST(ResponseWriter, CacheControlOfTheHandlerStays) {
  Response response = Response::Text(Status::kOk, "x");
  response.headers.Add("cache-control", "max-age=60");
  EXPECT_THAT(Written(response), HasSubstr("cache-control: max-age=60\r\n"));
  EXPECT_THAT(Written(response), Not(HasSubstr("no-store")));
}

TEST(ResponseWriter, FramingIsNotTheHandlersToSet) {
  Response response = Response::Text(Status::kOk, "abc");
  response.headers.Add("Content-Length", "99");
  response.headers.Add("Transfer-Encoding", "chunked");
  const std::string written = Written(response);
  EXPECT_THAT(written, HasSubstr("Content-Length: 3\r\n"));
  EXPECT_THAT(written, Not(HasSubstr("99")));
  EXPECT_THAT(written, Not(HasSubstr("chunked")));
}

TEST(ResponseWriter, HeadTellsTheLengthWithoutTheBody) {
  const std::string written = Written(Response::Text(Status::kOk, "abc"), {.asked = Method::kHead});
  EXPECT_THAT(written, HasSubstr("Content-Length: 3\r\n"));
  EXPECT_THAT(written, EndsWith("\r\n\r\n"));
}

TEST(ResponseWriter, NoContentHasNeitherBodyNorLength) {
  Response response;
  response.status = Status::kNoContent;
  response.body = "ignored";
  EXPECT_THAT(Written(response), StartsWith("HTTP/1.1 204 No Content\r\n"));
  EXPECT_THAT(Written(response), Not(HasSubstr("Content-Length")));
  EXPECT_THAT(Written(response), Not(HasSubstr("ignored")));
}

TEST(ResponseWriter, SaysWhenTheConnectionCloses) {
  EXPECT_THAT(Written(Response(), {.close = true}), HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(Written(Response(), {.http_1_0 = true}), HasSubstr("Connection: keep-alive\r\n"));
}

TEST(ResponseWriter, ChunksCarryTheirSizeInHexadecimal) {
  std::string out;
  WriteChunk(std::string(26, 'x'), &out);
  WriteLastChunk(&out);
  EXPECT_EQ(out, "1a\r\n" + std::string(26, 'x') + "\r\n0\r\n\r\n");
}

}  // namespace
}  // namespace batuta::http
