// Row 5: how long after an event is acknowledged its person's profile shows it.
#include <atomic>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "base/random.h"
#include "base/status.h"
#include "base/text.h"
#include "bench/rows.h"
#include "identity/refs.h"

namespace batuta::bench {
namespace {

base::PersonId PersonOf(BenchHub& hub, const std::string& user_id) {
  const auto hash = hub.hub().vault().HashIdentifier("user_id", user_id);
  base::PersonId person;
  absl::Notification read;
  hub.hub().runtime().Run(identity::HomeOf(hash, kPartitions), [&](engine::Fold& fold) {
    const identity::IdentifierRow* row = fold.state().identifiers.Find(hash);
    BATUTA_CHECK(row != nullptr && row->has_person());
    person = identity::FromRef(row->person());
    read.Notify();
  });
  read.WaitForNotification();
  return person;
}

uint64_t EventsOf(BenchHub& hub, const base::PersonId& person) {
  uint64_t total = 0;
  absl::Notification read;
  hub.hub().runtime().Run(person.partition, [&](engine::Fold& fold) {
    const engine::PersonRow* row = fold.state().people.Find(person);
    BATUTA_CHECK(row != nullptr && !row->identity().has_merged_into());
    total = row->profile().timeline().total();
    read.Notify();
  });
  read.WaitForNotification();
  return total;
}

// From the acknowledgement to the first reading that shows the event.
int64_t Probe(Bench& bench, size_t who, bool anonymously) {
  const base::PersonId person = PersonOf(bench.hub, bench.crowd.UserId(who));
  const uint64_t before = EventsOf(bench.hub, person);
  std::string body = bench.crowd.Event(who, anonymously);
  body.reserve(body.size() + 64);
  std::atomic<int64_t> acknowledged = 0;
  absl::Notification durable;
  const bool taken = bench.hub.Take(body, "track", [&](const auto& done) {
    BATUTA_CHECK_OK(done.status());
    acknowledged = WallMicros();
    durable.Notify();
  });
  BATUTA_CHECK(taken);
  ++bench.events;
  durable.WaitForNotification();
  while (EventsOf(bench.hub, person) == before) absl::SleepFor(absl::Microseconds(20));
  return WallMicros() - acknowledged;
}

// Sends batches at a steady rate until it is told to stop. Uses the second half of the crowd only,
// so that the probes' people change by the probes alone.
class Background {
 public:
  Background(BenchHub& hub, Crowd& crowd, double events_per_second)
      : bodies_(crowd.Events({.events = 20'000, .zipf = false, .first = crowd.size() / 2})),
        thread_([this, &hub, events_per_second] { Run(hub, events_per_second); }) {}
  // The events that were sent.
  uint64_t Stop() {
    stop_ = true;
    thread_.join();
    return sent_;
  }

 private:
  void Run(BenchHub& hub, double rate) {
    const int64_t start = WallMicros();
    for (size_t i = 0; i < bodies_.size() && !stop_; ++i) {
      const auto due = static_cast<int64_t>(static_cast<double>(i) * 100e6 / rate);
      while (WallMicros() - start < due && !stop_) absl::SleepFor(absl::Microseconds(200));
      if (hub.Take(bodies_.at(i), "", nullptr)) sent_ += 100;
    }
  }

  const Bodies bodies_;
  std::atomic<bool> stop_ = false;
  uint64_t sent_ = 0;
  std::thread thread_;
};

void Measure(Bench& bench, const std::string& row) {
  base::Random random(4, {}, "visible", "");
  bench.hub.disk().TakeSyncs();
  for (const bool anonymously : {false, true}) {
    Latencies visible;
    for (size_t i = 0; i < bench.options.probes; ++i) {
      visible.Add(Probe(bench, random.Below(bench.crowd.size() / 2), anonymously));
    }
    const std::string what = anonymously ? "forwarded, visible after, " : "visible after, ";
    bench.report.Add(row, what + "p50", "us", {visible.At(0.5)});
    bench.report.Add(row, what + "p99", "us", {visible.At(0.99)}, "<= 10000");
  }
  AddSyncs(bench.report, row, bench.hub.disk().TakeSyncs());
}

}  // namespace

void MeasureVisibility(Bench& bench) {
  bench.hub.Settle();
  Measure(bench, "5 acknowledged to visible");
  Background background(bench.hub, bench.crowd, bench.options.background_rate);
  Measure(bench, base::StrCat("5 the same beside ", bench.options.background_rate, "/s"));
  bench.events += background.Stop();
  bench.hub.Settle();
}

}  // namespace batuta::bench
