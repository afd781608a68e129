#include "engine/timers.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/status.h"

namespace batuta::engine {
namespace {

// Big-endian with the sign bit flipped, so that keys sort by time.
std::string KeyOf(const Timer& timer) {
  base::ByteWriter writer;
  writer.U64(static_cast<uint64_t>(timer.due.micros) ^ (uint64_t{1} << 63));
  writer.U8(static_cast<uint8_t>(timer.kind));
  writer.Raw(timer.target);
  return writer.Take();
}

Timer TimerOf(std::string_view key) {
  base::ByteReader reader(key.substr(0, 9));
  Timer timer;
  timer.due.micros = static_cast<int64_t>(reader.U64() ^ (uint64_t{1} << 63));
  timer.kind = static_cast<TimerKind>(reader.U8());
  BATUTA_CHECK(reader.ok());
  timer.target = std::string(key.substr(9));
  return timer;
}

}  // namespace

Timers::Timers(store::Database& database) : rows_(database, store::Table::timers) {}

void Timers::Set(const Timer& timer) {
  BATUTA_CHECK(timer.target.size() <= 64);
  const std::string key = KeyOf(timer);
  if (key < fired_to_) fired_to_ = key;
  rows_.Put(key, "");
  if (known_) next_due_ = std::min(next_due_, timer.due);
}

void Timers::Cancel(const Timer& timer) {
  rows_.Erase(KeyOf(timer));
  if (known_ && timer.due == next_due_) known_ = false;
}

std::vector<Timer> Timers::TakeDue(base::Time now) {
  std::vector<Timer> due;
  if (NextDue() > now) return due;
  rows_.Scan(fired_to_, "", [&](std::string_view key, std::string_view) {
    Timer timer = TimerOf(key);
    if (timer.due > now || due.size() == kTimersPerTick) return false;
    due.push_back(std::move(timer));
    return true;
  });
  for (const Timer& timer : due) rows_.Erase(KeyOf(timer));
  if (!due.empty()) fired_to_ = KeyOf(due.back());
  known_ = false;
  return due;
}

base::Time Timers::NextDue() {
  if (!known_) {
    next_due_ = base::kDistantFuture;
    rows_.Scan(fired_to_, "", [&](std::string_view key, std::string_view) {
      next_due_ = TimerOf(key).due;
      return false;
    });
    known_ = true;
  }
  return next_due_;
}

void Timers::ForEach(absl::FunctionRef<bool(const Timer&)> visit) {
  rows_.Scan("", "", [&](std::string_view key, std::string_view) { return visit(TimerOf(key)); });
}

}  // namespace batuta::engine
