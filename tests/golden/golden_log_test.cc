// A log that an earlier build wrote means the same to this one, bit for bit, whatever compiler and
// processor it was made for.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "engine/record.h"
#include "golden/golden_log.h"
#include "golden/history.h"

namespace batuta::golden {
namespace {

class GoldenLog : public testing::Test {
 protected:
  void SetUp() override {
    auto expected = ReadExpected();
    ASSERT_TRUE(expected.ok()) << expected.status();
    expected_ = *std::move(expected);
    auto records = ReadRecords(expected_.hub, expected_.states.size());
    ASSERT_TRUE(records.ok()) << records.status();
    records_ = *std::move(records);
  }
  std::vector<std::string> LoggedMessages(size_t partition) const {
    std::set<std::string> distinct;  // one that was sent again stands there twice
    for (const log::Record& record : records_[partition]) {
      if (record.type == static_cast<uint8_t>(engine::RecordType::kMessage)) {
        distinct.insert(record.payload);
      }
    }
    return {distinct.begin(), distinct.end()};
  }

  Expected expected_;
  Records records_;
};

TEST_F(GoldenLog, FoldsToTheSameStateHash) {
  Expected found = expected_;
  found.states = Folded(records_, expected_.hub_seed).States();
  EXPECT_EQ(found.ToText(), expected_.ToText())
      << "The fold gives another meaning to logs that exist. See tests/golden/README.md.";
}

TEST_F(GoldenLog, FoldingSendsTheMessagesThatItHolds) {
  const Folded folded(records_, expected_.hub_seed);
  for (size_t i = 0; i < records_.size(); ++i) {
    std::vector<std::string> sent = folded.sent()[i];
    std::sort(sent.begin(), sent.end());
    EXPECT_TRUE(sent == LoggedMessages(i)) << "to partition " << i;
  }
}

TEST_F(GoldenLog, HoldsEveryTypeOfRecordAndMessage) {
  std::set<int> types;
  std::set<int> bodies;
  for (const auto& partition : records_) {
    for (const log::Record& record : partition) {
      types.insert(record.type);
      if (record.type != static_cast<uint8_t>(engine::RecordType::kMessage)) continue;
      engine::Message message;
      ASSERT_TRUE(message.ParseFromString(record.payload));
      bodies.insert(message.body_case());
    }
  }
  for (int type = 1; type <= static_cast<int>(engine::RecordType::kFeaturesFound); ++type) {
    EXPECT_TRUE(types.contains(type)) << "no record of type " << type;
  }
  const auto* body = engine::Message::descriptor()->FindOneofByName("body");
  for (int i = 0; i < body->field_count(); ++i) {
    EXPECT_TRUE(bodies.contains(body->field(i)->number()))
        << "no message with " << body->field(i)->name();
  }
}

// The history can still be lived, and folding what it logs gives what the hub itself came to.
TEST(GoldenHistory, FoldsFromZeroToWhatTheHubHolds) {
  engine::TestHub hub({.partitions = kPartitions, .seed = 1});
  Live(hub);
  Records records(kPartitions + 1);
  std::vector<base::Id128> states;
  for (uint16_t i = 0; i <= kPartitions; ++i) {
    const base::PartitionId partition{i};
    const auto scanned = hub.hub().log().Scan(
        partition, base::Offset{0}, hub.hub().log().End(partition), [&](const log::Record& record) {
          records[i].push_back(record);
          return absl::OkStatus();
        });
    ASSERT_TRUE(scanned.ok()) << scanned;
    states.push_back(hub.FoldOf(partition).StateHash());
  }
  EXPECT_EQ(Folded(records, hub.hub().vault().HubSeed()).States(), states);
}

}  // namespace
}  // namespace batuta::golden
