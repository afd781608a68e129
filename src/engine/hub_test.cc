// The hub as a whole, stepped by hand on a simulated disk: one event to one person, merges,
// decisions and their outcomes, crashes.
#include <gtest/gtest.h>

#include "base/crc32c.h"
#include "base/encoding.h"
#include "base/value.h"
#include "decision/decision.pb.h"
#include "engine/hub_testing.h"
#include "log/archive_file.h"
#include "profile/view.h"
#include "resource/document.h"

namespace batuta::engine {
namespace {

base::Fields Trait(const std::string& name, const std::string& value) {
  base::Fields fields;
  base::SetField(fields, name, base::TextValue(value));
  return fields;
}

TEST(Hub, AnEventMakesAPersonWithItsTraits) {
  TestHub hub;
  hub.Append({hub.Event({.name = "",
                         .identifiers = {{"user_id", "ana"}},
                         .type = profile::EventType::kIdentify,
                         .traits = Trait("plan", "gold")})});
  const auto person = hub.Person("user_id", "ana");
  ASSERT_TRUE(person.has_value());
  const base::Value* plan = profile::Trait(profile::Rules(), person->profile(), "plan");
  ASSERT_NE(plan, nullptr);
  EXPECT_EQ(plan->text(), "gold");
  EXPECT_EQ(hub.Totals().people(), 1u);
}

TEST(Hub, TheSameMessageIsAppliedOnce) {
  TestHub hub;
  const log::Entry entry =
      hub.Event({.name = "Viewed", .identifiers = {{"user_id", "ana"}}, .message_id = "m1"});
  hub.Append({entry, entry});
  hub.Append({entry});
  EXPECT_EQ(hub.Totals().events(), 1u);
  EXPECT_EQ(hub.Totals().duplicates(), 2u);
}

TEST(Hub, AnAnonymousVisitorWhoLogsInIsOnePerson) {
  TestHub hub;
  for (int i = 0; i < 20; ++i) {
    const std::string n = std::to_string(i);
    hub.Append({hub.Event({.name = "Viewed", .identifiers = {{"anonymous_id", "anon" + n}}})});
    hub.Append(
        {hub.Event({.name = "Logged In",
                    .identifiers = {{"user_id", "user" + n}, {"anonymous_id", "anon" + n}}})});
    const auto person = hub.Person("anonymous_id", "anon" + n);
    ASSERT_TRUE(person.has_value());
    EXPECT_EQ(person->profile().counters_size(), 2) << "both events belong to one person";
  }
  EXPECT_EQ(hub.Totals().people(), 20u);
}

// Events on people whom nobody knew, without ever writing a checkpoint.
absl::Status AddPeopleUntilRefused(TestHub& hub, int people) {
  for (int i = 0; i < people; ++i) {
    Runtime& runtime = hub.hub().runtime();
    const absl::Status taken = runtime.Append(
        {hub.Event({.name = "Viewed", .identifiers = {{"user_id", std::to_string(i)}}})}, nullptr);
    if (!taken.ok()) return taken;
    while (runtime.StepCommit()) {
      for (uint16_t p = 0; p <= hub.hub().partitions(); ++p) {
        runtime.StepPartition(base::PartitionId{p});
      }
    }
  }
  return absl::OkStatus();
}

TEST(Hub, ChangesThatCannotBeWrittenFastEnoughAreBoundedByRefusing) {
  constexpr size_t kBound = 500'000;
  TestHub hub({.checkpoint = {.unwritten_bytes_max = kBound}});
  const absl::Status refused = AddPeopleUntilRefused(hub, 10'000);
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_GT(hub.hub().runtime().Pressure(), 1);
  EXPECT_LT(hub.hub().runtime().UnwrittenBytes(), 2 * kBound);
  hub.Run();
  EXPECT_LT(hub.hub().runtime().Pressure(), 0.5);
  EXPECT_TRUE(AddPeopleUntilRefused(hub, 1).ok());
}

TEST(Hub, AnErasedPersonIsNoLongerCounted) {
  TestHub hub;
  hub.Append({hub.Event({.name = "Viewed", .identifiers = {{"user_id", "ana"}}})});
  hub.Append({hub.Event({.name = "Viewed", .identifiers = {{"user_id", "eva"}}})});
  const auto erase = [&hub] {
    const base::IdentifierHash hash = hub.hub().vault().HashIdentifier("user_id", "ana");
    EraseAsk ask;
    ask.set_identifier(hash.ToBytes());
    hub.Append({{.partition = identity::HomeOf(hash, hub.hub().partitions()),
                 .type = static_cast<uint8_t>(RecordType::kEraseAsk),
                 .stamp = hub.clock().Wall(),
                 .id = hub.hub().DrawId(),
                 .payload = ask.SerializeAsString()}});
  };
  erase();
  erase();  // nobody has it any more
  EXPECT_EQ(hub.Totals().people(), 1u);
  EXPECT_EQ(hub.Totals().erasures(), 1u);
}

TEST(Hub, TheAuditTrailKeepsItsNewestEntriesAcrossACrash) {
  TestHub hub;
  const base::PartitionId control = hub.hub().runtime().control();
  const auto add = [&](int count) {
    std::vector<log::Entry> entries;
    for (int i = 0; i < count; ++i) {
      Audit audit;
      audit.set_action("people.read");
      audit.set_object(std::to_string(i));
      entries.push_back({.partition = control,
                         .type = static_cast<uint8_t>(RecordType::kAudit),
                         .stamp = hub.clock().Wall(),
                         .id = hub.hub().DrawId(),
                         .payload = audit.SerializeAsString()});
    }
    hub.Append(std::move(entries));
  };
  const auto entry = [&](uint64_t number) {
    return hub.FoldOf(control).state().GetRow<AuditRow>(RowKind::kAudit, NumberKey(number));
  };
  add(5'000);
  add(5'003);
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(hub.FoldOf(control).state().self.audit_first(), 3u);
    EXPECT_EQ(hub.FoldOf(control).state().self.audit_next(), 10'003u);
    EXPECT_FALSE(entry(2).has_value());
    EXPECT_EQ(entry(3)->entry().object(), "3");
    EXPECT_EQ(entry(10'002)->entry().object(), "5002");
    hub.Crash(7);
  }
}

// A file with its format as in another release. The checksum is right, so that nothing but the
// format is wrong.
struct Patch {
  std::string path;
  size_t at;
  std::string_view version;
  size_t crc_at;  // 0: none
};

// A hub does not open with the patched file, says so by its name, and leaves it alone.
void ExpectRefused(TestHub& hub, const Patch& patch) {
  const std::string content = *base::ReadFile(hub.disk(), patch.path);
  std::string newer = content;
  newer.replace(patch.at, patch.version.size(), patch.version);
  if (patch.crc_at != 0) {
    base::ByteWriter crc;
    crc.U32(base::Crc32c(std::string_view(newer).substr(0, patch.crc_at)));
    newer.replace(patch.crc_at, 4, crc.bytes());
  }
  ASSERT_NE(newer, content) << patch.path;
  BATUTA_CHECK_OK(base::ReplaceFile(hub.disk(), patch.path, newer));
  HubOptions options;
  options.folder = "/hub";
  options.disk = &hub.disk();
  options.clock = &hub.clock();
  options.access = store::FileAccess::through_disk;
  options.master_key = *vault::MasterKey::FromBytes(std::string(32, 'k'));
  const auto opened = Hub::Open(std::move(options));
  EXPECT_TRUE(absl::IsFailedPrecondition(opened.status())) << patch.path << ": " << opened.status();
  const std::string name = patch.path.substr(patch.path.rfind('/') + 1);
  EXPECT_NE(opened.status().message().find(name), std::string::npos) << opened.status();
  EXPECT_EQ(*base::ReadFile(hub.disk(), patch.path), newer) << "nothing was cut";
  BATUTA_CHECK_OK(base::ReplaceFile(hub.disk(), patch.path, content));
}

TEST(Hub, AFolderOfANewerReleaseIsRefusedAndLeftAsItIs) {
  TestHub hub;
  hub.Append({hub.Event({.name = "E", .identifiers = {{"user_id", "ana"}}})});
  hub.Close();
  const size_t segment_crc = 8 + 2 + 16 + 4 * 8 + 4 + 16;  // no partition has a base in the first
  const size_t watermark_crc = 8 + 2 + 16 + 4 * 8 + 16;
  ExpectRefused(hub, {"/hub/hub.json", 11, "2", 0});
  ExpectRefused(hub, {"/hub/vault/secrets", 12, std::string_view("\0\0\0\x09", 4), 0});
  ExpectRefused(hub, {"/hub/log/0000000001.seg", 8, std::string_view("\0\x09", 2), segment_crc});
  ExpectRefused(hub, {"/hub/log/watermark", 8, std::string_view("\0\x09", 2), watermark_crc});
  hub.Reopen();
  EXPECT_TRUE(hub.Person("user_id", "ana").has_value());
}

TEST(Hub, AnArchiveOfANewerReleaseIsRefusedAndLeftAsItIs) {
  TestHub hub({.partitions = 1, .checkpoint = {.records = 10, .age = base::Days(10'000)}});
  while (!hub.hub().StepArchive()) {
    hub.Append({hub.Event({.name = "E", .identifiers = {{"user_id", "ana"}}})});
  }
  hub.Close();
  const std::string name = log::ArchiveName({base::PartitionId{0}, base::Offset{1}});
  ExpectRefused(hub, {"/hub/archive/" + name, 4, std::string_view("\0\x09", 2),
                      log::kArchiveHeaderBytes - 4});
  hub.Reopen();
  EXPECT_TRUE(hub.Person("user_id", "ana").has_value());
}

TEST(Hub, ACrashLosesNothingThatWasAcknowledged) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    TestHub hub({.seed = seed, .checkpoint = {.records = 20, .age = base::Days(10'000)}});
    for (int i = 0; i < 60; ++i) {
      hub.Append({hub.Event({.name = "Viewed",
                             .identifiers = {{"user_id", "u" + std::to_string(i % 7)},
                                             {"anonymous_id", "a" + std::to_string(i % 11)}}})});
      if (i % 17 == 0) {
        const base::Id128 before = hub.hub().StateHash();
        hub.Crash(seed * 100 + static_cast<uint64_t>(i));
        EXPECT_EQ(hub.hub().StateHash(), before) << "seed " << seed << " event " << i;
      }
    }
    EXPECT_EQ(hub.Totals().events(), 60u);
  }
}

TEST(Hub, OldRecordsLeaveTheArchiveAndTheStateStays) {
  TestHub hub({.partitions = 2,
               .checkpoint = {.records = 50, .age = base::Days(10'000)},
               .archive_keep = base::Days(30)});
  const base::PartitionId first{0};
  for (int day = 0; day < 60; ++day) {
    std::vector<log::Entry> entries;
    for (int i = 0; i < 120; ++i) {
      entries.push_back(hub.Event(
          {.name = "Viewed", .identifiers = {{"user_id", "u" + std::to_string(i % 20)}}}));
    }
    hub.Append(std::move(entries));
    hub.hub().StepArchive();
    if (day == 20) {
      EXPECT_EQ(hub.hub().archive().Start(first), base::Offset{0});
    }
    hub.Advance(base::Days(1));
  }
  const base::Offset start = hub.hub().archive().Start(first);
  ASSERT_GT(start, base::Offset{0});
  const log::History& history = hub.hub().history();
  EXPECT_TRUE(absl::IsOutOfRange(history.Read({first, start}).status()));
  const auto kept = history.Read({first, base::Next(start)});
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_GT(kept->stamp, hub.clock().Wall() - base::Days(35)) << "and not much more is kept";
  const base::PartitionId control{hub.hub().partitions()};
  EXPECT_EQ(hub.hub().archive().Start(control), base::Offset{0});
  EXPECT_TRUE(hub.hub().archive().Verify().error.ok());
  const base::Id128 before = hub.hub().StateHash();
  hub.Crash(7);
  EXPECT_EQ(hub.hub().StateHash(), before);
  EXPECT_EQ(hub.hub().archive().Start(first), start);
  EXPECT_EQ(hub.Totals().events(), 60u * 120u);
}

TEST(Hub, AJumpOfTheClockMovesNoLogTimeAndIsReported) {
  TestHub hub({.partitions = 1});
  const auto event = [&hub] {
    log::Entry entry = hub.Event({.name = "Viewed", .identifiers = {{"user_id", "ana"}}});
    entry.stamp = hub.hub().clock().Wall();
    hub.Append({entry});
    return hub.FoldOf(base::PartitionId{0}).log_time();
  };
  const base::Time before = event();
  hub.clock().Jump(base::Days(1));
  EXPECT_EQ(event(), before);
  hub.hub().StepClock();
  ASSERT_EQ(hub.notices().size(), 1u);
  EXPECT_NE(hub.notices()[0].find("jumped ahead by 86400 s"), std::string::npos);
  hub.Advance(base::Minutes(11));
  EXPECT_EQ(event(), before + base::Days(1) + base::Minutes(11));
  hub.hub().StepClock();
  ASSERT_EQ(hub.notices().size(), 2u);
  hub.clock().Jump({-base::Hours(2).micros});
  const base::Time after = event();
  EXPECT_EQ(after, before + base::Days(1) + base::Minutes(11));
  hub.Advance(base::Minutes(1));
  EXPECT_EQ(event(), after + base::Minutes(1)) << "time goes on";
}

// Or a person would come to where it is earlier than where their windows were last looked at.
TEST(Hub, TimeDoesNotGoBackOnTheWayOfAMessage) {
  TestHub hub({.partitions = 2});
  const auto log_time = [&hub](uint16_t partition) {
    return hub.FoldOf(base::PartitionId{partition}).log_time();
  };
  const base::Time later = hub.clock().Wall() + base::Hours(1);
  for (int i = 0; i < 20; ++i) {
    const std::string n = std::to_string(i);
    log::Entry entry = hub.Event(
        {.name = "Seen", .identifiers = {{"user_id", "u" + n}, {"anonymous_id", "a" + n}}});
    if (base::Index(entry.partition) != 0) continue;
    entry.stamp = later;
    hub.Append({entry});
  }
  EXPECT_EQ(log_time(0), later);
  EXPECT_EQ(log_time(1), later) << "by messages of partition 0 alone";
}

TEST(Hub, DefinitionsAreCompiledOnceForAllPartitions) {
  TestHub hub;
  hub.Define("{kind: trait, name: plan, spec: {type: text}}");
  const auto all_have_one = [&hub] {
    const auto first = hub.FoldOf(base::PartitionId{0}).shared_definitions();
    EXPECT_NE(first->resources.Find("trait", "plan"), nullptr);
    for (uint16_t p = 1; p <= hub.hub().partitions(); ++p) {
      EXPECT_EQ(hub.FoldOf(base::PartitionId{p}).shared_definitions(), first);
    }
  };
  all_have_one();
  hub.Reopen();
  all_have_one();
}

}  // namespace
}  // namespace batuta::engine
