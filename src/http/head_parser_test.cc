#include "http/head_parser.h"

#include <gtest/gtest.h>

#include <string>

namespace batuta::http {
namespace {

Status StatusOf(std::string_view head) {
  HeadScanner scanner;
  if (scanner.Scan(head) != HeadScanner::State::kComplete) return Status::kBadRequest;
  ParsedRequest request;
  return HeadParser::ParseRequest(head.substr(0, scanner.size()), &request).status;
}

ParsedRequest Parsed(std::string_view head) {
  ParsedRequest request;
  const HeadProblem problem = HeadParser::ParseRequest(head, &request);
  EXPECT_EQ(problem.status, Status::kOk) << problem.detail;
  return request;
}

TEST(HeadParser, ReadsAnOrdinaryRequest) {
  const ParsedRequest request = Parsed(
      "POST /v1/track?x=1 HTTP/1.1\r\nHost: hub.example:8080\r\nContent-Length: 12\r\n"
      "X-Empty:\r\nX-Padded: \t a b \t\r\nExpect: 100-Continue\r\n\r\n");
  EXPECT_EQ(request.head.method, Method::kPost);
  EXPECT_EQ(request.head.target, "/v1/track?x=1");
  EXPECT_EQ(request.head.path, "/v1/track");
  EXPECT_EQ(request.head.content_length, 12u);
  EXPECT_TRUE(request.head.has_body);
  EXPECT_EQ(request.head.Header("x-padded"), "a b");
  EXPECT_TRUE(request.head.headers.Has("x-empty"));
  EXPECT_EQ(request.framing, Framing::kLength);
  EXPECT_TRUE(request.keep_alive);
  EXPECT_TRUE(request.expects_continue);
}

TEST(HeadParser, OldVersionClosesUnlessAskedNotTo) {
  EXPECT_FALSE(Parsed("GET / HTTP/1.0\r\n\r\n").keep_alive);
  EXPECT_TRUE(Parsed("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keep_alive);
  EXPECT_FALSE(Parsed("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, close\r\n\r\n").keep_alive);
}

TEST(HeadParser, WhateverCouldBeReadInTwoWaysIsRefused) {
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  for (const std::string& fields : {
           std::string("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"),
           std::string("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"),
           std::string("Content-Length: 3\r\nContent-Length: 3\r\n"),
           std::string("Content-Length: 3\r\nContent-Length: 4\r\n"),
           std::string("Content-Length: 3, 3\r\n"),
           std::string("Content-Length: +3\r\n"),
           std::string("Content-Length: -3\r\n"),
           std::string("Content-Length: 0x3\r\n"),
           std::string("Content-Length: 3 3\r\n"),
           std::string("Content-Length:\r\n"),
           std::string("Content-Length: 99999999999999999999\r\n"),
           std::string("Transfer-Encoding: xchunked\r\n"),
           std::string("Transfer-Encoding: chunked, chunked\r\n"),
           std::string("Transfer-Encoding: gzip, chunked\r\n"),
           std::string("Transfer-Encoding: identity\r\n"),
           std::string("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
           std::string("Transfer-Encoding : chunked\r\n"),
           std::string("Transfer-Encoding\t: chunked\r\n"),
           std::string("Transfer-Encoding: \x0b"
                       "chunked\r\n"),
           std::string(" Transfer-Encoding: chunked\r\n"),
           std::string("X: a\r\n folded\r\n"),
           std::string("X: a\r\n\tfolded\r\n"),
           std::string("X: a\nContent-Length: 3\r\n"),
           std::string("X: a\rContent-Length: 3\r\n"),
           std::string("X: a\0b\r\n", 8),
           std::string("X\0: a\r\n", 7),
           std::string("X: a\x7f\r\n"),
           std::string("X y: a\r\n"),
           std::string(": a\r\n"),
           std::string("no colon\r\n"),
           std::string("Host: b\r\n"),
       }) {
    EXPECT_EQ(StatusOf(post + fields + "\r\n"), Status::kBadRequest) << fields;
  }
}

TEST(HeadParser, RequestLinesMustBeExact) {
  const std::string rest = "\r\nHost: a\r\n\r\n";
  for (const char* line :
       {"GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1",
        "GET /a b HTTP/1.1", "GET /", "GET", "/ HTTP/1.1", "GET\t/\tHTTP/1.1", "GET / http/1.1",
        "G@T / HTTP/1.1", "GET /\x80 HTTP/1.1", "GET a HTTP/1.1", "GET /%00 HTTP/1.1", ""}) {
    EXPECT_EQ(StatusOf(line + rest), Status::kBadRequest) << line;
  }
  EXPECT_EQ(StatusOf("PRI * HTTP/2.0\r\n\r\n"), Status::kVersionNotSupported);
  EXPECT_EQ(StatusOf("GET / HTTP/1.2" + rest), Status::kVersionNotSupported);
  EXPECT_EQ(StatusOf("TRACE / HTTP/1.1" + rest), Status::kMethodNotAllowed);
  EXPECT_EQ(StatusOf("BREW / HTTP/1.1" + rest), Status::kNotImplemented);
  EXPECT_EQ(StatusOf("get / HTTP/1.1" + rest), Status::kNotImplemented);
}

TEST(HeadParser, ThereMustBeOneHost) {
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\n\r\n"), Status::kBadRequest);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"), Status::kBadRequest);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), Status::kBadRequest);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"), Status::kOk);
}

TEST(HeadParser, OldVersionHasNoChunks) {
  EXPECT_EQ(StatusOf("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), Status::kBadRequest);
}

TEST(HeadParser, TooManyFieldsAreRefused) {
  std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 128; ++i) head += "a: b\r\n";
  EXPECT_EQ(StatusOf(head + "\r\n"), Status::kHeaderFieldsTooLarge);
}

TEST(HeadParser, OtherExpectationsFail) {
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n"),
            Status::kExpectationFailed);
}

TEST(HeadScanner, FindsTheEndHoweverTheBytesArrive) {
  const std::string text = "GET / HTTP/1.1\r\nHost: a\r\n\r\nbody\nwith a bare LF";
  HeadScanner whole;
  EXPECT_EQ(whole.Scan(text), HeadScanner::State::kComplete);
  HeadScanner slow;
  for (size_t size = 1;; ++size) {
    const HeadScanner::State state = slow.Scan(std::string_view(text).substr(0, size));
    if (state == HeadScanner::State::kComplete) break;
    ASSERT_EQ(state, HeadScanner::State::kMore) << size;
  }
  EXPECT_EQ(slow.size(), whole.size());
  EXPECT_EQ(text.substr(whole.size(), 4), "body");
}

TEST(HeadParser, ReadsAResponse) {
  ParsedResponse response;
  const HeadProblem problem = HeadParser::ParseResponse(
      "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\n", Method::kGet, &response);
  EXPECT_EQ(problem.status, Status::kOk);
  EXPECT_EQ(response.response.status, Status::kNotFound);
  EXPECT_EQ(response.framing, Framing::kLength);
  EXPECT_EQ(response.content_length, 5u);
  EXPECT_TRUE(response.keep_alive);
}

TEST(HeadParser, ResponsesToHeadHaveNoBody) {
  ParsedResponse response;
  HeadParser::ParseResponse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", Method::kHead,
                            &response);
  EXPECT_EQ(response.framing, Framing::kNone);
}

TEST(HeadParser, ResponsesWithoutLengthEndWithTheConnection) {
  ParsedResponse response;
  HeadParser::ParseResponse("HTTP/1.1 200 OK\r\n\r\n", Method::kGet, &response);
  EXPECT_EQ(response.framing, Framing::kUntilClose);
  EXPECT_FALSE(response.keep_alive);
  EXPECT_NE(HeadParser::ParseResponse("HTTP/1.1 2x0 OK\r\n\r\n", Method::kGet, &response).status,
            Status::kOk);
}

}  // namespace
}  // namespace batuta::http
