#include "decision/replay.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/text.h"
#include "decision/decide.h"
#include "decision/sample_hub.h"

namespace batuta::decision {
namespace {

TEST(Replay, GivesTheBytesOfThousandsOfRandomDecisions) {
  base::Random random(2026, base::Id128{}, "test", "replay");
  for (int round = 0; round < 400; ++round) {
    const SampleHub hub = RandomHub(random);
    for (uint64_t request = 0; request < 8; ++request) {
      const std::string bytes = Serialize(hub.Decide(request));
      Decision logged;
      ASSERT_TRUE(Parse(bytes, logged));
      const auto alone = Replay(logged);
      ASSERT_TRUE(alone.ok()) << alone.status();
      ASSERT_EQ(*alone, bytes) << logged.DebugString();
      const auto whole = Replay(logged, *hub.catalogue);
      ASSERT_TRUE(whole.ok()) << whole.status();
      ASSERT_EQ(*whole, bytes) << logged.DebugString();
    }
  }
}

SampleHub Simple() {
  return {.catalogue = CatalogueOf(
              base::StrCat(kHomeYaml, ActionYaml("card", "10.00"), ActionYaml("loan", "30.00")))};
}

TEST(Replay, ShowsATamperedDecision) {
  const SampleHub hub = Simple();
  Decision decision = hub.Decide(1);
  decision.mutable_chosen(0)->set_probability(0.9);
  EXPECT_NE(*Replay(decision), Serialize(decision));
  Decision value = hub.Decide(1);
  value.mutable_trace()->mutable_candidates(0)->set_net_value(99);
  EXPECT_NE(*Replay(value), Serialize(value));
}

TEST(Replay, OtherEngineOrDefinitionsAreRefused) {
  const SampleHub hub = Simple();
  Decision decision = hub.Decide(1);
  decision.set_definitions_version(77);
  EXPECT_EQ(Replay(decision, *hub.catalogue).status().code(),
            absl::StatusCode::kFailedPrecondition);
  decision.set_engine_version("0");
  EXPECT_EQ(Replay(decision).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(Replay, DamagedTraceIsAnErrorNotACrash) {
  const SampleHub hub = Simple();
  Decision no_id = hub.Decide(1);
  no_id.set_id("short");
  EXPECT_EQ(Replay(no_id).status().code(), absl::StatusCode::kInvalidArgument);
  Decision method = hub.Decide(1);
  method.mutable_trace()->mutable_exploration()->clear_method();
  EXPECT_EQ(Replay(method).status().code(), absl::StatusCode::kInvalidArgument);
  Decision policy = hub.Decide(1);
  policy.mutable_trace()->add_policies()->set_kind(9);
  EXPECT_EQ(Replay(policy).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace batuta::decision
