// One client's connection: reads requests, has them answered one after the other, writes the
// answers. Internal to this folder.
//
// A state machine on its loop's thread; only Deliver and Cancelled come from others. Alive while
// its loop, a pending socket operation or a Responder holds it.
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "http/chunk_decoder.h"
#include "http/event_loop.h"
#include "http/head_parser.h"
#include "http/input_buffer.h"
#include "http/message.h"
#include "http/responder.h"
#include "http/response_writer.h"

namespace batuta::http {

class Connection : public ResponseSink, public std::enable_shared_from_this<Connection> {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  Connection(std::shared_ptr<EventLoop> loop, Socket socket, std::string remote_address);
  ~Connection() override;

  // Any thread.
  void Deliver(Response response) override;
  bool Cancelled() const override { return cancelled_.load(std::memory_order_relaxed); }

  // The loop's thread only.
  void Start();
  void StartRefused(Refusal refusal, Response response);  // answers before anything is read
  void Answer(Response response);
  void Tick(base::Duration now);
  void Drain();
  void Close();

 private:
  enum class State {
    kHead,  // waiting for a request or in the middle of its head
    kBody,
    kHandling,   // the handler has the request
    kStreaming,  // the answer's body is being pulled
    kClosing,    // what is in out_ is the last to be said
    kLinger,     // said; reading on so that the client gets it
    kClosed,
  };

  void Run();
  bool Step();
  bool StepHead();
  bool StepBody();
  bool StepAnswer();
  bool StepStream();
  bool StepClosing();

  bool BeginRequest(size_t head_size);
  bool Admit();
  bool BeginBody();
  bool BodyComplete();
  bool Decompress();
  void Dispatch();
  void Reply(Response response);
  void BeginHead();
  bool Refuse(Refusal refusal, Status status, std::string_view code, std::string_view detail);
  bool RefuseBody(std::string_view what);  // as too large
  bool RefuseWith(Refusal refusal, Response response);

  void Read();
  void OnRead(const boost::system::error_code& error, size_t size);
  bool Flush();
  void WriteRest();
  void OnWritten(const boost::system::error_code& error, size_t size);
  size_t BodyLimit() const;
  void AccountBody(size_t bytes);

  const std::shared_ptr<EventLoop> loop_;
  Socket socket_;
  const std::string remote_address_;
  std::atomic<bool> cancelled_{false};

  State state_ = State::kHead;
  base::Duration now_;
  base::Duration deadline_;        // of the state; compared by Tick
  base::Duration write_deadline_;  // while write_pending_
  bool running_ = false;
  bool reading_ = false;
  bool write_pending_ = false;
  bool peer_ended_ = false;
  bool dispatching_ = false;
  bool stream_waits_ = false;

  InputBuffer in_;
  HeadScanner scanner_;
  bool head_begun_ = false;
  ParsedRequest parsed_;
  std::string body_;
  size_t body_limit_ = 0;
  size_t body_accounted_ = 0;
  ChunkDecoder chunks_;

  AnswerForm form_;
  std::optional<Response> answer_;
  BodyStream stream_;
  std::string piece_;  // scratch of StepStream
  std::string out_;
  size_t out_sent_ = 0;
};

}  // namespace batuta::http
