// One request and its answer, from its route on: who asks, what, and the right to answer once.
//
// Shared by the callbacks that bring the answer. Whichever comes first answers; later ones are
// dropped, so that a timeout and a result may race. Internal to this folder.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "api/core.h"
#include "http/message.h"
#include "http/problem.h"
#include "http/responder.h"
#include "http/route_table.h"

namespace batuta::api {

class Exchange {
 public:
  Exchange(Core& core, std::string_view route, http::Request&& request,
           http::PathParameters parameters, http::Responder&& responder);

  Core& core() { return core_; }
  const http::Request& request() const { return request_; }
  const std::string& parameter(std::string_view name) const { return parameters_[name]; }
  const std::string& trace_id() const { return trace_id_; }

  // Null on routes that are open to all.
  const engine::ApiKey* key() const { return key_.get(); }
  void set_key(std::shared_ptr<const engine::ApiKey> key) { key_ = std::move(key); }
  // Answers may be read by any page.
  void AllowAnyOrigin() { any_origin_ = true; }

  // Nobody waits for the answer any more: long work may stop. It still must answer.
  bool Cancelled() const { return !sent_ && responder_.Cancelled(); }

  void Send(http::Response response);
  void Json(std::string body, http::Status status = http::Status::kOk);
  void Fail(http::Problem problem);
  void Fail(http::Status status, std::string_view code, std::string_view detail);
  // Errors with places: 422.
  void Fail(std::vector<http::ProblemError> errors);
  void FailNotJson(const absl::Status& why);
  // What the hub itself said: no space, too much to do, too late, stopping.
  void Fail(const absl::Status& status);

 private:
  Core& core_;
  const std::string route_;
  const http::Request request_;
  const http::PathParameters parameters_;
  const std::string trace_id_;
  http::Responder responder_;
  std::shared_ptr<const engine::ApiKey> key_;
  bool any_origin_ = false;
  std::atomic<bool> sent_ = false;
};

using ExchangePtr = std::shared_ptr<Exchange>;

// The headers that let pages of any origin read an answer and see what is in it.
void AddOpenCors(http::Headers& headers);

// Refusals that the admission and the handlers share.
http::Problem OverloadProblem();
http::Problem DiskFullProblem();

}  // namespace batuta::api
