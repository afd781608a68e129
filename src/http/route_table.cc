#include "http/route_table.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/status.h"
#include "base/text.h"
#include "http/route_pattern.h"

namespace batuta::http {
namespace {

constexpr size_t kMethods = 7;

size_t IndexOf(Method method) { return static_cast<size_t>(method); }

// Takes the first segment off a path without its leading slash; true in *last if none is left.
std::string_view TakeSegment(std::string_view* path, bool* last) {
  const size_t slash = path->find('/');
  *last = slash == std::string_view::npos;
  const std::string_view segment = path->substr(0, slash);
  path->remove_prefix(*last ? path->size() : slash + 1);
  return segment;
}

}  // namespace

const std::string& PathParameters::operator[](std::string_view name) const {
  for (const auto& [known, value] : values_) {
    if (known == name) return value;
  }
  base::CheckFailed(__FILE__, __LINE__, "a parameter of the pattern", std::string(name));
}

void PathParameters::Add(std::string name, std::string value) {
  values_.emplace_back(std::move(name), std::move(value));
}

// A node stands for the segments read so far.
struct RouteTable::Node {
  struct Branch {
    SegmentPattern pattern;
    std::unique_ptr<Node> node;
  };
  using Routes = std::array<std::optional<size_t>, kMethods>;

  Node* Child(SegmentPattern pattern);
  const Node* Find(std::string_view path, PathParameters* parameters) const;
  bool HasRoutes() const {
    return std::any_of(routes.begin(), routes.end(), [](const auto& r) { return r.has_value(); });
  }

  absl::flat_hash_map<std::string, std::unique_ptr<Node>> texts;
  std::vector<Branch> branches;  // the most literal first; a rest last
  Routes routes;
};

RouteTable::Node* RouteTable::Node::Child(SegmentPattern pattern) {
  if (pattern.IsText()) {
    std::unique_ptr<Node>& node = texts[pattern.text()];
    if (node == nullptr) node = std::make_unique<Node>();
    return node.get();
  }
  for (const Branch& branch : branches) {
    if (branch.pattern.text() == pattern.text()) return branch.node.get();
  }
  const auto after = std::find_if(branches.begin(), branches.end(), [&](const Branch& branch) {
    if (branch.pattern.IsRest() != pattern.IsRest()) return branch.pattern.IsRest();
    return branch.pattern.literal_size() < pattern.literal_size();
  });
  return branches.insert(after, {std::move(pattern), std::make_unique<Node>()})->node.get();
}

// The most specific node with routes that the path leads to. Each node is tried at most once.
const RouteTable::Node* RouteTable::Node::Find(std::string_view path,
                                               PathParameters* parameters) const {
  bool last = false;
  std::string_view rest = path;
  const std::string_view segment = TakeSegment(&rest, &last);
  const auto descend = [&](const Node& node) -> const Node* {
    if (!last) return node.Find(rest, parameters);
    return node.HasRoutes() ? &node : nullptr;
  };
  if (const auto text = texts.find(base::AbslView(segment)); text != texts.end()) {
    if (const Node* found = descend(*text->second)) return found;
  }
  for (const Branch& branch : branches) {
    const PathParameters before = *parameters;
    if (branch.pattern.IsRest()) {
      if (branch.pattern.Match(path, parameters)) return branch.node.get();
    } else if (branch.pattern.Match(segment, parameters)) {
      if (const Node* found = descend(*branch.node)) return found;
    }
    *parameters = before;
  }
  return nullptr;
}

RouteTable::RouteTable() : root_(std::make_unique<Node>()) {}
RouteTable::~RouteTable() = default;
RouteTable::RouteTable(RouteTable&&) noexcept = default;
RouteTable& RouteTable::operator=(RouteTable&&) noexcept = default;

absl::Status RouteTable::Add(Method method, std::string_view pattern, size_t route) {
  if (!pattern.starts_with('/')) {
    return absl::InvalidArgumentError(base::StrCat("a pattern starts with '/': ", pattern));
  }
  Node* node = root_.get();
  std::string_view rest = pattern.substr(1);
  for (bool last = false; !last;) {
    const std::string_view text = TakeSegment(&rest, &last);
    BATUTA_ASSIGN_OR_RETURN(SegmentPattern segment, SegmentPattern::Parse(text));
    if (segment.IsRest() && !last) {
      return absl::InvalidArgumentError(base::StrCat("{name...} must be last: ", pattern));
    }
    node = node->Child(std::move(segment));
  }
  std::optional<size_t>& place = node->routes[IndexOf(method)];
  if (place.has_value()) {
    return absl::AlreadyExistsError(base::StrCat(MethodName(method), " ", pattern));
  }
  place = route;
  return absl::OkStatus();
}

RouteMatch RouteTable::Find(Method method, std::string_view raw_path) const {
  RouteMatch match;
  if (!raw_path.starts_with('/')) return match;
  const Node* node = root_->Find(raw_path.substr(1), &match.parameters);
  if (node == nullptr) return match;
  Node::Routes routes = node->routes;
  std::optional<size_t>& head = routes[IndexOf(Method::kHead)];
  if (!head.has_value()) head = routes[IndexOf(Method::kGet)];
  if (const std::optional<size_t> route = routes[IndexOf(method)]) {
    match.kind = RouteMatch::Kind::kFound;
    match.route = *route;
    return match;
  }
  match.kind = RouteMatch::Kind::kMethodNotAllowed;
  for (size_t i = 0; i < kMethods; ++i) {
    if (!routes[i].has_value() || i == IndexOf(Method::kOptions)) continue;
    match.allow.append(MethodName(static_cast<Method>(i))).append(", ");
  }
  match.allow += MethodName(Method::kOptions);
  return match;
}

}  // namespace batuta::http
