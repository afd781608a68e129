// Gives each request to the handler of its route, and answers for the routes that there are not:
// 404, 405 with Allow, OPTIONS.
//
// Built once at start, then only read: Handle is thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message.h"
#include "http/responder.h"
#include "http/route_table.h"

namespace batuta::http {

using RouteHandler = std::function<void(Request&&, const PathParameters&, Responder&&)>;

// Answers an OPTIONS request, e.g. a CORS preflight, of a path that exists; `allow` lists its
// methods. No answer: 204 with Allow.
using OptionsHook = std::function<std::optional<Response>(const Request&, std::string_view allow)>;

class Router {
 public:
  // Requires: the pattern is well-formed (route_table.h) and new for that method.
  void Add(Method method, std::string_view pattern, RouteHandler handler);
  void OnOptions(OptionsHook hook) { options_hook_ = std::move(hook); }

  void Handle(Request&& request, Responder&& responder) const;

 private:
  Response WithoutRoute(const Request& request, const RouteMatch& match) const;

  RouteTable table_;
  std::vector<RouteHandler> handlers_;
  OptionsHook options_hook_;
};

}  // namespace batuta::http
