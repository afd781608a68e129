#include "http/connection.h"

#include <algorithm>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include "base/status.h"
#include "base/text.h"
#include "http/monotonic.h"
#include "http/problem.h"

namespace batuta::http {
namespace {

constexpr size_t kReadSize = 8 << 10;       // one read, normally
constexpr size_t kBodyReadSize = 64 << 10;  // one read of a larger body
constexpr size_t kReadAhead =
    64 << 10;  // pipelined bytes taken before the requests in front are done
constexpr size_t kOutHigh = 256 << 10;     // unsent bytes at which no further request is begun
constexpr size_t kStreamPiece = 16 << 10;  // a stream is asked until it gave this much
constexpr size_t kFirstBodyReserve = 64 << 10;
constexpr base::Duration kNever{INT64_MAX};
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

Refusal RefusalOf(Status status) {
  if (status == Status::kBadRequest) return Refusal::kMalformed;
  if (status == Status::kHeaderFieldsTooLarge) return Refusal::kHeadTooLarge;
  return Refusal::kUnsupported;
}

// The value of Content-Encoding; "several" if there is more than one.
std::string_view NamedCoding(const Headers& headers) {
  std::string_view named;
  for (size_t i = 0; i < headers.size(); ++i) {
    if (!SameToken(headers.name(i), "content-encoding")) continue;
    named = named.empty() ? headers.value(i) : "several";
  }
  return named;
}

base::Duration After(base::Duration now, base::Duration span) {
  return base::Micros(now.micros + span.micros);
}

}  // namespace

Connection::Connection(std::shared_ptr<EventLoop> loop, Socket socket, std::string remote_address)
    : loop_(std::move(loop)),
      socket_(std::move(socket)),
      remote_address_(std::move(remote_address)),
      now_(MonotonicNow()) {}

Connection::~Connection() { BATUTA_CHECK(body_accounted_ == 0); }

void Connection::Start() {
  loop_->Add(shared_from_this());
  BeginHead();
  deadline_ = After(now_, loop_->settings().options.header_timeout);
  if (loop_->settings().stopping) return Close();
  Read();
}

void Connection::StartRefused(Refusal refusal, Response response) {
  loop_->Add(shared_from_this());
  RefuseWith(refusal, std::move(response));
  Run();
}

void Connection::Deliver(Response response) {
  // The thread is asked first: `dispatching_` is the loop's own.
  if (loop_->OnOwnThread() && dispatching_) {
    answer_ = std::move(response);
    return;
  }
  loop_->Leave(shared_from_this(), std::move(response));
}

void Connection::Answer(Response response) {
  if (state_ == State::kClosed) {
    loop_->tallies().requests_under_way.Subtract(1);
    return;
  }
  BATUTA_CHECK(state_ == State::kHandling && !answer_.has_value());
  now_ = MonotonicNow();
  answer_ = std::move(response);
  Run();
}

void Connection::Tick(base::Duration now) {
  now_ = now;
  if (write_pending_) {
    if (now < write_deadline_) return;
    loop_->tallies().refused[static_cast<size_t>(Refusal::kTooSlow)].Add(1);
    return Close();
  }
  if (now < deadline_) return;
  const bool mid_request = state_ == State::kBody || (state_ == State::kHead && head_begun_);
  if (mid_request) {
    Refuse(Refusal::kTooSlow, Status::kRequestTimeout, "too_slow",
           "The request did not arrive in time.");
    Run();
  } else if (state_ == State::kStreaming) {
    stream_waits_ = false;
    Run();
  } else if (state_ != State::kHandling) {
    Close();
  }
}

void Connection::Drain() {
  const bool idle = state_ == State::kHead && !head_begun_ && in_.size() == 0 && !write_pending_;
  if (idle || state_ == State::kLinger) Close();
}

void Connection::Close() {
  if (state_ == State::kClosed) return;
  const bool unanswered = state_ == State::kHandling && answer_.has_value();
  if (unanswered) loop_->tallies().requests_under_way.Subtract(1);
  state_ = State::kClosed;
  cancelled_.store(true, std::memory_order_relaxed);
  answer_.reset();
  stream_ = nullptr;
  body_.clear();
  AccountBody(0);
  boost::system::error_code ignored;
  socket_.close(ignored);
  loop_->settings().connections_open.fetch_sub(1, std::memory_order_relaxed);
  loop_->Remove(shared_from_this());
}

void Connection::Run() {
  if (running_) return;
  running_ = true;
  while (Step()) {
  }
  running_ = false;
  Read();
}

// One move of the state machine; true if another may follow at once.
bool Connection::Step() {
  if (write_pending_) return false;
  bool moved = false;
  switch (state_) {
    case State::kHead:
      moved = StepHead();
      break;
    case State::kBody:
      moved = StepBody();
      break;
    case State::kHandling:
      moved = StepAnswer();
      break;
    case State::kStreaming:
      moved = out_.empty() && StepStream();
      break;
    case State::kClosing:
      moved = out_.empty() && StepClosing();
      break;
    case State::kLinger:
      in_.Consume(in_.size());
      break;
    case State::kClosed:
      return false;
  }
  if (moved || state_ == State::kClosed) return moved;
  if (!out_.empty()) return Flush();
  const bool waits_for_more =
      state_ == State::kHead || state_ == State::kBody || state_ == State::kLinger;
  if (peer_ended_ && waits_for_more) Close();
  return false;
}

void Connection::BeginHead() {
  state_ = State::kHead;
  head_begun_ = false;
  scanner_ = HeadScanner();
  form_ = AnswerForm();
  deadline_ = After(now_, loop_->settings().options.idle_timeout);
}

bool Connection::StepHead() {
  if (in_.size() == 0 || out_.size() >= kOutHigh) return false;
  const ServerOptions& options = loop_->settings().options;
  if (!head_begun_) {
    // One empty line before a request is overlooked: RFC 9112, section 2.2.
    if (in_.data() == "\r") return false;
    if (in_.data().starts_with("\r\n")) in_.Consume(2);
    if (in_.size() == 0) return false;
    head_begun_ = true;
    deadline_ = After(now_, options.header_timeout);
  }
  const HeadScanner::State scan = scanner_.Scan(in_.data());
  if (scan == HeadScanner::State::kBad) {
    return Refuse(Refusal::kMalformed, Status::kBadRequest, "malformed_request",
                  "A line does not end with CRLF.");
  }
  if (scanner_.size() > options.max_head_bytes) {
    return Refuse(Refusal::kHeadTooLarge, Status::kHeaderFieldsTooLarge, "head_too_large",
                  "The request line and headers are too large.");
  }
  return scan == HeadScanner::State::kComplete && BeginRequest(scanner_.size());
}

bool Connection::BeginRequest(size_t head_size) {
  parsed_ = ParsedRequest();
  const HeadProblem problem = HeadParser::ParseRequest(in_.data().substr(0, head_size), &parsed_);
  in_.Consume(head_size);
  RequestHead& head = parsed_.head;
  form_ = {.asked = head.method, .http_1_0 = parsed_.http_1_0, .close = !parsed_.keep_alive};
  if (problem.status != Status::kOk) {
    return Refuse(RefusalOf(problem.status), problem.status, "malformed_request", problem.detail);
  }
  head.remote_address = remote_address_;
  head.received = now_;
  body_limit_ = BodyLimit();
  if (head.content_length.value_or(0) > body_limit_) {
    return RefuseBody("The body");
  }
  if (!Admit()) return true;
  if (head.has_body) return BeginBody();
  Dispatch();
  return true;
}

// False if the request was answered here.
bool Connection::Admit() {
  const auto& admission = loop_->settings().hooks.admission;
  if (!admission) return true;
  std::optional<Response> refusal;
  try {
    refusal = admission(parsed_.head);
  } catch (...) {
    loop_->tallies().handler_failures.Add(1);
    refusal = ProblemResponse({.status = Status::kInternalServerError, .code = "internal"});
  }
  if (!refusal.has_value()) return true;
  const uint64_t length = parsed_.head.content_length.value_or(0);
  const bool body_is_here = parsed_.framing != Framing::kChunked && in_.size() >= length;
  if (!body_is_here) {
    RefuseWith(Refusal::kNotAdmitted, *std::move(refusal));
    return false;
  }
  in_.Consume(length);
  loop_->tallies().refused[static_cast<size_t>(Refusal::kNotAdmitted)].Add(1);
  Reply(*std::move(refusal));
  return false;
}

bool Connection::BeginBody() {
  state_ = State::kBody;
  deadline_ = After(now_, loop_->settings().options.body_timeout);
  const uint64_t length = parsed_.head.content_length.value_or(0);
  body_.clear();
  body_.reserve(std::min<uint64_t>(length, kFirstBodyReserve) + kBodyPadding);
  chunks_ = ChunkDecoder();
  if (parsed_.expects_continue && in_.size() == 0) out_.append(kContinue);
  return true;
}

bool Connection::StepBody() {
  if (in_.size() == 0) return false;
  size_t used = 0;
  bool complete = false;
  if (parsed_.framing == Framing::kLength) {
    const uint64_t length = *parsed_.head.content_length;
    used = std::min<uint64_t>(length - body_.size(), in_.size());
    if (body_.capacity() < body_.size() + used + kBodyPadding) {
      body_.reserve(std::min<uint64_t>(length, body_.size() * 2 + used) + kBodyPadding);
    }
    body_.append(in_.data().substr(0, used));
    complete = body_.size() == length;
  } else {
    const ChunkDecoder::State state = chunks_.Decode(in_.data(), &body_, &used);
    if (state == ChunkDecoder::State::kBad) {
      return Refuse(Refusal::kMalformed, Status::kBadRequest, "malformed_request",
                    "The chunked body is malformed.");
    }
    complete = state == ChunkDecoder::State::kDone;
    if (body_.size() + (complete ? 0 : chunks_.announced()) > body_limit_) {
      return RefuseBody("The body");
    }
  }
  in_.Consume(used);
  if (complete) return BodyComplete();
  AccountBody(body_.size());
  const ServerSettings& settings = loop_->settings();
  if (settings.buffered_bytes.load(std::memory_order_relaxed) >
      settings.options.max_buffered_bytes) {
    Response busy = ProblemResponse({.status = Status::kServiceUnavailable,
                                     .code = "overloaded",
                                     .detail = "Too many bytes are being received.",
                                     .retry_after = base::Seconds(1)});
    return RefuseWith(Refusal::kTooManyBytes, std::move(busy));
  }
  return true;
}

bool Connection::BodyComplete() {
  AccountBody(0);
  if (Decompress()) Dispatch();
  return true;
}

// Undoes the content coding, or refuses and returns false.
bool Connection::Decompress() {
  const std::string_view named = NamedCoding(parsed_.head.headers);
  const bool plain = named.empty() || SameToken(named, "identity");
  Coding coding = Coding::kGzip;
  if (plain) {
    if (!LooksLikeGzip(body_)) return true;
  } else if (SameToken(named, "deflate")) {
    coding = Coding::kDeflate;
  } else if (!SameToken(named, "gzip") && !SameToken(named, "x-gzip")) {
    Refuse(Refusal::kUnsupported, Status::kUnsupportedMediaType, "unknown_coding",
           "Content-Encoding must be gzip, deflate or identity.");
    return false;
  }
  if (body_.empty()) return true;
  std::string decoded;
  const Inflater::Result result = loop_->inflater().Decode(coding, body_, body_limit_, &decoded);
  if (result == Inflater::Result::kTooLarge) {
    RefuseBody("The decompressed body");
    return false;
  }
  if (result == Inflater::Result::kBroken) {
    Refuse(Refusal::kMalformed, Status::kBadRequest, "broken_coding",
           "The compressed body is damaged.");
    return false;
  }
  body_ = std::move(decoded);
  return true;
}

void Connection::Dispatch() {
  state_ = State::kHandling;
  deadline_ = kNever;
  body_.reserve(body_.size() + kBodyPadding);
  Request request;
  static_cast<RequestHead&>(request) = std::move(parsed_.head);
  request.body = std::move(body_);
  body_ = std::string();
  loop_->tallies().requests_under_way.Add(1);
  dispatching_ = true;
  try {
    loop_->settings().hooks.handler(std::move(request), Responder(shared_from_this()));
  } catch (...) {
    loop_->tallies().handler_failures.Add(1);  // the Responder has answered 500 as it went
  }
  dispatching_ = false;
}

bool Connection::StepAnswer() {
  if (!answer_.has_value()) return false;
  loop_->tallies().requests_under_way.Subtract(1);
  loop_->tallies().requests_handled.Add(1);
  Response response = *std::move(answer_);
  answer_.reset();
  Reply(std::move(response));
  return true;
}

void Connection::Reply(Response response) {
  const bool asked_to_close = ListHolds(response.headers.Get("connection"), "close");
  const bool only_close_ends_it = response.stream && form_.http_1_0;
  form_.close = form_.close || asked_to_close || only_close_ends_it ||
                loop_->settings().stopping.load(std::memory_order_relaxed);
  WriteResponse(response, form_, &out_);
  if (response.stream && AllowsBody(response.status) && form_.asked != Method::kHead) {
    stream_ = std::move(response.stream);
    stream_waits_ = false;
    state_ = State::kStreaming;
    deadline_ = kNever;
  } else if (form_.close) {
    state_ = State::kClosing;
  } else {
    BeginHead();
  }
}

bool Connection::StepStream() {
  if (stream_waits_) return false;
  piece_.clear();
  absl::StatusOr<bool> more = true;
  for (size_t before = 0; more.ok() && *more && piece_.size() < kStreamPiece;) {
    try {
      more = stream_(&piece_);
    } catch (...) {
      more = absl::InternalError("the stream threw");
    }
    if (piece_.size() == before) break;
    before = piece_.size();
  }
  if (!more.ok()) {
    loop_->tallies().handler_failures.Add(1);
    Close();
    return false;
  }
  if (!piece_.empty() && form_.http_1_0) out_.append(piece_);
  if (!piece_.empty() && !form_.http_1_0) WriteChunk(piece_, &out_);
  if (*more) {
    stream_waits_ = piece_.empty();
    deadline_ = stream_waits_ ? After(now_, loop_->settings().options.stream_poll) : kNever;
    return !stream_waits_;
  }
  if (!form_.http_1_0) WriteLastChunk(&out_);
  stream_ = nullptr;
  piece_ = std::string();
  if (form_.close) {
    state_ = State::kClosing;
  } else {
    BeginHead();
  }
  return true;
}

// Closing at once with unread bytes would reset the connection, and the client might lose the
// answer.
bool Connection::StepClosing() {
  boost::system::error_code error;
  socket_.shutdown(Socket::shutdown_send, error);
  state_ = State::kLinger;
  deadline_ = After(now_, loop_->settings().options.linger);
  in_.Consume(in_.size());
  return true;
}

bool Connection::Refuse(Refusal refusal, Status status, std::string_view code,
                        std::string_view detail) {
  return RefuseWith(
      refusal, ProblemResponse(
                   {.status = status, .code = std::string(code), .detail = std::string(detail)}));
}

bool Connection::RefuseBody(std::string_view what) {
  return Refuse(
      Refusal::kBodyTooLarge, Status::kContentTooLarge, "body_too_large",
      base::StrCat(what, " is too large; at most ", body_limit_, " bytes are taken here."));
}

bool Connection::RefuseWith(Refusal refusal, Response response) {
  loop_->tallies().refused[static_cast<size_t>(refusal)].Add(1);
  body_ = std::string();
  AccountBody(0);
  response.stream = nullptr;
  form_.close = true;
  WriteResponse(response, form_, &out_);
  state_ = State::kClosing;
  deadline_ = kNever;
  return true;
}

// Keeps one read pending in every state, so that a client that leaves is noticed.
void Connection::Read() {
  if (reading_ || peer_ended_ || state_ == State::kClosed) return;
  const bool ahead = state_ != State::kBody && state_ != State::kHead;
  const size_t most = loop_->settings().options.max_head_bytes + kReadAhead;
  if ((ahead || write_pending_) && in_.size() >= most) return;
  const bool large = state_ == State::kBody &&
                     parsed_.head.content_length.value_or(UINT64_MAX) > body_.size() + kReadSize;
  char* room = in_.Reserve(large ? kBodyReadSize : kReadSize);
  reading_ = true;
  socket_.async_read_some(boost::asio::buffer(room, in_.room()),
                          [self = shared_from_this()](const boost::system::error_code& error,
                                                      size_t size) { self->OnRead(error, size); });
}

void Connection::OnRead(const boost::system::error_code& error, size_t size) {
  reading_ = false;
  if (state_ == State::kClosed) return;
  now_ = MonotonicNow();
  if (error) {
    if (error != boost::asio::error::eof || state_ == State::kStreaming) return Close();
    peer_ended_ = true;
    cancelled_.store(true, std::memory_order_relaxed);
  } else {
    in_.Commit(size);
    loop_->tallies().bytes_in.Add(size);
  }
  Run();
}

// Sends what the socket takes at once; true if that was all.
bool Connection::Flush() {
  boost::system::error_code error;
  const size_t sent = socket_.write_some(
      boost::asio::buffer(out_.data() + out_sent_, out_.size() - out_sent_), error);
  if (error && error != boost::asio::error::would_block) {
    Close();
    return false;
  }
  loop_->tallies().bytes_out.Add(sent);
  out_sent_ += sent;
  if (out_sent_ == out_.size()) {
    out_sent_ = 0;
    out_.clear();
    if (out_.capacity() > kOutHigh) out_ = std::string();
    return true;
  }
  write_pending_ = true;
  WriteRest();
  return false;
}

void Connection::WriteRest() {
  write_deadline_ = After(now_, loop_->settings().options.write_timeout);
  socket_.async_write_some(
      boost::asio::buffer(out_.data() + out_sent_, out_.size() - out_sent_),
      [self = shared_from_this()](const boost::system::error_code& error, size_t size) {
        self->OnWritten(error, size);
      });
}

void Connection::OnWritten(const boost::system::error_code& error, size_t size) {
  if (state_ == State::kClosed) return;
  if (error) return Close();
  now_ = MonotonicNow();
  loop_->tallies().bytes_out.Add(size);
  out_sent_ += size;
  if (out_sent_ < out_.size()) return WriteRest();
  write_pending_ = false;
  out_sent_ = 0;
  out_.clear();
  if (out_.capacity() > kOutHigh) out_ = std::string();
  Run();
}

size_t Connection::BodyLimit() const {
  const ServerSettings& settings = loop_->settings();
  if (settings.hooks.body_limit) {
    if (const auto limit = settings.hooks.body_limit(parsed_.head.path)) return *limit;
  }
  return settings.options.max_body_bytes;
}

// Keeps the server's total of bytes in half-received bodies right.
void Connection::AccountBody(size_t bytes) {
  if (bytes == body_accounted_) return;
  auto& total = loop_->settings().buffered_bytes;
  total.fetch_add(bytes, std::memory_order_relaxed);
  total.fetch_sub(body_accounted_, std::memory_order_relaxed);
  body_accounted_ = bytes;
}

}  // namespace batuta::http
