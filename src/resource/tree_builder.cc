#include "resource/tree_builder.h"

#include <algorithm>

#include "base/status.h"
#include "base/text.h"
#include "resource/yaml.h"

namespace batuta::resource {
namespace {

struct Size {
  int values = 0;
  int depth = 0;  // objects and lists, one within the other
  size_t bytes = 0;
};

Size SizeOf(const base::Value& value) {
  Size size{.values = 1, .bytes = sizeof(base::Value) + value.text().size()};
  const auto add = [&](const base::Value& child) {
    const Size part = SizeOf(child);
    size.values += part.values;
    size.bytes += part.bytes;
    size.depth = std::max(size.depth, part.depth);
  };
  for (const base::Value& child : value.list().values()) add(child);
  for (const base::Field& field : value.object().fields()) {
    add(field.value());
    size.bytes += field.name().size();
  }
  if (value.has_list() || value.has_object()) ++size.depth;
  return size;
}

// Where the value at `index` of an object or list was written, with its own places.
Tree ChildTree(const base::Value& value, const Tree& parent, int index) {
  return {value, parent.places.children[static_cast<size_t>(index)]};
}

}  // namespace

bool TreeBuilder::Fail(std::string_view code, std::string_view message, Spot spot) {
  if (!failure_) failure_ = Failure{std::string(code), std::string(message), spot};
  return false;
}

bool TreeBuilder::ExpectsKey() const {
  return !open_.empty() && open_.back().is_object && !open_.back().has_key;
}

TreeBuilder::Spot TreeBuilder::KeySpotOr(Spot spot) const {
  return !open_.empty() && open_.back().has_key ? open_.back().key_spot : spot;
}

bool TreeBuilder::Count(Spot spot) {
  if (failure_) return false;
  if (++value_count_ <= kMaxValues) return true;
  return Fail("too_large",
              base::StrCat("the text has more than ", kMaxValues, " values; split it in parts"),
              spot);
}

bool TreeBuilder::Begin(bool is_object, Spot spot, Anchor anchor) {
  if (!Count(spot)) return false;
  if (open_.size() >= static_cast<size_t>(kMaxDepth))
    return Fail("too_deep", base::StrCat("values may be nested at most ", kMaxDepth, " deep"),
                spot);
  Frame frame{.is_object = is_object, .anchor = anchor};
  frame.tree.places.value = spot;
  if (is_object)
    frame.tree.value.mutable_object();
  else
    frame.tree.value.mutable_list();
  open_.push_back(std::move(frame));
  return true;
}

bool TreeBuilder::Key(std::string_view name, Spot spot, bool merge) {
  if (failure_) return false;
  BATUTA_CHECK(ExpectsKey());
  Frame& frame = open_.back();
  frame.key = name;
  frame.key_spot = spot;
  frame.has_key = true;
  frame.merging = merge;
  if (frame.names.insert(frame.key).second) return true;
  return Fail("duplicate_key",
              base::StrCat("\"", name, "\" stands here a second time; each name may stand once"),
              spot);
}

bool TreeBuilder::Scalar(base::Value value, Spot spot, Anchor anchor) {
  if (!Count(spot)) return false;
  Tree tree;
  tree.value = std::move(value);
  tree.places.value = spot;
  return Remember(anchor, tree) && Attach(std::move(tree));
}

bool TreeBuilder::Charge(const Tree& tree, Spot spot) {
  const Size size = SizeOf(tree.value);
  value_count_ += size.values;
  alias_bytes_ += size.bytes;
  if (value_count_ > kMaxValues || alias_bytes_ > kMaxAliasBytes)
    return Fail("too_large", "the anchors and aliases of this text grow too large; write it out",
                spot);
  if (static_cast<int>(open_.size()) + size.depth > kMaxDepth)
    return Fail("too_deep", base::StrCat("values may be nested at most ", kMaxDepth, " deep"),
                spot);
  return true;
}

bool TreeBuilder::Remember(Anchor anchor, const Tree& tree) {
  if (anchor == 0) return true;
  if (!Charge(tree, tree.places.value)) return false;
  anchored_[anchor] = tree;
  return true;
}

bool TreeBuilder::Alias(Anchor anchor, Spot spot) {
  if (failure_) return false;
  const auto found = anchored_.find(anchor);
  // An anchor without a value is one whose value is still open: it would contain itself.
  if (found == anchored_.end())
    return Fail("alias", "an alias cannot stand inside the value that it repeats", spot);
  return Charge(found->second, spot) && Attach(found->second);
}

bool TreeBuilder::End() {
  if (failure_) return false;
  BATUTA_CHECK(!open_.empty());
  Frame frame = std::move(open_.back());
  open_.pop_back();
  for (auto& [name, tree] : frame.merged) {
    if (!frame.names.insert(name).second) continue;
    base::Field& field = *frame.tree.value.mutable_object()->add_fields();
    field.set_name(name);
    *field.mutable_value() = std::move(tree.value);
    frame.tree.places.children.push_back(std::move(tree.places));
  }
  return Remember(frame.anchor, frame.tree) && Attach(std::move(frame.tree));
}

bool TreeBuilder::Attach(Tree tree) {
  if (open_.empty()) {
    done_ = std::move(tree);
    return true;
  }
  Frame& frame = open_.back();
  if (!frame.is_object) {
    tree.places.name.clear();
    tree.places.key = tree.places.value;
    *frame.tree.value.mutable_list()->add_values() = std::move(tree.value);
    frame.tree.places.children.push_back(std::move(tree.places));
    return true;
  }
  BATUTA_CHECK(frame.has_key);
  frame.has_key = false;
  if (frame.merging) return AttachMerged(frame, std::move(tree));
  tree.places.name = frame.key;
  tree.places.key = frame.key_spot;
  base::Field& field = *frame.tree.value.mutable_object()->add_fields();
  field.set_name(frame.key);
  *field.mutable_value() = std::move(tree.value);
  frame.tree.places.children.push_back(std::move(tree.places));
  return true;
}

bool TreeBuilder::AttachMerged(Frame& frame, Tree tree) {
  if (!tree.value.has_list()) return AddMerged(frame, std::move(tree));
  for (int i = 0; i < tree.value.list().values_size(); ++i)
    if (!AddMerged(frame, ChildTree(tree.value.list().values(i), tree, i))) return false;
  return true;
}

bool TreeBuilder::AddMerged(Frame& frame, Tree tree) {
  if (!tree.value.has_object())
    return Fail("alias", "\"<<\" takes an object, or a list of objects, to merge in",
                frame.key_spot);
  for (int i = 0; i < tree.value.object().fields_size(); ++i) {
    const base::Field& field = tree.value.object().fields(i);
    frame.merged.emplace_back(field.name(), ChildTree(field.value(), tree, i));
  }
  return true;
}

std::optional<Tree> TreeBuilder::Take() {
  anchored_.clear();
  return std::exchange(done_, std::nullopt);
}

}  // namespace batuta::resource
