// Tables in a whole hub: an upload comes into force everywhere, with the segments that look rows
// up, and survives whatever happens.
#include <gmock/gmock.h>

#include "base/random.h"
#include "base/text.h"
#include "base/value.h"
#include "engine/hub_testing.h"
#include "engine/segment_testing.h"
#include "table/rows.h"

namespace batuta::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kShop = R"(
kind: table
name: products
spec: {key: sku, columns: [{name: sku}, {name: margin, type: number}, {name: text}]}
---
kind: segment
name: good
spec: {rule: 'lookup("products", person.traits.sku).margin > 0.3'}
---
kind: segment
name: good-friends
spec: {rule: '"good" in person.segments && person.traits.friend == "yes"'}
---
kind: segment
name: friends
spec: {rule: 'person.traits.friend == "yes"'}
)";

class HubTables : public testing::Test {
 protected:
  void Identify(const std::string& user, const std::string& sku) {
    base::Fields traits;
    for (const auto& [name, value] :
         {std::pair("sku", sku), std::pair("friend", std::string("yes"))}) {
      base::SetField(traits, name, base::TextValue(value));
    }
    hub_.Append({hub_.Event({.name = "",
                             .identifiers = {{"user_id", user}},
                             .type = profile::EventType::kIdentify,
                             .traits = traits})});
  }

  base::PartitionId Control() { return base::PartitionId{hub_.hub().partitions()}; }

  // The records of an upload.
  std::vector<log::Entry> Entries(std::string_view csv) {
    const resource::Resource* resource =
        hub_.FoldOf(Control()).definitions().resources.Find("table", "products");
    table::Rows rows = table::ReadRows(csv, table::Declaration::Of(*resource));
    EXPECT_THAT(rows.problems, IsEmpty());
    rows.head.set_upload(hub_.hub().DrawId().ToBytes());
    std::vector<log::Entry> entries;
    for (size_t i = 0; i < rows.parts.size(); ++i) {
      TablePartAsk ask;
      const base::RecordId request = hub_.hub().DrawId();
      ask.set_request_id(request.ToBytes());
      TablePart& part = *ask.mutable_part();
      part.set_table("products");
      part.set_upload(rows.head.upload());
      part.set_number(static_cast<uint32_t>(i));
      part.set_rows(rows.parts[i]);
      if (i + 1 == rows.parts.size()) *part.mutable_head() = rows.head;
      entries.push_back({.partition = Control(),
                         .type = static_cast<uint8_t>(RecordType::kTablePartAsk),
                         .stamp = hub_.clock().Wall(),
                         .id = request,
                         .payload = ask.SerializeAsString()});
      hub_.hub().runtime().Await(
          request, [this](const auto& answer) { answers_.push_back(answer.status()); });
    }
    return entries;
  }
  void Upload(std::string_view csv) { hub_.Append(Entries(csv)); }

  // The margin that a partition knows for the product, as text; "" if none.
  std::string MarginIn(base::PartitionId partition, std::string_view sku) {
    expr::Scratch scratch;
    scratch.Start(1000);
    const expr::Value margin =
        table::Lookup(*hub_.FoldOf(partition).tables(), "products", sku, scratch).Field("margin");
    return margin.is_error() ? "" : base::StrCat(margin.AsDouble());
  }
  std::vector<std::string> Margins(std::string_view sku) {
    std::vector<std::string> margins;
    for (uint16_t p = 0; p <= hub_.hub().partitions(); ++p) {
      margins.push_back(MarginIn(base::PartitionId{p}, sku));
    }
    return margins;
  }
  size_t RowsOf(base::PartitionId partition, RowKind kind) {
    size_t count = 0;
    hub_.FoldOf(partition).state().ScanRows(kind, [&](std::string_view, std::string_view) {
      ++count;
      return true;
    });
    return count;
  }
  void CheckAll() {
    for (uint16_t p = 0; p < hub_.hub().partitions(); ++p) {
      EXPECT_EQ(FindSegmentFault(hub_.FoldOf(base::PartitionId{p})), "") << "partition " << p;
    }
  }

  TestHub hub_;
  std::vector<absl::Status> answers_;
};

// Several parts long.
std::string LongFile(double margin) {
  std::string csv = "sku,margin,text\n";
  for (int i = 0; i < 3000; ++i) {
    csv += base::StrCat("P", i, ",", margin, ",", std::string(100, 'x'), "\n");
  }
  return csv;
}

TEST_F(HubTables, AnUploadIsInForceEverywhereAndSegmentsFollow) {
  hub_.Define(kShop);
  for (int i = 0; i < 12; ++i) Identify(base::StrCat("u", i), i % 3 == 0 ? "A1" : "B2");
  EXPECT_EQ(hub_.MembersOf("good"), 0u);
  EXPECT_EQ(hub_.MembersOf("friends"), 12u);
  Upload("sku,margin,text\nA1,0.5,a\nB2,0.1,b\n");
  EXPECT_THAT(answers_, ElementsAre(absl::OkStatus()));
  EXPECT_THAT(Margins("A1"), testing::Each("0.5"));
  EXPECT_EQ(hub_.MembersOf("good"), 4u);
  EXPECT_EQ(hub_.MembersOf("good-friends"), 4u);
  CheckAll();
  Upload("sku,margin,text\nA1,0.2,a\nB2,0.6,b\n");
  EXPECT_EQ(hub_.MembersOf("good"), 8u);
  EXPECT_EQ(hub_.MembersOf("good-friends"), 8u);
  EXPECT_EQ(hub_.FoldOf(Control()).tables()->at("products")->head().version(), 2u);
  CheckAll();
  Identify("u0", "B2");
  EXPECT_EQ(hub_.MembersOf("good"), 9u);
  CheckAll();
}

// Only those segments are asked again that look rows up, themselves or through others.
TEST_F(HubTables, SegmentsThatDoNotLookUpStayAsTheyAre) {
  hub_.Define(kShop);
  Identify("ana", "A1");
  Fold& fold = hub_.FoldOf(base::PartitionId{0});
  const uint64_t friends = fold.ActiveEdition("friends");
  const uint64_t good = fold.ActiveEdition("good");
  const uint64_t good_friends = fold.ActiveEdition("good-friends");
  Upload("sku,margin,text\nA1,0.5,a\n");
  EXPECT_EQ(fold.ActiveEdition("friends"), friends);
  EXPECT_NE(fold.ActiveEdition("good"), good);
  EXPECT_NE(fold.ActiveEdition("good-friends"), good_friends);
}

TEST_F(HubTables, ALongFileComesInPartsAndReplacesAllThatWasThere) {
  hub_.Define(kShop);
  Upload(LongFile(0.5));
  EXPECT_GT(answers_.size(), 2u);
  EXPECT_THAT(answers_, testing::Each(absl::OkStatus()));
  EXPECT_EQ(RowsOf(base::PartitionId{1}, RowKind::kTablePart), answers_.size());
  EXPECT_THAT(Margins("P2999"), testing::Each("0.5"));
  Upload("sku,margin,text\nA1,0.25,a\n");
  EXPECT_THAT(Margins("P2999"), testing::Each(""));
  EXPECT_THAT(Margins("A1"), testing::Each("0.25"));
  EXPECT_EQ(RowsOf(base::PartitionId{1}, RowKind::kTablePart), 1u);
  EXPECT_EQ(RowsOf(Control(), RowKind::kTablePublishing), 0u);
}

TEST_F(HubTables, AnUploadThatAnotherOvertakesIsRefusedAndLeavesNothing) {
  hub_.Define(kShop);
  Upload("sku,margin,text\nA1,0.25,a\n");
  std::vector<log::Entry> slow = Entries(LongFile(0.5));
  ASSERT_GT(slow.size(), 2u);
  hub_.Append({slow[0]});
  EXPECT_THAT(Margins("A1"), testing::Each("0.25")) << "half an upload changes nothing";
  Upload("sku,margin,text\nA1,0.75,a\n");
  answers_.clear();
  hub_.Append({slow.begin() + 1, slow.end()});
  EXPECT_THAT(answers_,
              testing::Each(testing::Property(&absl::Status::code, absl::StatusCode::kAborted)));
  EXPECT_THAT(Margins("A1"), testing::Each("0.75"));
  EXPECT_EQ(RowsOf(base::PartitionId{0}, RowKind::kTablePart), 1u);
}

TEST_F(HubTables, ATableThatIsRemovedLeavesNothing) {
  hub_.Define(kShop);
  Upload("sku,margin,text\nA1,0.25,a\n");
  hub_.Append({Entries(LongFile(0.5))[0]});
  hub_.Define("", {{"segment", "good"}, {"segment", "good-friends"}, {"table", "products"}});
  for (uint16_t p = 0; p <= hub_.hub().partitions(); ++p) {
    EXPECT_EQ(RowsOf(base::PartitionId{p}, RowKind::kTable), 0u);
    EXPECT_EQ(RowsOf(base::PartitionId{p}, RowKind::kTableUpload), 0u);
    EXPECT_EQ(RowsOf(base::PartitionId{p}, RowKind::kTablePart), 0u);
    EXPECT_TRUE(hub_.FoldOf(base::PartitionId{p}).tables()->empty());
  }
}

TEST_F(HubTables, ARestartFindsTheSameRowsAndState) {
  hub_.Define(kShop);
  for (int i = 0; i < 6; ++i) Identify(base::StrCat("u", i), i % 2 == 0 ? "A1" : "B2");
  Upload(LongFile(0.5));
  Upload("sku,margin,text\nA1,0.5,a\nB2,0.1,b\n");
  hub_.Append({Entries(LongFile(0.9))[0]});
  const std::string hashes = hub_.StateHashes();
  hub_.hub().runtime().RequestCheckpoints();
  hub_.Run();
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    hub_.Crash(seed);
    EXPECT_EQ(hub_.StateHashes(), hashes);
    EXPECT_THAT(Margins("A1"), testing::Each("0.5"));
    EXPECT_EQ(hub_.MembersOf("good"), 3u);
    CheckAll();
  }
}

// Whatever a crash interrupts: the rows are the old or the new ones, everywhere the same, and
// segments are right.
TEST(HubTablesUnderCrashes, AnUploadIsDoneWholeOrNotAtAll) {
  for (uint64_t seed = 1; seed <= 25; ++seed) {
    SCOPED_TRACE(seed);
    class Crashing : public HubTables {
     public:
      void TestBody() override {}
      void Go(uint64_t s) {
        base::Random random(s, base::Id128(), "tables", "");
        hub_.Define(kShop);
        for (int i = 0; i < 8; ++i) Identify(base::StrCat("u", i), i % 2 == 0 ? "A1" : "B2");
        Upload("sku,margin,text\nA1,0.5,a\nB2,0.1,b\n");
        std::vector<log::Entry> entries = Entries(LongFile(0.2));
        BATUTA_CHECK_OK(hub_.hub().runtime().Append(std::move(entries), nullptr));
        for (uint64_t steps = random.Below(12); steps > 0; --steps) {
          hub_.hub().runtime().StepCommit();
          hub_.hub().runtime().StepPartition(
              base::PartitionId{static_cast<uint16_t>(random.Below(5))});
          if (random.Below(4) == 0) hub_.hub().runtime().RequestCheckpoints();
          hub_.hub().runtime().StepCheckpoint();
        }
        hub_.Crash(random.Bits());
        const std::vector<std::string> margins = Margins("A1");
        EXPECT_THAT(margins, testing::Each(margins[0]));
        EXPECT_EQ(hub_.MembersOf("good"), margins[0] == "0.5" ? 4u : 0u);
        CheckAll();
      }
    };
    Crashing().Go(seed);
  }
}

}  // namespace
}  // namespace batuta::engine
