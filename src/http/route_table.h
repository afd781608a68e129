// Which route a method and a path mean.
//
// A pattern is a path whose segments are text, parameters or both: "/v1/people/{type}:{value}",
// "/v1/decisions/{id}/explanation", "/v1/{kind}/{name}:publish"; "{rest...}" as the last segment
// takes what is left, slashes included, also nothing. A parameter is never empty and does not cross
// a slash. Where several patterns fit, the one with more literal text in the first segment that
// differs wins, whatever the order they were added in and whatever methods they have. Matching
// works on the encoded path and decodes each parameter by itself.
//
// No regular expressions: time grows with the segments of the path. Thread-safe once built.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "http/message.h"

namespace batuta::http {

// The parameters of a route, decoded, in the pattern's order.
class PathParameters {
 public:
  // Requires: the pattern has a parameter of that name.
  const std::string& operator[](std::string_view name) const;

  void Add(std::string name, std::string value);
  size_t size() const { return values_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> values_;
};

struct RouteMatch {
  enum class Kind { kFound, kNotFound, kMethodNotAllowed };
  Kind kind = Kind::kNotFound;
  size_t route = 0;  // what Add was given, if found
  PathParameters parameters;
  std::string allow;  // if the method is not allowed: those that are, e.g. "GET, HEAD, OPTIONS"
};

class RouteTable {
 public:
  RouteTable();
  ~RouteTable();
  RouteTable(RouteTable&&) noexcept;
  RouteTable& operator=(RouteTable&&) noexcept;

  // InvalidArgument for a malformed pattern, AlreadyExists for the same pattern and method twice.
  absl::Status Add(Method method, std::string_view pattern, size_t route);

  // raw_path is still percent-encoded and has no query. A HEAD finds the route of GET if it has
  // none.
  RouteMatch Find(Method method, std::string_view raw_path) const;

 private:
  struct Node;
  std::unique_ptr<Node> root_;
};

}  // namespace batuta::http
