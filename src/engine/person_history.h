// A person's events as they stand in archive and log, for features of which there are more events
// than the record keeps.
//
// The places are copied on the partition's thread, together with the person's row; the rest is done
// elsewhere, as it reads the disk.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/ids.h"
#include "engine/definitions.h"
#include "engine/fold.h"
#include "engine/row.pb.h"
#include "feature/event.h"
#include "feature/set.h"
#include "log/history.h"
#include "profile/profile.pb.h"

namespace batuta::engine {

// Whether any feature of the person needs more than the record keeps.
bool NeedsHistory(const Definitions& definitions, const PersonRow& row, base::Time now);

// Where the events of a timeline are. Borrows nothing.
struct TimelineCopy {
  profile::Timeline timeline;       // of the row
  std::vector<std::string> blocks;  // as they are stored
};
TimelineCopy CopyTimeline(Fold& fold, const base::PersonId& person, const PersonRow& row);

class PersonHistory : public feature::EventHistory {
 public:
  // History and set outlive it.
  PersonHistory(const log::History& history, const feature::FeatureSet& set,
                const TimelineCopy& timeline);

  // OutOfRange if not all of these events are kept any more.
  absl::Status Visit(base::Time after,
                     absl::FunctionRef<void(const feature::Event&)> visit) const override;

 private:
  struct Place {
    base::Offset offset{};
    base::Time time;
  };
  void Add(const profile::TimelineEntries& entries);

  const log::History& history_;
  const feature::FeatureSet& set_;
  const bool is_whole_;                                     // the timeline has dropped nothing
  std::map<base::PartitionId, std::vector<Place>> places_;  // ascending
};

// Makes those states of the person anew that need more than the record keeps. Those of which not
// all events are kept any more stay as they are, and NeedsHistory of value.h true. Errors of the
// history are passed on.
absl::Status ReadHistory(const log::History& history, const Definitions& definitions,
                         const TimelineCopy& timeline, base::Time now, PersonRow& row);

}  // namespace batuta::engine
