#include "decision/packed_candidates.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "decision/decide.h"
#include "decision/random_message.h"
#include "decision/sample_hub.h"

namespace batuta::decision {
namespace {

Trace RandomCandidates(base::Random& random) {
  Trace trace;
  trace.set_incremental(random.Below(2) == 0);
  for (uint64_t i = random.Below(12); i > 0; --i) FillRandomly(random, *trace.add_candidates());
  return trace;
}

Trace Without(const Trace& candidates) {
  Trace trace;
  trace.set_incremental(candidates.incremental());
  return trace;
}

// Of whatever fields there are: one that is added and not packed is found here.
TEST(PackedCandidates, UnpackToWhatTheyWere) {
  for (uint64_t seed = 0; seed < 3'000; ++seed) {
    base::Random random(seed, base::Id128{}, "test", "candidates");
    const Trace trace = RandomCandidates(random);
    const std::string packed = PackCandidates(trace);
    Trace found = Without(trace);
    ASSERT_TRUE(UnpackCandidates(packed, found)) << seed;
    ASSERT_EQ(found.SerializeAsString(), trace.SerializeAsString()) << seed;
    EXPECT_EQ(PackCandidates(found), packed);
  }
}

TEST(PackedCandidates, DamagedBytesAreRefusedOrReadAsOthers) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    base::Random random(seed, base::Id128{}, "test", "damage");
    const Trace trace = RandomCandidates(random);
    const std::string packed = PackCandidates(trace);
    for (size_t end = 0; end < packed.size(); ++end) {
      Trace part = Without(trace);
      (void)UnpackCandidates(std::string_view(packed).substr(0, end), part);
      std::string changed = packed;
      changed[end] = static_cast<char>(random.Below(256));
      Trace other = Without(trace);
      if (!UnpackCandidates(changed, other)) continue;
      Trace again = Without(trace);
      EXPECT_TRUE(UnpackCandidates(PackCandidates(other), again));
    }
  }
}

// What follows of the rest is not written: eight bytes of each that took part.
TEST(PackedCandidates, ANetValueIsWrittenOnlyWhereItIsAnotherThanExpected) {
  Trace trace;
  CandidateTrace& candidate = *trace.add_candidates();
  candidate.set_alpha(1);
  candidate.set_beta(3);
  candidate.set_natural(0.125);
  candidate.set_value_micros(80'000'000);
  candidate.set_lever(2);
  candidate.set_cost_micros(5'000'000);
  candidate.add_boosts()->set_micros(1'000'000);
  candidate.set_net_value(36);  // 160 / 4 - 5 + 1
  const size_t size = PackCandidates(trace).size();
  candidate.set_net_value(35);
  EXPECT_EQ(PackCandidates(trace).size(), size + 8);
  trace.set_incremental(true);
  candidate.set_net_value(16);  // 160 / 8 - 5 + 1
  EXPECT_EQ(PackCandidates(trace).size(), size);
  candidate.set_reason(CAPPED);
  const size_t with = PackCandidates(trace).size();
  candidate.set_net_value(0);
  EXPECT_EQ(PackCandidates(trace).size(), with - 8);
}

TEST(PackedCandidates, ADecisionIsLoggedWithThemAndReadAsItWas) {
  size_t all = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    base::Random random(seed, base::Id128{}, "test", "hub");
    Decision decision = RandomHub(random).Decide(seed);
    const std::string plain = decision.SerializeAsString();
    const std::string bytes = Serialize(decision);
    EXPECT_EQ(decision.SerializeAsString(), plain) << "it is as before";
    EXPECT_EQ(Serialize(std::as_const(decision)), bytes);
    Decision read;
    ASSERT_TRUE(Parse(bytes, read));
    EXPECT_EQ(read.SerializeAsString(), plain);
    if (decision.trace().candidates_size() < 3) continue;
    EXPECT_LT(bytes.size(), plain.size());
    ++all;
  }
  EXPECT_GT(all, 50U);
}

}  // namespace
}  // namespace batuta::decision
