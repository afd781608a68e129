// Decisions of other systems in a whole hub: taken once, in the timeline and among the contacts of
// whoever the person is by then, and learned from.
#include <gtest/gtest.h>

#include <string>

#include "base/text.h"
#include "base/value.h"
#include "decision/decision.pb.h"
#include "engine/hub_testing.h"
#include "learn/beta_model.h"

namespace batuta::engine {
namespace {

constexpr std::string_view kCap =
    "---\n{kind: policy, name: two, spec: {cap: {scope: person, max: 2, window: 7d}}}\n";
constexpr std::string_view kClicks =
    "---\n{kind: model, name: clicks, spec: {predictors: [{name: plan, value: "
    "person.traits.plan}]}}\n";

class ImportHub : public testing::Test {
 protected:
  ImportHub() { hub_.Define(base::StrCat(kCardShop, kCap, kClicks)); }

  decision::DecisionRequest Wish(const std::string& key, policy::ContactStage outcome,
                                 base::Duration age = base::Days(1)) {
    decision::DecisionRequest request;
    decision::Imported& imported = *request.mutable_imported();
    imported.set_key(key);
    imported.set_time((hub_.clock().Wall() - age).micros);
    imported.set_action("card");
    imported.set_probability(0.5);
    imported.set_outcome(outcome);
    return request;
  }
  static base::RecordId IdOf(const std::string& key) {
    return base::RecordId{base::Hash128(base::StrCat("import ", key))};
  }
  // Nobody waits for an answer.
  void Import(const std::string& user, const std::string& key, policy::ContactStage outcome,
              base::Duration age = base::Days(1)) {
    hub_.Append({hub_.DecisionEntry(IdOf(key), user, Wish(key, outcome, age))});
  }
  int64_t Examples() {
    const auto model = hub_.FoldOf(base::PartitionId{static_cast<uint16_t>(
                                       learn::OwnerHash("card") % hub_.hub().partitions())})
                           .state()
                           .GetRow<learn::ModelState>(RowKind::kModel, "card");
    int64_t sum = 0;
    if (!model.has_value()) return 0;
    for (const learn::PlacementCounts& placement : model->placements()) {
      for (const learn::Counts& counts : placement.counts()) {
        sum += counts.positives() + counts.negatives();
      }
    }
    return sum / 1'000'000;
  }

  TestHub hub_;
};

TEST_F(ImportHub, AHistoryIsTakenOnceHoweverOftenItIsSent) {
  for (int i = 0; i < 2; ++i) {
    Import("ana", "a1", policy::ACCEPTED);
    Import("ana", "a2", policy::IGNORED, base::Hours(2));
    Import("eva", "a3", policy::REJECTED);
  }
  hub_.Advance(base::Days(9));
  Import("ana", "a1", policy::ACCEPTED);  // long after its message id was forgotten
  EXPECT_EQ(Examples(), 3);
  EXPECT_EQ(hub_.Person("user_id", "ana")->profile().timeline().total(), 2u);
  EXPECT_EQ(hub_.Totals().decisions(), 0u) << "the hub has made none";
  EXPECT_TRUE(hub_.Person("user_id", "ana")->open().decisions().empty());
}

TEST_F(ImportHub, CapsCountWhatAnotherSystemHasShown) {
  Import("ana", "a1", policy::IGNORED, base::Days(3));
  EXPECT_FALSE(hub_.Decide("ana").chosen(0).nothing());
  EXPECT_TRUE(hub_.Decide("ana").chosen(0).nothing()) << "two within seven days";
  hub_.Advance(base::Days(5));
  EXPECT_FALSE(hub_.Decide("ana").chosen(0).nothing()) << "the imported one is eight days old";
}

TEST_F(ImportHub, WhoMergedKeepsTheirHistoryAndModelsLearnFromIt) {
  base::Fields traits;
  base::SetField(traits, "plan", base::TextValue("gold"));
  for (int i = 0; i < 40; ++i) {
    const std::string device = base::StrCat("d", i);
    decision::DecisionRequest wish = Wish(base::StrCat("k", i), policy::ACCEPTED);
    hub_.Append({hub_.DecisionEntry(IdOf(base::StrCat("k", i)), base::StrCat("u", i), wish)});
    hub_.Append(
        {hub_.Event({.name = "",
                     .identifiers = {{"user_id", base::StrCat("u", i)}, {"anonymous_id", device}},
                     .type = profile::EventType::kIdentify,
                     .traits = traits})});
    EXPECT_EQ(hub_.Person("anonymous_id", device)->contacts().contacts_size(), 1);
  }
  EXPECT_EQ(Examples(), 40);
  hub_.Advance(base::Hours(1));
  EXPECT_GT(hub_.Decide("new").chosen(0).propensity(), 0.4);
}

TEST_F(ImportHub, ACrashChangesNothing) {
  for (int i = 0; i < 20; ++i) {
    Import(base::StrCat("u", i % 7), base::StrCat("k", i),
           i % 3 == 0 ? policy::ACCEPTED : policy::IGNORED, base::Hours(i));
  }
  const std::string before = hub_.StateHashes();
  hub_.Crash(3);
  EXPECT_EQ(hub_.StateHashes(), before);
  EXPECT_EQ(Examples(), 20);
}

}  // namespace
}  // namespace batuta::engine
