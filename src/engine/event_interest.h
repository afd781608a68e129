// Which events can matter to some features, as far as a person's record tells without reading any:
// by the kind of the timeline's entries, and by the counters of the events' names.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "feature/spec.h"
#include "profile/profile.pb.h"

namespace batuta::engine {

class EventInterest {
 public:
  // Until then it is interested in nothing.
  void Add(const feature::FeatureSpec& spec);

  // Whether an entry of a timeline, by its kind, can be such an event.
  bool IsOf(uint32_t kind) const;

  // False if the person did nothing after that time (in microseconds) that any of the features
  // could be of.
  bool MayHave(const profile::Profile& profile, int64_t after) const;

 private:
  void AddName(const std::string& name);

  uint32_t kinds_ = 0;              // a bit each
  bool has_uncounted_ = false;      // some of the events no counter counts
  std::set<std::string> counters_;  // the names of those that do, of events that begin a feature
};

}  // namespace batuta::engine
