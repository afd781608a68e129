// Puts values together from the pieces that a parser meets, with the place of each, and holds them
// to the limits of yaml.h. Shared by the YAML and the JSON reader; not part of the folder's
// interface.
//
// After the first failure every call returns false and does nothing; `failure()` says what was
// wrong. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "base/value.pb.h"
#include "resource/document.h"

namespace batuta::resource {

// A value and where each part of it was written.
struct Tree {
  base::Value value;
  SourceMap::Node places;
};

class TreeBuilder {
 public:
  using Spot = SourceMap::Spot;
  // Names an anchored value for `Alias`; 0 is "not anchored".
  using Anchor = uint64_t;

  struct Failure {
    std::string code;
    std::string message;
    Spot spot;
  };

  bool BeginObject(Spot spot, Anchor anchor = 0) { return Begin(true, spot, anchor); }
  bool BeginList(Spot spot, Anchor anchor = 0) { return Begin(false, spot, anchor); }
  // The name of the next member. A merge takes the members of the value that follows into this
  // object (or of the objects in it, if it is a list), except those that the object names itself.
  bool Key(std::string_view name, Spot spot, bool merge = false);
  bool Scalar(base::Value value, Spot spot, Anchor anchor = 0);
  bool Alias(Anchor anchor, Spot spot);
  bool End();  // of the innermost object or list

  // Records the failure of the parser itself; the first one counts.
  bool Fail(std::string_view code, std::string_view message, Spot spot);

  // Whether the next piece is the name of a member.
  bool ExpectsKey() const;
  // The place of the name whose value comes next; the given one if there is no such name.
  Spot KeySpotOr(Spot spot) const;
  // The value that was completed last, if one was. Ends the document: its anchors are forgotten.
  std::optional<Tree> Take();
  const std::optional<Failure>& failure() const { return failure_; }

 private:
  struct Frame {
    bool is_object = false;
    bool has_key = false;
    bool merging = false;
    Anchor anchor = 0;
    std::string key = {};
    Spot key_spot = {};
    absl::flat_hash_set<std::string> names = {};
    std::vector<std::pair<std::string, Tree>> merged = {};
    Tree tree = {};
  };

  bool Begin(bool is_object, Spot spot, Anchor anchor);
  bool Count(Spot spot);
  bool Charge(const Tree& tree, Spot spot);
  bool Remember(Anchor anchor, const Tree& tree);
  bool Attach(Tree tree);
  bool AttachMerged(Frame& frame, Tree tree);
  bool AddMerged(Frame& frame, Tree tree);

  std::vector<Frame> open_;
  std::optional<Tree> done_;
  std::optional<Failure> failure_;
  std::map<Anchor, Tree> anchored_;
  int value_count_ = 0;
  size_t alias_bytes_ = 0;
};

}  // namespace batuta::resource
