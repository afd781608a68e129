#include "simulation/shadow.h"

#include <algorithm>

#include "base/status.h"
#include "base/text.h"
#include "simulation/failure.h"

namespace batuta::simulation {
namespace {

std::vector<engine::Timer> TimersOf(engine::Fold& fold) {
  std::vector<engine::Timer> timers;
  fold.state().timers.ForEach([&](const engine::Timer& timer) {
    timers.push_back(timer);
    return true;
  });
  return timers;
}

std::string_view NameOf(engine::TimerKind kind) {
  switch (kind) {
    case engine::TimerKind::kDecisionSettle:
      return "timer: links settle";
    case engine::TimerKind::kChoiceDeadline:
      return "timer: choice";
    case engine::TimerKind::kPublishModels:
      return "timer: models";
    case engine::TimerKind::kSegmentTurn:
      return "timer: segments";
    case engine::TimerKind::kSegmentSweep:
      return "timer: new segments";
    case engine::TimerKind::kFeatures:
      return "timer: features";
    case engine::TimerKind::kPopulation:
      return "timer: populations";
    case engine::TimerKind::kMeasuring:
      return "timer: measuring";
    case engine::TimerKind::kPopulationSweep:
      return "timer: new cut points";
    case engine::TimerKind::kLeases:
      return "timer: leases";
  }
  return "timer: unknown";
}

std::string PlaceOf(const log::Record& record) {
  return base::StrCat("record ", base::Number(record.position.offset), " of partition ",
                      base::Index(record.position.partition));
}

}  // namespace

Shadow::Shadow(uint16_t partitions, uint64_t hub_seed, bool is_long)
    : is_long_(is_long),
      shared_(std::make_unique<store::SharedResources>(store::SharedResources::Options{
          .block_cache_bytes = size_t{1} << 20, .write_buffer_bytes = size_t{1} << 20})),
      records_(partitions + size_t{1}) {
  for (uint16_t i = 0; i <= partitions; ++i) {
    const base::PartitionId partition{i};
    auto database = store::Database::Open(
        *shared_, {.path = base::StrCat("/shadow/", i), .partition = partition, .disk = &disk_});
    BATUTA_CHECK_OK(database.status());
    databases_.push_back(*std::move(database));
    folds_.push_back(std::make_unique<engine::Fold>(engine::FoldSettings{.hub_seed = hub_seed,
                                                                         .partition = partition,
                                                                         .partitions = partitions,
                                                                         .observer = &judge_},
                                                    *databases_.back()));
  }
}

void Shadow::Take(const log::Record& record) {
  const base::PartitionId partition = record.position.partition;
  Require(record.position.offset == base::Next(End(partition)), "the log has a gap");
  records_[base::Index(partition)].push_back(record);
  if (record.type == static_cast<uint8_t>(engine::RecordType::kMessage)) CheckMessage(record);
  engine::Fold& folded = fold(partition);
  // Of a long history a part of the records is looked at this closely: what was erased since the
  // beginning is walked over each time.
  constexpr uint64_t kLooks = 1024;
  const bool looks = !is_long_ || base::Number(record.position.offset) % kLooks == 0;
  std::vector<engine::Timer> before;
  if (looks) before = TimersOf(folded);
  const base::Time time_before = folded.log_time();
  engine::Effects effects;
  folded.Apply(record, effects);
  Require(folded.log_time() >= time_before && folded.log_time() >= record.stamp,
          "log time goes back at " + PlaceOf(record));
  if (looks) CheckTimers(record, before);
  Foretell(partition, effects);
  CountErasures(partition);
}

void Shadow::Foretell(base::PartitionId source, const engine::Effects& effects) {
  for (const engine::Outgoing& outgoing : effects.messages) {
    engine::Message message = outgoing.message;
    message.set_source(base::Index(source));
    message.set_offset(base::Number(outgoing.offset));
    message.set_number(outgoing.number);
    on_way_[{source, outgoing.destination}].push_back(
        {engine::NumberOf(message), message.SerializeAsString()});
  }
}

bool Shadow::IsForetold(const log::Record& record) const {
  if (record.type != static_cast<uint8_t>(engine::RecordType::kMessage)) return true;
  engine::Message message;
  Require(message.ParseFromString(record.payload), PlaceOf(record) + " is no message");
  const Way way{base::PartitionId{static_cast<uint16_t>(message.source())},
                record.position.partition};
  const auto on_way = on_way_.find(way);
  if (on_way != on_way_.end() && !on_way->second.empty()) return true;
  const auto last = last_.find(way);
  return last != last_.end() && engine::NumberOf(message) <= last->second.number;
}

// What was sent again after a crash may stand in the log twice, but only as it was.
void Shadow::CheckMessage(const log::Record& record) {
  engine::Message message;
  Require(message.ParseFromString(record.payload), PlaceOf(record) + " is no message");
  const Way way{base::PartitionId{static_cast<uint16_t>(message.source())},
                record.position.partition};
  const auto last = last_.find(way);
  if (last != last_.end() && engine::NumberOf(message) <= last->second.number) {
    Require(
        engine::NumberOf(message) < last->second.number || record.payload == last->second.payload,
        PlaceOf(record) + ": a message was sent again with another content");
    coverage_.Count("message sent again");
    return;
  }
  std::deque<Foretold>& queue = on_way_[way];
  Require(!queue.empty(), base::StrCat(PlaceOf(record), ": a message that nobody sent; of record ",
                                       message.offset(), " of partition ", message.source()));
  Require(queue.front().number == engine::NumberOf(message),
          base::StrCat(PlaceOf(record), ": a message is lost between partitions ",
                       base::Index(way.first), " and ", base::Index(way.second)));
  if (queue.front().payload != record.payload) {
    engine::Message foretold;
    foretold.ParseFromString(queue.front().payload);
    Require(false, base::StrCat(PlaceOf(record), ": folding again sends another message\n",
                                foretold.ShortDebugString(), "\nwhere the log has\n",
                                message.ShortDebugString()));
  }
  if (way.first != way.second) coverage_.Count("message between partitions");
  last_[way] = std::move(queue.front());
  queue.pop_front();
}

// Timers go by ticks alone: those due by log time, all of them, and no others. But those for when
// time turns a segment or a feature move with what it asks for, and whether they are right is seen
// by who is in it, by what it says.
void Shadow::CheckTimers(const log::Record& record, const std::vector<engine::Timer>& before) {
  engine::Fold& folded = fold(record.position.partition);
  const std::vector<engine::Timer> after = TimersOf(folded);
  std::vector<engine::Timer> gone;
  std::set_difference(before.begin(), before.end(), after.begin(), after.end(),
                      std::back_inserter(gone));
  const bool is_tick = record.type == static_cast<uint8_t>(engine::RecordType::kTick);
  std::erase_if(gone, [&](const engine::Timer& timer) {
    const bool may_move =
        timer.kind == engine::TimerKind::kSegmentTurn || timer.kind == engine::TimerKind::kFeatures;
    return may_move && (!is_tick || timer.due > folded.log_time());
  });
  Require(is_tick || gone.empty(), "a timer vanished without a tick at " + PlaceOf(record));
  for (const engine::Timer& timer : gone) {
    Require(timer.due <= folded.log_time(), "a timer fired early at " + PlaceOf(record));
    coverage_.Count(NameOf(timer.kind));
  }
  if (!is_tick || gone.size() >= engine::kTimersPerTick) return;
  for (const engine::Timer& timer : before) {
    // It is set again for the same moment while there is more to do.
    if (timer.kind == engine::TimerKind::kSegmentSweep ||
        timer.kind == engine::TimerKind::kMeasuring ||
        timer.kind == engine::TimerKind::kPopulationSweep) {
      continue;
    }
    const bool is_gone = std::binary_search(gone.begin(), gone.end(), timer);
    Require(is_gone || timer.due > folded.log_time() ||
                std::binary_search(after.begin(), after.end(), timer),
            "a timer was changed");
    Require(is_gone || timer.due > folded.log_time(),
            "a timer that is due did not fire at " + PlaceOf(record));
  }
}

// Each new or changed row of the outbox is one order.
void Shadow::CountErasures(base::PartitionId partition) {
  std::map<std::string, std::string> rows;
  fold(partition).state().ScanRows(engine::RowKind::kOutbox,
                                   [&](std::string_view key, std::string_view bytes) {
                                     rows.emplace(key, bytes);
                                     return true;
                                   });
  std::map<std::string, std::string>& known = outbox_[partition];
  for (const auto& [key, bytes] : rows) {
    if (const auto found = known.find(key); found != known.end() && found->second == bytes)
      continue;
    engine::OutboxRow row;
    BATUTA_CHECK(row.ParseFromString(bytes));
    for (const std::string& hash : row.destroy_keys_of()) ++erasures_[hash];
  }
  known = std::move(rows);
}

Coverage Shadow::Seen() {
  Coverage seen = coverage_;
  for (const auto& fold : folds_) {
    const engine::Tallies& tallies = fold->state().self.tallies();
    seen.Count("event", tallies.events());
    seen.Count("duplicate event", tallies.duplicates());
    seen.Count("another payload under a message id", tallies.mismatches());
    seen.Count("rejection", tallies.rejections());
    seen.Count("merge", tallies.merges());
    seen.Count("decision", tallies.decisions());
    seen.Count("acceptance", tallies.accepted());
    seen.Count("erasure", tallies.erasures());
  }
  seen.Count("key destroyed", erasures_.size());
  return seen;
}

size_t Shadow::messages_on_way() const {
  size_t count = 0;
  for (const auto& [way, queue] : on_way_) count += queue.size();
  return count;
}

}  // namespace batuta::simulation
