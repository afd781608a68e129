#include "http/router.h"

#include <utility>

#include "base/status.h"
#include "http/problem.h"

namespace batuta::http {

void Router::Add(Method method, std::string_view pattern, RouteHandler handler) {
  BATUTA_CHECK_OK(table_.Add(method, pattern, handlers_.size()));
  handlers_.push_back(std::move(handler));
}

void Router::Handle(Request&& request, Responder&& responder) const {
  const RouteMatch match = table_.Find(request.method, request.RawPath());
  if (match.kind != RouteMatch::Kind::kFound) {
    Responder(std::move(responder)).Send(WithoutRoute(request, match));
    return;
  }
  handlers_[match.route](std::move(request), match.parameters, std::move(responder));
}

Response Router::WithoutRoute(const Request& request, const RouteMatch& match) const {
  if (match.kind == RouteMatch::Kind::kNotFound) {
    return ProblemResponse({.status = Status::kNotFound,
                            .code = "no_such_path",
                            .detail = "There is nothing at this path."});
  }
  Response response;
  if (request.method == Method::kOptions) {
    if (options_hook_) {
      if (auto answer = options_hook_(request, match.allow)) return *std::move(answer);
    }
    response.status = Status::kNoContent;
  } else {
    response = ProblemResponse({.status = Status::kMethodNotAllowed,
                                .code = "method_not_allowed",
                                .detail = "This path does not take the method."});
  }
  response.headers.Set("Allow", match.allow);
  return response;
}

}  // namespace batuta::http
