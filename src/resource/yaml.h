// Reads the text of resource documents, YAML or JSON, into documents with places.
//
// YAML is read by the core schema of YAML 1.2: `no`, `yes`, `on` are texts, quoted scalars always
// are, numbers must be finite and exact. Refused with their place: tags, a name twice in one
// object, names that are not scalars, invalid UTF-8, more than the limits below. Anchors, aliases
// and merge keys
// (`<<`) work within a budget. JSON is RFC 8259 without extensions; one document or a list of them.
//
// Does not check what the documents say: see kind.h and check.h. No exceptions leave, no I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.pb.h"
#include "resource/document.h"
#include "resource/problem.h"

namespace batuta::resource {

enum class Format { kYaml, kJson };

// kJson for "….json", else kYaml.
Format FormatOf(std::string_view file);

inline constexpr size_t kMaxTextBytes = 8 << 20;
inline constexpr int kMaxDepth = 28;               // what can be stored: see base/json.h
inline constexpr int kMaxValues = 500'000;         // in one text, aliases expanded
inline constexpr size_t kMaxAliasBytes = 4 << 20;  // that aliases may add to one text

struct ParsedDocuments {
  std::vector<Document> documents;  // those that could be read, in order
  std::vector<Problem> problems;    // at most Findings::kMaxProblems, and what ended the text
};

// `file` appears in places only. A syntax error ends the text; errors about a document's outer
// shape (kind, name, spec) leave that document out and go on with the next. A missing name of a
// kind that exists once ("hub") is "default"; a missing spec is an empty one.
ParsedDocuments ParseDocuments(std::string_view text, std::string_view file, Format format);

struct ParsedValue {
  std::optional<base::Value> value;  // absent if there are problems
  SourceMap source;
  std::vector<Problem> problems;
};

// Reads one value of any shape, as for the body of a request that is a spec alone.
ParsedValue ParseValue(std::string_view text, std::string_view file, Format format);

}  // namespace batuta::resource
