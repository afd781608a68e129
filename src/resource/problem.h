// One thing that is wrong, or doubtful, in resource documents: what, where, what would be right.
#pragma once

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "base/value.pb.h"
#include "resource/document.h"

namespace batuta::resource {

enum class Severity { kError, kWarning };

struct Problem {
  Severity severity = Severity::kError;
  std::string code;      // stable, for programs: "unknown_field", "out_of_range", …
  std::string message;   // for people; one sentence or two
  std::string pointer;   // JSON pointer into the document: "/spec/limit"; "" for the whole
  ResourceKey resource;  // of which document; empty parts where the document does not say
  Place place;
  // Where in the text that `pointer` leads to, if that is a rule; line 0 if it is not.
  SourceMap::Spot inside = {};
};

// Documents with any error are not applied; warnings are shown and do not hinder.
bool HasError(absl::Span<const Problem> problems);

// "a.yaml:3:9: error: … [out_of_range]"; without a place, "action gold-card /spec/value: error: …".
std::string ToText(const Problem& problem);
// One line per problem, each ended by a newline.
std::string ToText(absl::Span<const Problem> problems);

// A list of {severity, code, pointer, detail, kind, name, file, line, column} as in the `errors` of
// problem+json; what is unknown is left out.
base::Value ToValue(absl::Span<const Problem> problems);

// By place, then resource and pointer; errors that were found twice stand once.
void SortProblems(std::vector<Problem>& problems);

}  // namespace batuta::resource
