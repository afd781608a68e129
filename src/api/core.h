// What the handlers of all routes share. Internal to this folder.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <simdjson.h>
#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "api/api.h"
#include "api/api_key.h"
#include "api/background.h"
#include "api/definitions_keeper.h"
#include "api/jobs.h"
#include "api/metrics.h"
#include "api/rate_limits.h"
#include "api/turns.h"
#include "base/ids.h"
#include "engine/runtime_hub.h"
#include "http/router.h"

namespace batuta::api {

// JSON parsers keep their buffers, so they are lent out again and again. Thread-safe.
class ParserPool {
 public:
  std::unique_ptr<simdjson::dom::parser> Take() {
    absl::MutexLock lock(&mutex_);
    if (parsers_.empty()) return std::make_unique<simdjson::dom::parser>();
    auto parser = std::move(parsers_.back());
    parsers_.pop_back();
    return parser;
  }
  void Return(std::unique_ptr<simdjson::dom::parser> parser) {
    absl::MutexLock lock(&mutex_);
    if (parsers_.size() < kKept) parsers_.push_back(std::move(parser));
  }

 private:
  static constexpr size_t kKept = 16;
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<simdjson::dom::parser>> parsers_ ABSL_GUARDED_BY(mutex_);
};

// Requests with an idempotency key that are being answered just now. Thread-safe.
class UnderWay {
 public:
  bool Begin(const base::Id128& request) {
    absl::MutexLock lock(&mutex_);
    return requests_.insert(request).second;
  }
  void End(const base::Id128& request) {
    absl::MutexLock lock(&mutex_);
    requests_.erase(request);
  }

 private:
  absl::Mutex mutex_;
  absl::flat_hash_set<base::Id128> requests_ ABSL_GUARDED_BY(mutex_);
};

struct Core {
  Core(engine::Hub& the_hub, ApiOptions the_options)
      : hub(the_hub),
        options(std::move(the_options)),
        definitions(the_hub.runtime()),
        keys(the_hub.runtime()),
        background(options.background_threads, options.background_waiting_max),
        long_work(options.background_threads, options.background_waiting_max,
                  Background::Priority::kLow),
        jobs(the_hub, background) {}

  engine::Hub& hub;
  const ApiOptions options;
  DefinitionsKeeper definitions;
  KeyKeeper keys;
  Metrics metrics;
  RateLimits limits;
  ParserPool parsers;
  UnderWay under_way;
  std::function<http::ServerCounters()> server_counters;
  std::atomic<bool> started = false;
  http::Router router;
  Turns preview_turns;
  Turns value_turns;
  // Last: their tasks use the rest. What takes long does so in steps, so that none waits for
  // another.
  Background background;
  Background long_work;
  Jobs jobs;  // they use all of these
};

}  // namespace batuta::api
