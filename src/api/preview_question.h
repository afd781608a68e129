// What a preview asks: a rule that nothing uses yet, compiled beside the segments and features that
// there are. Immutable, but for one thing: whoever asks it needs an evaluation of their own.
// Internal to this folder.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/definitions.h"
#include "engine/row_parts.h"
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

struct PreviewQuestion {
  std::shared_ptr<const engine::Definitions> definitions;  // by which the rule reads
  std::shared_ptr<const feature::Catalogue> features;      // of these, with the rule's aggregates
  std::shared_ptr<const segment::Segments> segments;
  const segment::Segment* segment = nullptr;
  std::vector<const rule::Rule::Part*> parts;
  std::vector<uint64_t> aggregates;  // over events, that the rule reads; ascending
  bool is_counted = false;           // all of them are kept by these definitions
  engine::RowParts parts_read;       // what of people's rows it needs to be asked
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

}  // namespace batuta::api
