// The right and the duty to answer one request, once.
//
// Move-only and cheap. May be used from any thread, at once inside the handler or any time later,
// also after the server is gone. One that is dropped unused answers 500, so no request is ever left
// hanging.
#pragma once

#include <memory>

#include "http/message.h"

namespace batuta::http {

// Where an answer goes: a connection of the server, or a test that catches it.
class ResponseSink {
 public:
  virtual ~ResponseSink() = default;
  // Called once per Responder, from any thread.
  virtual void Deliver(Response response) = 0;
  // Whether nobody waits for the answer any more. Any thread.
  virtual bool Cancelled() const = 0;
};

class Responder {
 public:
  explicit Responder(std::shared_ptr<ResponseSink> sink);
  Responder(Responder&&) noexcept = default;
  Responder& operator=(Responder&& other) noexcept;
  ~Responder();

  // Requires: not sent before, not moved from.
  void Send(Response response);

  // True once the client has closed the connection: long work may stop.
  bool Cancelled() const;

 private:
  void Abandon();

  std::shared_ptr<ResponseSink> sink_;
};

}  // namespace batuta::http
