// One history, two courses: the real one, and another under changed definitions, side by side.
//
// Both take the same records in the same order. What came from outside is the same in both. What
// the hub said to itself is each course's own: where the real course sent a message between
// partitions, the other's of the same kind is delivered at the same place of the log; what only the
// other one says is delivered at once, and what it does not say is left out. Timers that only the
// other one has set fire when they are due. So a course whose definitions are equal is equal.
//
// The other course learns nothing: it scores by the models that the real one had at each moment.
//
// Used by one thread. The real world may be folded on meanwhile.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "base/ids.h"
#include "base/time.h"
#include "engine/effects.h"
#include "engine/record.h"
#include "log/history.h"
#include "log/record.h"
#include "resource/set.h"
#include "whatif/real_course.h"
#include "whatif/world.h"

namespace batuta::whatif {

class PairListener {
 public:
  virtual ~PairListener() = default;
  // A decision takes effect. For the other course: after the real one's, if that made it at all;
  // gives the slots in which it chose otherwise.
  virtual void OnRealMade(const identity::PersonRef& person, const decision::Decision& made) = 0;
  virtual std::vector<uint32_t> OnOtherMade(const engine::DecisionMade& made) = 0;
  // The real course has answered, and not recorded it yet.
  virtual void OnRealAsked(RealState state) = 0;
  virtual void OnRealLife(const decision::OpenDecision& open) = 0;
};

// What the other course has changed, from when on, and who asked for it.
struct Alteration {
  resource::Change change;
  std::string author;
  base::Time from;
};

class WorldPair {
 public:
  // All outlive the pair. The other world is a fork of the real one, just made; its definitions are
  // changed at once.
  WorldPair(World& other, const log::History& history, const Alteration& alteration,
            PairListener& listener);

  // To be called first.
  absl::Status Begin();
  // Takes what the real course did next in the other one.
  absl::Status Take(RealStep step);

 private:
  struct Extra {
    base::PartitionId destination{};
    base::RecordId id;
    engine::Message message;
  };
  // Destination, source, and the real course's number of the message.
  using Place = std::tuple<base::PartitionId, base::PartitionId, uint64_t, uint32_t>;

  engine::Fold& OtherOf(const log::Record& record) {
    return other_.fold(record.position.partition);
  }
  std::string Altered(const resource::ResourceSet& real);
  void TellReal(RealStep& step);
  void TakeOther(const RealStep& step);
  void TakeOtherMessage(const log::Record& record, const engine::Message& real);
  void TakeOtherDefinitions(const RealStep& step);
  void ApplyOther(const log::Record& record, std::string payload);
  void PairMessages(const RealStep& step);
  void FireTimers(base::PartitionId partition, base::Time until);
  void Between(base::PartitionId partition, engine::RecordType type, const base::RecordId& id,
               std::string payload);
  void AddExtras(std::vector<engine::Outgoing> messages);
  absl::Status Drain();
  absl::Status FindFeatures();
  std::string Payload(engine::Message message);

  World& other_;
  const log::History& history_;
  const Alteration& alteration_;
  PairListener& listener_;
  std::vector<base::Offset> forked_at_;  // by partition
  base::Time now_;
  uint64_t sent_ = 0;
  bool is_altered_ = false;  // the definitions of the courses have differed
  bool reach_changed_ = false;
  uint64_t records_ = 0;
  uint64_t real_reach_ = 0;  // see RealStep
  engine::Effects effects_;
  std::map<Place, engine::Message> waiting_;  // of the other course, for the real one's place
  std::deque<Extra> extras_;
};

}  // namespace batuta::whatif
