#include "engine/backlog.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace batuta::engine {
namespace {

TEST(Backlog, IsWhatIsPlacedAndNotApplied) {
  Backlog backlog;
  backlog.AddPlaced(5);
  backlog.AddApplied(2);
  EXPECT_EQ(backlog.records(), 3u);
  backlog.AddApplied(3);
  EXPECT_EQ(backlog.records(), 0u);
}

// A reading that went below nothing would be 2^64 records, and a client refused for no reason.
TEST(Backlog, NeverFallsBelowNothingForWhoeverLooksMeanwhile) {
  constexpr uint64_t kRounds = 2'000'000;
  Backlog backlog;
  std::atomic<bool> done = false;
  std::thread runtime([&] {
    for (uint64_t i = 0; i < kRounds; ++i) {
      backlog.AddPlaced(1);
      backlog.AddApplied(1);
    }
    done = true;
  });
  uint64_t most = 0;
  while (!done) most = std::max(most, backlog.records());
  runtime.join();
  EXPECT_LE(most, kRounds);
}

}  // namespace
}  // namespace batuta::engine
