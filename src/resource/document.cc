#include "resource/document.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/strings/str_replace.h"
#include "base/text.h"

namespace batuta::resource {
namespace {

// Takes the next step off the pointer, unescaped. Requires: the pointer starts with '/'.
std::string TakeStep(std::string_view& pointer) {
  pointer.remove_prefix(1);
  const size_t end = std::min(pointer.find('/'), pointer.size());
  const std::string_view escaped = pointer.substr(0, end);
  std::string step = absl::StrReplaceAll(base::AbslView(escaped), {{"~1", "/"}, {"~0", "~"}});
  pointer.remove_prefix(end);
  return step;
}

const SourceMap::Node* ChildNamed(const SourceMap::Node& node, const std::string& step) {
  size_t index = 0;
  const char* end = step.data() + step.size();
  const bool numeric = std::from_chars(step.data(), end, index).ptr == end && !step.empty();
  if (numeric && index < node.children.size() && node.children[index].name.empty())
    return &node.children[index];
  for (const SourceMap::Node& child : node.children)
    if (child.name == step) return &child;
  return nullptr;
}

}  // namespace

std::string Place::ToString() const {
  if (line == 0) return file;
  return base::StrCat(file, file.empty() ? "" : ":", line, ":", column);
}

SourceMap::Found SourceMap::Walk(std::string_view pointer) const {
  const Node* node = &root_;
  while (!pointer.empty() && pointer.front() == '/') {
    const Node* child = ChildNamed(*node, TakeStep(pointer));
    if (child == nullptr) return {node, false};
    node = child;
  }
  return {node, true};
}

Place SourceMap::At(Spot spot) const { return {file_, spot.line, spot.column}; }

Place SourceMap::Of(std::string_view pointer) const { return At(Walk(pointer).node->value); }

Place SourceMap::Inside(std::string_view pointer, int line, int column) const {
  const Found found = Walk(pointer);
  const Spot& spot = found.node->value;
  if (!found.exact || spot.text_line == 0 || line < 1) return At(spot);
  if (line > 1 && !spot.keeps_lines) return {file_, spot.text_line, spot.text_column};
  return {file_, spot.text_line + line - 1, spot.text_column + column - 1};
}

Place SourceMap::OfName(std::string_view pointer) const {
  const Found found = Walk(pointer);
  return At(found.exact ? found.node->key : found.node->value);
}

std::string Child(std::string_view pointer, std::string_view name) {
  return base::StrCat(pointer, "/",
                      absl::StrReplaceAll(base::AbslView(name), {{"~", "~0"}, {"/", "~1"}}));
}

std::string Child(std::string_view pointer, int index) { return base::StrCat(pointer, "/", index); }

}  // namespace batuta::resource
