// What a preview asks: a rule that nothing uses yet, compiled beside the segments and features that
// there are. Immutable, but for one thing: whoever asks it needs an evaluation of their own.
// Internal to this folder.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/definitions.h"
#include "engine/row.pb.h"
#include "feature/catalogue.h"
#include "http/problem.h"
#include "rule/person.h"
#include "segment/segments.h"

namespace batuta::api {

struct PreviewWish {
  std::string rule;
  std::string purpose;
  bool is_estimate = false;
};

// What of a person's row the rule reads, besides their features.
struct PreviewReads {
  std::set<std::string, std::less<>> traits;
  bool identifiers = false;
  bool consents = false;
  bool preferences = false;
  bool groups = false;
  bool segments = false;
};

struct PreviewQuestion {
  std::shared_ptr<const engine::Definitions> definitions;  // by which the rule reads
  std::shared_ptr<const feature::Catalogue> features;      // of these, with the rule's aggregates
  std::shared_ptr<const segment::Segments> segments;
  const segment::Segment* segment = nullptr;
  std::vector<const rule::Rule::Part*> parts;
  std::vector<uint64_t> aggregates;  // over events, that the rule reads; ascending
  bool is_counted = false;           // all of them are kept by these definitions
  PreviewReads reads;
  bool is_estimate = false;
  uint64_t seed = 0;

  rule::Meaning meaning() const {
    return {.rules = definitions->rules, .features = features.get()};
  }
};

// Null, with what is wrong, if the rule is not right. Takes milliseconds.
std::shared_ptr<const PreviewQuestion> CompilePreview(
    const std::shared_ptr<const engine::Definitions>& definitions, const PreviewWish& wish,
    std::vector<http::ProblemError>& errors);

// As much of the row as the question needs to be asked of it later; of features only those of the
// rule, and none of those that are `left_out` (ascending).
engine::PersonRow RowFor(const PreviewQuestion& question, const engine::PersonRow& row,
                         const std::vector<uint64_t>& left_out);

}  // namespace batuta::api
