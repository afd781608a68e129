// Whether what a partition knows of its segments is so: everybody is asked again. For tests.
#pragma once

#include <string>

#include "base/text.h"
#include "engine/fold.h"
#include "segment/evaluation.h"

namespace batuta::engine {

// "" if all is right. Requires: nothing waits to be applied, no timer is due, and no feature is
// being found.
inline std::string FindSegmentFault(Fold& fold) {
  PartitionState& state = fold.state();
  const segment::Segments& segments = *fold.definitions().segments;
  segment::Evaluation evaluation(fold.definitions().segments, fold.definitions().meaning());
  evaluation.UseEditions({fold.editions().begin(), fold.editions().end()});
  evaluation.UseTables(fold.tables());
  std::map<std::string, uint64_t> counts;
  std::string fault;
  state.people.ForEach([&](std::string_view key, const PersonRow& row) {
    const auto say = [&](std::string_view what) {
      if (fault.empty()) {
        fault = base::StrCat(what, ", person ", base::PersonId::FromBytes(key).ToString());
      }
    };
    const bool is_here =
        row.has_identity() && !row.identity().has_merged_into() && !row.identity().erased();
    if (is_here != (row.number() != 0)) say("who is here has a number, and nobody else");
    if (!is_here) {
      if (!row.segments().empty()) say("who is gone is in no segment");
      return;
    }
    evaluation.Bind(fold.PersonOf(row), row.segments());
    for (size_t i = 0; i < segments.all().size(); ++i) {
      const segment::Segment& segment = segments.all()[i];
      const bool is_in = segment::Find(row.segments(), fold.editions()[i]) != nullptr;
      if (is_in) ++counts[segment.name];
      if (evaluation.Fits(segment) != is_in) {
        say(base::StrCat(segment.name, is_in ? ": is in and should not be" : ": is missing"));
      }
      if (state.members.Of(fold.editions()[i]).Contains(row.number()) != is_in) {
        say(base::StrCat(segment.name, ": the set of members knows otherwise"));
      }
    }
  });
  for (const segment::Segment& segment : segments.all()) {
    const uint64_t active = fold.ActiveEdition(segment.name);
    if (active != fold.editions()[static_cast<size_t>(&segment - segments.all().data())]) {
      return base::StrCat(segment.name, ": its members have not been found");
    }
    if (state.members.Of(active).count() != counts[segment.name]) {
      return base::StrCat(segment.name, ": the count is wrong");
    }
  }
  return fault;
}

}  // namespace batuta::engine
