#include "decision/packed_readings.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/random.h"
#include "decision/random_message.h"

namespace batuta::decision {
namespace {

// A trace with what policies read and slots alone.
Trace RandomReadings(base::Random& random) {
  Trace trace;
  for (uint64_t i = random.Below(4); i > 0; --i) {
    PolicyTrace& policy = *trace.add_policies();
    FillRandomly(random, policy);
    for (uint64_t k = random.Below(5); k > 0; --k) FillRandomly(random, *policy.add_readings());
  }
  for (uint64_t i = random.Below(3); i > 0; --i) {
    SlotTrace& slot = *trace.add_slots();
    for (uint64_t k = random.Below(9); k > 0; --k) {
      slot.add_probabilities(static_cast<double>(random.Below(3)) / 7);
    }
    if (random.Below(3) == 0) *trace.add_without_holdout() = slot;
  }
  return trace;
}

// The trace as it stands beside the packed bytes.
Trace WithoutReadings(Trace trace) {
  Trace aside;
  MoveReadings(trace, aside);
  return trace;
}

// Of whatever fields there are: one that is added to a reading and not packed is found here.
TEST(PackedReadings, UnpackToWhatTheyWere) {
  size_t read = 0;
  for (uint64_t seed = 0; seed < 3'000; ++seed) {
    base::Random random(seed, base::Id128{}, "test", "readings");
    const Trace trace = RandomReadings(random);
    const std::string packed = PackReadings(trace);
    Trace found = WithoutReadings(trace);
    ASSERT_TRUE(UnpackReadings(packed, found)) << seed;
    ASSERT_EQ(found.SerializeAsString(), trace.SerializeAsString()) << seed;
    for (const PolicyTrace& policy : found.policies()) {
      read += static_cast<size_t>(policy.readings_size());
    }
  }
  EXPECT_GT(read, 3'000U);
}

TEST(PackedReadings, WhatIsMovedAsideComesBack) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    base::Random random(seed, base::Id128{}, "test", "readings");
    const Trace trace = RandomReadings(random);
    Trace changed = trace;
    Trace aside;
    MoveReadings(changed, aside);
    for (const PolicyTrace& policy : changed.policies()) EXPECT_EQ(policy.readings_size(), 0);
    for (const SlotTrace& slot : changed.slots()) EXPECT_EQ(slot.probabilities_size(), 0);
    MoveReadingsBack(aside, changed);
    EXPECT_EQ(changed.SerializeAsString(), trace.SerializeAsString());
  }
}

TEST(PackedReadings, DamagedBytesAreRefusedOrReadAsOthers) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    base::Random random(seed, base::Id128{}, "test", "damage");
    const Trace trace = RandomReadings(random);
    const std::string packed = PackReadings(trace);
    for (size_t end = 0; end < packed.size(); ++end) {
      Trace part = WithoutReadings(trace);
      EXPECT_FALSE(UnpackReadings(std::string_view(packed).substr(0, end), part));
      std::string changed = packed;
      changed[end] = static_cast<char>(random.Below(256));
      Trace other = WithoutReadings(trace);
      if (!UnpackReadings(changed, other)) continue;
      Trace again = WithoutReadings(other);
      EXPECT_TRUE(UnpackReadings(PackReadings(other), again));
    }
  }
}

// As many candidates as a placement may have, each counted by two policies.
TEST(PackedReadings, AMomentIsWrittenOnceForAllPoliciesThatCountIt) {
  Trace trace;
  PolicyTrace& each = *trace.add_policies();
  PolicyTrace& all = *trace.add_policies();
  PolicyReading& every = *all.add_readings();
  for (int i = 0; i < 20; ++i) {
    PolicyReading& reading = *each.add_readings();
    reading.set_scope_value("action-" + std::string(1, static_cast<char>('a' + i)));
    reading.add_ages(int64_t{3'600'000'000} * i);
    every.add_ages(int64_t{3'600'000'000} * (19 - i));
  }
  trace.add_slots()->mutable_probabilities()->Resize(20, 0.05);
  EXPECT_LE(PackReadings(trace).size(), 20 * 12U);
}

TEST(PackedReadings, NoBytesAskForMoreMemoryThanADecisionCanHave) {
  base::ByteWriter out;
  out.Varint(0);
  out.Varint(uint64_t{1} << 40);
  Trace trace;
  trace.add_slots();
  EXPECT_FALSE(UnpackReadings(out.bytes(), trace));
}

}  // namespace
}  // namespace batuta::decision
