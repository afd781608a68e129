// A resource document as a user wrote it: kind, name and spec, with the place of every part of it.
//
// A document may be wrong in any way that its text allows; see kind.h (one document) and check.h
// (all of them together) for what makes it right. Plain values without threads or I/O.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.pb.h"

namespace batuta::resource {

// Where something was written. Lines and columns count from 1, columns in characters; line 0 means
// "unknown", as for a document that came without text.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
  // "policies.yaml:12:7", "policies.yaml" when the line is unknown, "" when nothing is known.
  std::string ToString() const;
};

// Leads from JSON pointers (RFC 6901, "/spec/limit") to places.
class SourceMap {
 public:
  struct Spot {
    int line = 0;
    int column = 0;
    // Of a text: where its first character stands, behind a quote or in a block; 0 if unknown.
    int text_line = 0;
    int text_column = 0;
    bool keeps_lines = false;  // each of its lines is one line of the file, from that column on
  };
  // One value of the document. `name` is empty in a list, whose children stand in order.
  struct Node {
    std::string name;
    Spot key;  // of the member's name; of the value in a list
    Spot value;
    std::vector<Node> children;
  };

  SourceMap() = default;
  SourceMap(std::string file, Node root) : file_(std::move(file)), root_(std::move(root)) {}

  // The place of the value, or of the nearest enclosing value that was written.
  Place Of(std::string_view pointer) const;
  // The place of a character of the text that stands there, by its line and column in the text; the
  // text's own place where the way it was written hides it.
  Place Inside(std::string_view pointer, int line, int column) const;
  // The place of the member's name, for errors about the member itself.
  Place OfName(std::string_view pointer) const;

 private:
  struct Found {
    const Node* node;
    bool exact;
  };
  Found Walk(std::string_view pointer) const;
  Place At(Spot spot) const;

  std::string file_;
  Node root_;
};

struct Document {
  std::string kind;
  std::string name;
  base::Fields spec;
  SourceMap source;  // empty when the document came without text
};

// What identifies a resource; the order is that of every listing.
struct ResourceKey {
  std::string kind;
  std::string name;
  friend auto operator<=>(const ResourceKey&, const ResourceKey&) = default;
};
inline ResourceKey KeyOf(const Document& document) { return {document.kind, document.name}; }

// Appends one step to a JSON pointer, with `~` and `/` escaped.
std::string Child(std::string_view pointer, std::string_view name);
std::string Child(std::string_view pointer, int index);

}  // namespace batuta::resource
