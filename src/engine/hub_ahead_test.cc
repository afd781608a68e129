// Folding ahead of the disk: a chain of records costs one sync, and nobody sees what may yet be
// lost.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "base/text.h"
#include "decision/decision.pb.h"
#include "engine/hub_testing.h"

namespace batuta::engine {
namespace {

constexpr std::string_view kShop =
    "{kind: action, name: card, spec: {title: Card, value: {amount: \"1.00\", currency: MXN}}}\n"
    "---\n{kind: placement, name: home, spec: {channel: web, slots: 1}}\n"
    "---\n{kind: treatment, name: card-web, spec: {action: card, channel: web, "
    "placements: [home], variants: [{name: a, content: {}}]}}\n";

class HubAhead : public testing::Test {
 protected:
  Runtime& runtime() { return hub_.hub().runtime(); }

  // Applies whatever can be applied, without the disk.
  void FoldAll() {
    for (bool worked = true; worked;) {
      worked = false;
      for (uint16_t p = 0; p <= hub_.hub().partitions(); ++p) {
        worked |= runtime().StepPartition(base::PartitionId{p});
      }
    }
  }

  log::Entry Viewed(const std::string& user) {
    return hub_.Event({.name = "Viewed", .identifiers = {{"user_id", user}}});
  }

  void AskForDecision() {
    const base::RecordId id = hub_.hub().DrawId();
    runtime().Await(id, [this](absl::StatusOr<std::string> made) { answer_ = std::move(made); });
    ASSERT_TRUE(runtime().Append({hub_.DecisionEntry(id, "ana")}, nullptr).ok());
  }

  TestHub hub_;
  std::optional<absl::StatusOr<std::string>> answer_;
};

TEST_F(HubAhead, AllRecordsOfADecisionAreDurableWithOneCommit) {
  hub_.Define(kShop);
  AskForDecision();
  FoldAll();
  EXPECT_EQ(hub_.Totals().decisions(), 1u) << "made, and its record applied";
  EXPECT_FALSE(answer_.has_value());
  EXPECT_TRUE(runtime().StepCommit());
  EXPECT_FALSE(runtime().StepCommit());
  FoldAll();
  ASSERT_TRUE(answer_.has_value());
  EXPECT_TRUE(answer_->ok()) << answer_->status();
}

TEST_F(HubAhead, ADecisionThatNobodyWasToldOfMayBeLost) {
  hub_.Define(kShop);
  AskForDecision();
  FoldAll();
  hub_.Crash(1);
  EXPECT_EQ(hub_.Totals().decisions(), 0u);
  EXPECT_FALSE(answer_.has_value());
}

TEST_F(HubAhead, ATaskSeesTheStateWhenItIsDurableAndAsItIsThen) {
  ASSERT_TRUE(runtime().Append({Viewed("ana")}, nullptr).ok());
  FoldAll();
  const base::PartitionId home = hub_.HomeOf("user_id", "ana");
  std::optional<uint64_t> seen;
  runtime().Run(home, [&seen](Fold& fold) { seen = fold.state().self.tallies().events(); });
  FoldAll();
  EXPECT_FALSE(seen.has_value());
  // The partition stands still: else it would never be all durable while records come in.
  ASSERT_TRUE(runtime().Append({Viewed("ana")}, nullptr).ok());
  FoldAll();
  EXPECT_EQ(hub_.Totals().events(), 1u);
  EXPECT_TRUE(runtime().StepCommit());
  FoldAll();
  EXPECT_EQ(seen, 1u);
  EXPECT_EQ(hub_.Totals().events(), 2u);
}

TEST_F(HubAhead, ACheckpointWaitsForTheLog) {
  ASSERT_TRUE(runtime().Append({Viewed("ana")}, nullptr).ok());
  runtime().RequestCheckpoints();
  FoldAll();
  EXPECT_FALSE(runtime().StepCheckpoint());
  EXPECT_TRUE(runtime().StepCommit());
  EXPECT_TRUE(runtime().StepCheckpoint());
}

TEST_F(HubAhead, WhatTheSegmentHasNoRoomForComesBehindTheRest) {
  size_t answered = 0;
  constexpr size_t kEvents = 400;  // a segment has room for fewer
  for (size_t i = 0; i < kEvents; ++i) {
    ASSERT_TRUE(runtime()
                    .Append({Viewed(base::StrCat("u", i))},
                            [&](const auto& done) { answered += done.ok(); })
                    .ok());
  }
  FoldAll();
  const uint64_t ahead = hub_.Totals().events();
  EXPECT_GT(ahead, 0u);
  EXPECT_LT(ahead, kEvents);
  EXPECT_EQ(answered, 0u);
  hub_.Run();
  EXPECT_EQ(answered, kEvents);
  EXPECT_EQ(hub_.Totals().events(), kEvents);
  const std::string state = hub_.StateHashes();
  hub_.Crash(1);
  EXPECT_EQ(hub_.StateHashes(), state);
}

TEST_F(HubAhead, OnAFullDiskWhatHasAPlaceWaitsAndClientsAreRefused) {
  bool is_durable = false;
  ASSERT_TRUE(
      runtime().Append({Viewed("ana")}, [&](const auto& done) { is_durable = done.ok(); }).ok());
  hub_.disk().SetQuota(0);
  EXPECT_FALSE(runtime().StepCommit());
  EXPECT_TRUE(runtime().DiskFull());
  EXPECT_FALSE(is_durable);
  EXPECT_TRUE(absl::IsResourceExhausted(runtime().Append({Viewed("eva")}, nullptr)));
  hub_.disk().SetQuota(std::nullopt);
  hub_.Run();
  EXPECT_TRUE(is_durable);
  EXPECT_FALSE(runtime().DiskFull());
  EXPECT_EQ(hub_.Totals().events(), 1u);
  EXPECT_TRUE(runtime().Append({Viewed("eva")}, nullptr).ok());
}

}  // namespace
}  // namespace batuta::engine
