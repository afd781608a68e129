// Populations in a whole hub: cut points are those of everybody in all partitions at one moment,
// and segments follow them.
#include <algorithm>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/random.h"
#include "base/text.h"
#include "base/value.h"
#include "engine/hub_testing.h"
#include "engine/segment_testing.h"
#include "population/cut_points.h"

namespace batuta::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kShop = R"(
{kind: hub, name: default, spec: {currency: EUR, timeZone: Europe/Madrid}}
---
{kind: feature, name: spend, spec: {expression: 'events("Paid").sum(e, e.properties.total)'}}
---
{kind: population, name: spend, spec: {feature: spend, every: 24h}}
---
{kind: segment, name: best, spec: {rule: 'quintile("spend") == 5'}}
---
{kind: segment, name: other, spec: {rule: '!("best" in person.segments)'}}
---
{kind: segment, name: top3, spec: {rule: 'topN("spend", 3)'}}
)";

class HubPopulations : public testing::Test {
 protected:
  log::Entry Paid(const std::string& user, double total) {
    base::Fields properties;
    base::SetField(properties, "total", base::NumberValue(total));
    return hub_.Event(
        {.name = "Paid", .identifiers = {{"user_id", user}}, .properties = properties});
  }
  void Pay(const std::string& user, double total) { hub_.Append({Paid(user, total)}); }
  base::PartitionId Control() { return base::PartitionId{hub_.hub().partitions()}; }

  void Compute(const std::string& name) {
    PopulationAsk ask;
    const base::RecordId request = hub_.hub().DrawId();
    ask.set_request_id(request.ToBytes());
    ask.set_population(name);
    hub_.hub().runtime().Await(request,
                               [this](const auto& answer) { answers_.push_back(answer.status()); });
    hub_.Append({{.partition = Control(),
                  .type = static_cast<uint8_t>(RecordType::kPopulationAsk),
                  .stamp = hub_.clock().Wall(),
                  .id = request,
                  .payload = ask.SerializeAsString()}});
  }
  // The version that a partition reads; null if there is none.
  std::shared_ptr<const population::Version> VersionIn(uint16_t partition,
                                                       const std::string& name = "spend") {
    const auto tables = hub_.FoldOf(base::PartitionId{partition}).tables();
    const auto found = tables->populations.find(name);
    return found == tables->populations.end() ? nullptr : found->second;
  }
  // The one that all partitions read.
  population::Version Version(const std::string& name = "spend") {
    const auto first = VersionIn(0, name);
    EXPECT_NE(first, nullptr);
    for (uint16_t p = 1; p <= hub_.hub().partitions(); ++p) {
      const auto other = VersionIn(p, name);
      EXPECT_TRUE(other != nullptr && other->SerializeAsString() == first->SerializeAsString())
          << "partition " << p;
    }
    return *first;
  }
  void CheckAll() {
    for (uint16_t p = 0; p < hub_.hub().partitions(); ++p) {
      EXPECT_EQ(FindSegmentFault(hub_.FoldOf(base::PartitionId{p})), "") << "partition " << p;
    }
  }
  size_t RowsOf(RowKind kind) {
    size_t count = 0;
    for (uint16_t p = 0; p <= hub_.hub().partitions(); ++p) {
      hub_.FoldOf(base::PartitionId{p})
          .state()
          .ScanRows(kind, [&](std::string_view, std::string_view) {
            ++count;
            return true;
          });
    }
    return count;
  }

  TestHub hub_;
  std::vector<absl::Status> answers_;
};

// Twenty people who spent 1 to 20: by nearest rank the cut point k is the value of rank 4 k.
TEST_F(HubPopulations, AreMeasuredWhenTheyAreDefinedAndSegmentsFollow) {
  for (int i = 1; i <= 20; ++i) Pay(base::StrCat("u", i), i);
  hub_.Define(kShop);
  const population::Version version = Version();
  EXPECT_EQ(version.number(), 1u);
  EXPECT_EQ(version.people(), 20u);
  EXPECT_EQ(version.time(), hub_.clock().Wall().micros);
  EXPECT_EQ(version.cuts(19), 4);
  EXPECT_EQ(version.cuts(39), 8);
  EXPECT_EQ(version.cuts(59), 12);
  EXPECT_EQ(version.cuts(79), 16);
  ASSERT_EQ(version.tops_size(), 1);
  EXPECT_EQ(version.tops(0).value(), 18);
  EXPECT_EQ(hub_.MembersOf("best"), 4u);
  EXPECT_EQ(hub_.MembersOf("other"), 16u);
  EXPECT_EQ(hub_.MembersOf("top3"), 3u);
  CheckAll();
  for (const RowKind kind : {RowKind::kPopulationRun, RowKind::kMeasuring, RowKind::kMeasured,
                             RowKind::kMeasuredEarly, RowKind::kPopulationSweep}) {
    EXPECT_EQ(RowsOf(kind), 0u) << "only the cut points stay";
  }
}

TEST_F(HubPopulations, WhoSpendsMoreMovesAtOnceAndTheOthersWithTheNextVersion) {
  for (int i = 1; i <= 20; ++i) Pay(base::StrCat("u", i), i);
  hub_.Define(kShop);
  for (int i = 1; i <= 4; ++i) Pay(base::StrCat("u", i), 100);
  EXPECT_EQ(hub_.MembersOf("best"), 8u) << "by the cut points of before";
  CheckAll();
  hub_.Advance(base::Hours(24));
  EXPECT_EQ(Version().number(), 2u);
  EXPECT_EQ(Version().cuts(79), 20);
  EXPECT_EQ(Version().time(), (hub_.clock().Wall()).micros);
  EXPECT_EQ(hub_.MembersOf("best"), 4u);
  EXPECT_EQ(hub_.MembersOf("other"), 16u);
  CheckAll();
  const auto moved = hub_.Person("user_id", "u20");
  EXPECT_EQ(moved->profile().timeline().head().kind_size(), 2)
      << "what was paid, and leaving; who fits a new definition does not enter";
}

TEST_F(HubPopulations, SomebodyMayAskForItAndWhoTiesStandsTogether) {
  hub_.Define(kShop);
  EXPECT_EQ(Version().people(), 0u);
  EXPECT_THAT(Version().cuts(), IsEmpty());
  for (int i = 1; i <= 12; ++i) Pay(base::StrCat("u", i), 5);
  EXPECT_EQ(hub_.MembersOf("best"), 0u) << "nobody stands anywhere";
  Compute("spend");
  Compute("spent");
  EXPECT_THAT(answers_,
              ElementsAre(absl::OkStatus(),
                          testing::Property(&absl::Status::code, absl::StatusCode::kNotFound)));
  EXPECT_EQ(Version().people(), 12u);
  EXPECT_EQ(hub_.MembersOf("best"), 0u);
  EXPECT_EQ(hub_.MembersOf("top3"), 12u) << "all share the first place";
  EXPECT_EQ(Version().tops(0).people(), 12u);
  CheckAll();
}

// What happens while numbers are being taken does not count: here everybody pays again between the
// steps of the partitions.
TEST_F(HubPopulations, AreAsOfTheRecordThatBeganThem) {
  hub_.Define(kShop);
  constexpr int kPeople = 1500;  // several steps in each partition
  std::vector<log::Entry> entries;
  for (int i = 0; i < kPeople; ++i) entries.push_back(Paid(base::StrCat("u", i), i));
  hub_.Append(std::move(entries));
  PopulationAsk ask;
  ask.set_population("spend");
  std::vector<log::Entry> asking;
  asking.push_back({.partition = Control(),
                    .type = static_cast<uint8_t>(RecordType::kPopulationAsk),
                    .stamp = hub_.clock().Wall(),
                    .id = hub_.hub().DrawId(),
                    .payload = ask.SerializeAsString()});
  BATUTA_CHECK_OK(hub_.hub().runtime().Append(std::move(asking), nullptr));
  Runtime& runtime = hub_.hub().runtime();
  runtime.StepCommit();
  runtime.StepPartition(Control());
  runtime.StepCommit();
  for (uint16_t p = 0; p < hub_.hub().partitions(); ++p) {
    runtime.StepPartition(base::PartitionId{p});
  }
  ASSERT_EQ(RowsOf(RowKind::kMeasuring), hub_.hub().partitions()) << "all have begun";
  std::vector<log::Entry> more;
  for (int i = kPeople - 1; i >= 0; i -= 2) more.push_back(Paid(base::StrCat("u", i), 1e6));
  for (int i = 0; i < 100; ++i) more.push_back(Paid(base::StrCat("new", i), 1e6));
  BATUTA_CHECK_OK(runtime.Append(std::move(more), nullptr));
  runtime.StepCommit();
  for (uint16_t p = 0; p < hub_.hub().partitions(); ++p) {
    runtime.StepPartition(base::PartitionId{p});
  }
  EXPECT_GT(RowsOf(RowKind::kMeasuredEarly), 0u);
  hub_.Run();
  const population::Version version = Version();
  EXPECT_EQ(version.people(), static_cast<uint64_t>(kPeople));
  EXPECT_EQ(version.cuts(19), kPeople / 5 - 1);
  EXPECT_EQ(version.cuts(99), kPeople - 1);
  EXPECT_EQ(RowsOf(RowKind::kMeasuredEarly), 0u);
  CheckAll();
}

TEST_F(HubPopulations, AreMeasuredByTheClockOfTheCompany) {
  hub_.Define(kShop);
  hub_.Define("{kind: population, name: spend, spec: {feature: spend, at: '03:30'}}\n");
  EXPECT_EQ(Version().number(), 1u) << "another schedule gives no other cut points";
  Pay("ana", 5);
  const base::Time half_past_two = hub_.clock().Wall() + base::Minutes(150);  // UTC
  hub_.Advance(base::Minutes(149));
  EXPECT_EQ(Version().number(), 1u);
  hub_.Advance(base::Minutes(1));
  EXPECT_EQ(Version().number(), 2u);
  EXPECT_EQ(Version().time(), half_past_two.micros);
  hub_.Advance(base::Days(7));
  EXPECT_EQ(Version().number(), 3u) << "what was missed is made up for once";
}

TEST_F(HubPopulations, AChangeOfTheDefinitionBeginsAnewAndARemovalLeavesNothing) {
  for (int i = 1; i <= 10; ++i) Pay(base::StrCat("u", i), i);
  hub_.Define(kShop);
  EXPECT_EQ(hub_.MembersOf("best"), 2u);
  hub_.Define(
      "{kind: population, name: spend, spec: {feature: spend, every: 24h, reversed: true}}\n");
  EXPECT_EQ(Version().number(), 2u);
  EXPECT_TRUE(Version().reversed());
  EXPECT_EQ(hub_.MembersOf("best"), 2u);
  EXPECT_EQ(hub_.MembersOf("top3"), 3u);
  CheckAll();
  hub_.Define(
      "{kind: population, name: spend, spec: {feature: spend, every: 24h, where: "
      "'feature.spend > 5.0'}}\n");
  EXPECT_EQ(Version().people(), 5u);
  EXPECT_EQ(hub_.MembersOf("best"), 1u);
  CheckAll();
  hub_.Define("{kind: segment, name: top3, spec: {rule: 'topN(\"spend\", 2)'}}\n");
  EXPECT_EQ(hub_.MembersOf("top3"), 2u) << "measured anew for the other number";
  CheckAll();
  hub_.Define(
      "",
      {{"segment", "best"}, {"segment", "other"}, {"segment", "top3"}, {"population", "spend"}});
  for (uint16_t p = 0; p <= hub_.hub().partitions(); ++p) EXPECT_EQ(VersionIn(p), nullptr);
  for (const RowKind kind : {RowKind::kPopulation, RowKind::kPopulationState}) {
    EXPECT_EQ(RowsOf(kind), 0u);
  }
}

TEST_F(HubPopulations, WhoMergedCountsOnceAndWhoWasErasedNot) {
  hub_.Define(kShop);
  for (int i = 1; i <= 10; ++i) Pay(base::StrCat("u", i), i);
  for (int i = 1; i <= 4; ++i) {
    hub_.Append(
        {hub_.Event({.name = "Seen", .identifiers = {{"anonymous_id", base::StrCat("a", i)}}})});
    hub_.Append({hub_.Event({.name = "Seen",
                             .identifiers = {{"user_id", base::StrCat("u", i)},
                                             {"anonymous_id", base::StrCat("a", i)}}})});
  }
  EraseAsk erase;
  const base::IdentifierHash hash = hub_.hub().vault().HashIdentifier("user_id", "u10");
  erase.set_request_id(hub_.hub().DrawId().ToBytes());
  erase.set_identifier(hash.ToBytes());
  hub_.Append({{.partition = identity::HomeOf(hash, hub_.hub().partitions()),
                .type = static_cast<uint8_t>(RecordType::kEraseAsk),
                .stamp = hub_.clock().Wall(),
                .id = hub_.hub().DrawId(),
                .payload = erase.SerializeAsString()}});
  Compute("spend");
  EXPECT_EQ(Version().people(), 9u);
  EXPECT_EQ(Version().cuts(99), 9);
  CheckAll();
}

// Whatever a crash interrupts, the cut points come, everywhere the same, and are those of
// everybody.
TEST_F(HubPopulations, ACrashAtAnyTimeChangesNothing) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    class Crashing : public HubPopulations {
     public:
      void TestBody() override {}
      void Go(uint64_t s) {
        base::Random random(s, base::Id128(), "populations", "");
        hub_.Define(kShop);
        std::vector<double> spent;
        for (int i = 0; i < 40; ++i) {
          spent.push_back(static_cast<double>(random.Below(25)));
          Pay(base::StrCat("u", i), spent.back());
        }
        hub_.clock().Advance(base::Hours(24));
        Runtime& runtime = hub_.hub().runtime();
        for (uint64_t steps = random.Below(60); steps > 0; --steps) {
          runtime.StepTicks();
          runtime.StepCommit();
          runtime.StepPartition(base::PartitionId{static_cast<uint16_t>(random.Below(5))});
          if (random.Below(4) == 0) runtime.RequestCheckpoints();
          runtime.StepCheckpoint();
        }
        hub_.Crash(random.Bits());
        std::sort(spent.begin(), spent.end());
        const population::Version version = Version();
        EXPECT_EQ(version.number(), 2u);
        EXPECT_EQ(version.people(), 40u);
        for (int k = 1; k <= 5; ++k) {
          EXPECT_EQ(version.cuts(20 * k - 1), spent[static_cast<size_t>(8 * k - 1)]);
        }
        CheckAll();
        const std::string hashes = hub_.StateHashes();
        hub_.Crash(random.Bits());
        EXPECT_EQ(hub_.StateHashes(), hashes);
        EXPECT_EQ(Version().SerializeAsString(), version.SerializeAsString());
      }
    };
    Crashing().Go(seed);
  }
}

}  // namespace
}  // namespace batuta::engine
