// Segments in a whole hub: members follow what happens, whatever happens.
#include <gmock/gmock.h>

#include "base/random.h"
#include "base/text.h"
#include "base/value.h"
#include "engine/hub_testing.h"
#include "engine/segment_testing.h"

namespace batuta::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::string_view kBank = R"(
kind: segment
name: gold
spec: {rule: 'person.traits.plan == "gold"'}
---
kind: segment
name: gold-abroad
spec: {rule: '"gold" in person.segments && person.traits.country != "MX"'}
---
kind: segment
name: known
spec: {rule: '"email" in person.identifiers'}
---
kind: segment
name: quiet
spec: {rule: 'now - person.lastSeen >= duration("24h")'}
)";

base::Fields Traits(std::initializer_list<std::pair<std::string, std::string>> traits) {
  base::Fields fields;
  for (const auto& [name, value] : traits) {
    base::Field& field = *fields.add_fields();
    field.set_name(name);
    field.mutable_value()->set_text(value);
  }
  return fields;
}

class HubSegments : public testing::Test {
 protected:
  void Identify(const std::string& user,
                std::initializer_list<std::pair<std::string, std::string>> traits) {
    hub_.Append({hub_.Event({.name = "",
                             .identifiers = {{"user_id", user}},
                             .type = profile::EventType::kIdentify,
                             .traits = Traits(traits)})});
  }
  void Track(std::vector<std::pair<std::string, std::string>> identifiers) {
    hub_.Append({hub_.Event({.name = "Seen", .identifiers = std::move(identifiers)})});
  }
  // Those whose members count.
  std::vector<std::string> SegmentsOf(const std::string& user) {
    std::vector<std::string> names;
    const auto row = hub_.Person("user_id", user);
    for (const segment::Membership& membership : row->segments()) {
      const std::string name = ActiveName(membership.edition());
      if (!name.empty()) names.push_back(name);
    }
    return names;
  }
  std::string ActiveName(uint64_t edition) {
    std::string active;
    PartitionState& state = hub_.FoldOf(base::PartitionId{0}).state();
    for (const auto& [name, row] : state.RowsOf<SegmentRow>(RowKind::kSegment)) {
      if (row.active() == edition) active = name;
    }
    return active;
  }
  void CheckAll() {
    for (uint16_t p = 0; p < hub_.hub().partitions(); ++p) {
      EXPECT_EQ(FindSegmentFault(hub_.FoldOf(base::PartitionId{p})), "") << "partition " << p;
    }
  }
  // The records of changes of segments that the person's timeline shows, newest first.
  std::vector<SegmentsChanged> Changes(const std::string& user) {
    std::vector<SegmentsChanged> changes;
    const auto row = hub_.Person("user_id", user);
    const auto& head = row->profile().timeline().head();
    for (int i = head.kind_size() - 1; i >= 0; --i) {
      if (head.kind(i) != static_cast<uint32_t>(profile::EntryKind::kSegment)) continue;
      const auto record =
          hub_.hub().history().Read({base::PartitionId{static_cast<uint16_t>(head.partition(i))},
                                     base::Offset{head.offset(i)}});
      Message message;
      EXPECT_TRUE(record.ok() && message.ParseFromString(record->payload));
      changes.push_back(message.segments_changed());
    }
    return changes;
  }

  TestHub hub_;
};

TEST_F(HubSegments, MembersComeAndGoWithWhatIsStated) {
  hub_.Define(kBank);
  Identify("ana", {{"plan", "gold"}, {"country", "CO"}});
  EXPECT_THAT(SegmentsOf("ana"), UnorderedElementsAre("gold", "gold-abroad"));
  Identify("ana", {{"country", "MX"}});
  EXPECT_THAT(SegmentsOf("ana"), ElementsAre("gold"));
  Identify("bob", {{"plan", "gold"}});
  EXPECT_EQ(hub_.MembersOf("gold"), 2U);
  Identify("ana", {{"plan", "basic"}});
  EXPECT_THAT(SegmentsOf("ana"), IsEmpty());
  EXPECT_EQ(hub_.MembersOf("gold"), 1U);
  CheckAll();
}

TEST_F(HubSegments, EveryChangeIsARecordInTheTimeline) {
  hub_.Define(kBank);
  Identify("ana", {{"plan", "gold"}, {"country", "CO"}});
  Identify("ana", {{"plan", "basic"}});
  const std::vector<SegmentsChanged> changes = Changes("ana");
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_THAT(changes[1].entered(), ElementsAre("gold", "gold-abroad"));
  EXPECT_THAT(changes[0].left(), ElementsAre("gold", "gold-abroad"));
  EXPECT_EQ(changes[0].cause(), static_cast<uint32_t>(profile::Cause::kLive));
}

TEST_F(HubSegments, TimeAloneMovesPeopleAtTheMoment) {
  hub_.Define(kBank);
  Track({{"user_id", "ana"}});
  hub_.Advance(base::Micros(base::Hours(24).micros - 1));
  EXPECT_THAT(SegmentsOf("ana"), IsEmpty());
  hub_.Advance(base::Micros(1));
  EXPECT_THAT(SegmentsOf("ana"), ElementsAre("quiet"));
  Track({{"user_id", "ana"}});
  EXPECT_THAT(SegmentsOf("ana"), IsEmpty());
  hub_.Reopen();
  hub_.Advance(base::Hours(24));
  EXPECT_THAT(SegmentsOf("ana"), ElementsAre("quiet"));
  CheckAll();
}

TEST_F(HubSegments, ANewDefinitionFindsThePeopleThereAre) {
  for (int i = 0; i < 600; ++i) {
    Identify(base::StrCat("user", i), {{"plan", i % 3 == 0 ? "gold" : "basic"}});
  }
  hub_.Define(kBank);
  EXPECT_EQ(hub_.MembersOf("gold"), 200U);
  EXPECT_THAT(Changes("user0"), IsEmpty()) << "nobody entered anything";
  const auto row = hub_.Person("user_id", "user0");
  ASSERT_EQ(row->segments_size(), 1);
  EXPECT_EQ(row->segments(0).cause(), static_cast<uint32_t>(profile::Cause::kBackfill));
  CheckAll();
}

TEST_F(HubSegments, WhoStaysInAChangedSegmentHasBeenInItAllAlong) {
  hub_.Define(kBank);
  Identify("ana", {{"plan", "gold"}});
  const auto before = hub_.Person("user_id", "ana");
  hub_.Advance(base::Minutes(5));
  hub_.Define(
      "{kind: segment, name: gold, spec: {rule: 'person.traits.plan in [\"gold\", "
      "\"platinum\"]'}}\n");
  const auto after = hub_.Person("user_id", "ana");
  EXPECT_THAT(SegmentsOf("ana"), ElementsAre("gold"));
  const uint64_t gold = hub_.FoldOf(base::PartitionId{0}).ActiveEdition("gold");
  EXPECT_EQ(segment::Find(before->segments(), gold), nullptr) << "an edition of its own";
  ASSERT_NE(segment::Find(after->segments(), gold), nullptr);
  EXPECT_EQ(segment::Find(after->segments(), gold)->since(), before->segments(0).since());
  CheckAll();
}

TEST_F(HubSegments, ARemovedSegmentIsForgotten) {
  hub_.Define(kBank);
  Identify("ana", {{"plan", "gold"}});
  hub_.Define("", {{"segment", "gold"}, {"segment", "gold-abroad"}});
  EXPECT_EQ(hub_.MembersOf("gold"), 0U);
  Identify("ana", {{"country", "CO"}});
  EXPECT_EQ(hub_.Person("user_id", "ana")->segments_size(), 0);
  CheckAll();
}

TEST_F(HubSegments, WhoMergesIsInTheSegmentsOfBothSinceTheEarlier) {
  hub_.Define(kBank);
  Identify("ana", {{"plan", "gold"}});
  const int64_t since = hub_.Person("user_id", "ana")->segments(0).since();
  hub_.Advance(base::Minutes(1));
  hub_.Append({hub_.Event({.name = "",
                           .identifiers = {{"anonymous_id", "phone"}},
                           .type = profile::EventType::kIdentify,
                           .traits = Traits({{"country", "CO"}})})});
  EXPECT_EQ(hub_.MembersOf("gold"), 1U);
  Track({{"user_id", "ana"}, {"anonymous_id", "phone"}});
  EXPECT_THAT(SegmentsOf("ana"), UnorderedElementsAre("gold", "gold-abroad"));
  EXPECT_EQ(hub_.MembersOf("gold"), 1U);
  const auto row = hub_.Person("user_id", "ana");
  const uint64_t gold = hub_.FoldOf(base::PartitionId{0}).ActiveEdition("gold");
  EXPECT_EQ(segment::Find(row->segments(), gold)->since(), since);
  CheckAll();
}

// Random histories over random definitions, with crashes and checkpoints anywhere.
class RandomHistory : public HubSegments, public testing::WithParamInterface<int> {};

TEST_P(RandomHistory, EverybodyIsWhereTheRulesSay) {
  base::Random random(static_cast<uint64_t>(GetParam()), {}, "segments", "");
  const auto pick = [&random](std::initializer_list<const char*> words) {
    return std::string(*(words.begin() + random.Below(words.size())));
  };
  const auto segment = [&](int i) {
    const std::string rules[] = {
        base::StrCat("person.traits.plan == \"", pick({"gold", "basic"}), "\""),
        base::StrCat("person.traits.plan == \"gold\" || person.traits.country != \"",
                     pick({"MX", "CO"}), "\""),
        base::StrCat("now - person.lastSeen > duration(\"", pick({"1h", "5h", "24h"}), "\")"),
        base::StrCat("!has(person.traits.", pick({"plan", "country"}), ")"),
        "\"email\" in person.identifiers",
    };
    std::string rule = rules[random.Below(std::size(rules))];
    if (i > 0 && random.Uniform() < 0.4) {
      rule += base::StrCat(" && !(\"s", random.Below(static_cast<uint64_t>(i)),
                           "\" in person.segments)");
    }
    return base::StrCat("kind: segment\nname: s", i, "\nspec: {rule: '", rule, "'}\n");
  };
  const auto define = [&] {
    std::string yaml;
    for (int i = 0; i < 4; ++i) yaml += base::StrCat(i == 0 ? "" : "---\n", segment(i));
    hub_.Define(yaml);
  };
  for (int step = 0; step < 150; ++step) {
    const std::string user = base::StrCat("u", random.Below(12));
    const double what = random.Uniform();
    if (what < 0.35) {
      Identify(user, {{pick({"plan", "country"}), pick({"gold", "basic", "MX", "CO"})}});
    } else if (what < 0.55) {
      Track({{"user_id", user}, {"anonymous_id", base::StrCat("a", random.Below(20))}});
    } else if (what < 0.65) {
      Track({{"anonymous_id", base::StrCat("a", random.Below(20))},
             {"email", base::StrCat("e", random.Below(10), "@example.com")}});
    } else if (what < 0.85) {
      hub_.Advance(base::Minutes(static_cast<int64_t>(random.Below(400))));
    } else if (what < 0.9) {
      define();
    } else if (what < 0.95) {
      hub_.hub().runtime().RequestCheckpoints();
      hub_.Run();
    } else {
      hub_.Crash(random.Bits());
    }
    CheckAll();
    if (HasFailure()) FAIL() << "after step " << step;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomHistory, testing::Range(1, 13));

// What changes meanwhile and concerns no segment neither stops the search nor begins it anew.
TEST(HubSegmentSearch, GoesOnWhereItIs) {
  TestHub hub({.partitions = 1});
  for (int i = 0; i < 600; ++i) {
    hub.Append({hub.Event({.name = "",
                           .identifiers = {{"user_id", base::StrCat("u", i)}},
                           .type = profile::EventType::kIdentify,
                           .traits = Traits({{"plan", "gold"}})})});
  }
  const auto next = [&] {
    const auto sweep =
        hub.FoldOf(base::PartitionId{0}).state().GetRow<SweepRow>(RowKind::kSweep, "");
    return sweep.has_value() && !sweep->done() ? sweep->next() : 0;
  };
  const auto step_to = [&](auto is_there) {
    for (int i = 0; i < 100 && !is_there(); ++i) {
      hub.hub().runtime().StepTicks();
      hub.hub().runtime().StepCommit();
      for (uint16_t p = 0; p <= 1; ++p) hub.hub().runtime().StepPartition(base::PartitionId{p});
    }
    ASSERT_TRUE(is_there());
  };
  ASSERT_TRUE(hub.hub().runtime().Append({hub.DefinitionsEntry(kBank)}, nullptr).ok());
  step_to([&] { return next() > 200; });
  const uint32_t reached = next();
  const uint64_t version = hub.FoldOf(base::PartitionId{0}).definitions().version();
  ASSERT_TRUE(
      hub.hub()
          .runtime()
          .Append({hub.DefinitionsEntry("{kind: trait, name: other, spec: {type: text}}")}, nullptr)
          .ok());
  step_to([&] { return hub.FoldOf(base::PartitionId{0}).definitions().version() > version; });
  EXPECT_GE(next(), reached);
  hub.Run();
  EXPECT_EQ(FindSegmentFault(hub.FoldOf(base::PartitionId{0})), "");
}

}  // namespace
}  // namespace batuta::engine
