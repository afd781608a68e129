// Erasures that cross with merges.
#include <gtest/gtest.h>

#include "engine/hub_testing.h"

namespace batuta::engine {
namespace {

// A device that is in a group, a user elsewhere, and a link between them; the user is erased when
// the link has gone on for so many rounds.
class CrossedErasure : public testing::TestWithParam<int> {
 protected:
  CrossedErasure() {
    while (HomeOf("anonymous_id", device_) == HomeOf("user_id", "u")) device_ += "d";
    hub_.Append({InGroup({{"anonymous_id", device_}})});
    hub_.Append({hub_.Event({.name = "Viewed", .identifiers = {{"user_id", "u"}}})});
    Runtime& runtime = hub_.hub().runtime();
    const auto link = hub_.Event(
        {.name = "Logged In", .identifiers = {{"user_id", "u"}, {"anonymous_id", device_}}});
    BATUTA_CHECK_OK(runtime.Append({link}, nullptr));
    for (int round = 0; round < GetParam(); ++round) {
      runtime.StepCommit();
      for (uint16_t p = 0; p < hub_.hub().partitions(); ++p) {
        runtime.StepPartition(base::PartitionId{p});
      }
    }
    hub_.Append({Erasure("user_id", "u")});
  }

  base::PartitionId HomeOf(const std::string& type, const std::string& value) {
    return identity::HomeOf(hub_.hub().vault().HashIdentifier(type, value),
                            hub_.hub().partitions());
  }
  log::Entry InGroup(const std::vector<std::pair<std::string, std::string>>& identifiers) {
    log::Entry entry =
        hub_.Event({.name = "", .identifiers = identifiers, .type = profile::EventType::kGroup});
    engine::Event event;
    BATUTA_CHECK(event.ParseFromString(entry.payload));
    event.mutable_group()->set_id("acme");
    event.mutable_group()->set_group(
        hub_.hub().vault().HashIdentifier("group_id", "acme").ToBytes());
    entry.payload = event.SerializeAsString();
    return entry;
  }
  log::Entry Erasure(const std::string& type, const std::string& value) {
    EraseAsk ask;
    ask.set_identifier(hub_.hub().vault().HashIdentifier(type, value).ToBytes());
    return {.partition = HomeOf(type, value),
            .type = static_cast<uint8_t>(RecordType::kEraseAsk),
            .stamp = hub_.clock().Wall(),
            .id = hub_.hub().DrawId(),
            .payload = ask.SerializeAsString()};
  }
  int Members() {
    int members = 0;
    for (uint16_t p = 0; p < hub_.hub().partitions(); ++p) {
      PartitionState& state = hub_.FoldOf(base::PartitionId{p}).state();
      for (const auto& [key, block] : state.RowsOf<profile::MemberBlock>(RowKind::kMembers)) {
        members += block.members_size();
      }
    }
    return members;
  }

  TestHub hub_;
  std::string device_ = "d";
};
INSTANTIATE_TEST_SUITE_P(Rounds, CrossedErasure, testing::Range(0, 12));

TEST_P(CrossedErasure, LeavesNobodyInAGroupWhoIsGone) {
  const bool device_lives = hub_.Person("anonymous_id", device_).has_value();
  EXPECT_EQ(Members(), device_lives ? 1 : 0);
  EXPECT_EQ(hub_.Totals().people(), device_lives ? 1u : 0u);
  EXPECT_EQ(hub_.Totals().erasures(), 1u);
}

}  // namespace
}  // namespace batuta::engine
