#include "http/responder.h"

#include <utility>

#include "base/status.h"
#include "http/problem.h"

namespace batuta::http {

Responder::Responder(std::shared_ptr<ResponseSink> sink) : sink_(std::move(sink)) {
  BATUTA_CHECK(sink_ != nullptr);
}

Responder& Responder::operator=(Responder&& other) noexcept {
  if (this != &other) {
    Abandon();
    sink_ = std::move(other.sink_);
  }
  return *this;
}

Responder::~Responder() { Abandon(); }

void Responder::Send(Response response) {
  BATUTA_CHECK(sink_ != nullptr, "a Responder answers once");
  const std::shared_ptr<ResponseSink> sink = std::move(sink_);
  sink->Deliver(std::move(response));
}

bool Responder::Cancelled() const { return sink_ == nullptr || sink_->Cancelled(); }

void Responder::Abandon() {
  if (sink_ == nullptr) return;
  Send(ProblemResponse({.status = Status::kInternalServerError,
                        .code = "internal",
                        .detail = "The request could not be completed."}));
}

}  // namespace batuta::http
