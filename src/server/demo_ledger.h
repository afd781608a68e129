// What the demo has done and seen so far, collected from its threads for the view. Thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/time.h"
#include "server/demo_latency.h"
#include "server/demo_score.h"

namespace batuta::server {

// The last decision, for people to read.
struct LastDecision {
  std::string id;
  std::string who;     // "Ximena Torres (sol-000042)"
  std::string where;   // the placement
  std::string offers;  // titles
  std::string reason;
  std::string outcome;  // "accepted", "not now" …
};

struct Figures {
  uint64_t events = 0;
  uint64_t batches = 0;
  uint64_t decisions = 0;
  uint64_t decisions_with_offer = 0;
  uint64_t visits = 0;
  uint64_t twice = 0;    // events sent a second time on purpose
  uint64_t late = 0;     // events sent long after they happened
  uint64_t refused = 0;  // events that the hub rejected with a reason
  uint64_t errors = 0;   // requests that failed
  std::string last_error;
  Tally hub;     // offers chosen by the hub
  Tally random;  // offers of the random arm
  Score score;   // of the hub's choices
  // Of the last spans of time, oldest first, the current one last.
  std::vector<Score> recent;
  LastDecision last;
  base::Duration decision_p50, decision_p99, batch_p50, batch_p99;
};

class Ledger {
 public:
  // Scores are kept for each `span` apart as well.
  explicit Ledger(base::Duration span) : span_(span) {}

  void AddBatch(uint64_t events, uint64_t refused, base::Duration took);
  void AddDecision(bool has_offer, base::Duration took);
  void AddVisit();
  void AddTwice();
  void AddLate();
  void AddError(std::string_view what);
  void AddSeen(bool is_random_arm, bool accepted);
  void AddScore(const Score& score, base::Duration now);
  void SetLast(LastDecision last);

  Figures Now() const;

 private:
  static constexpr size_t kRecent = 24;

  const base::Duration span_;
  mutable absl::Mutex mutex_;
  Figures figures_ ABSL_GUARDED_BY(mutex_);
  Latencies decisions_ ABSL_GUARDED_BY(mutex_);
  Latencies batches_ ABSL_GUARDED_BY(mutex_);
  std::deque<Score> recent_ ABSL_GUARDED_BY(mutex_);
  std::optional<base::Duration> recent_ends_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace batuta::server
