#include "policy/policies.h"

#include <gtest/gtest.h>

#include "resource/yaml.h"

namespace batuta::policy {
namespace {

Policies Compile(std::string_view yaml, std::vector<resource::Problem>& problems) {
  resource::Change change;
  change.documents =
      resource::ParseDocuments(yaml, "policies.yaml", resource::Format::kYaml).documents;
  return Policies::Compile(resource::ResourceSet().After(change, {}), problems);
}

TEST(Policies, CapAndSuppressionOfOneResourceAreTwo) {
  std::vector<resource::Problem> problems;
  const Policies policies = Compile(R"(
kind: policy
name: weekly
spec:
  cap: {scope: channel, max: 3, window: 7d}
  suppress: {scope: group, refusals: 2, for: 300d}
  classes: [marketing]
---
kind: policy
name: daily
spec: {cap: {scope: person, max: 1, window: 1d}}
)",
                                    problems);
  EXPECT_TRUE(problems.empty());
  ASSERT_EQ(policies.all().size(), 3u);
  EXPECT_EQ(policies.all()[0].name, "daily");
  EXPECT_TRUE(policies.all()[0].classes.Has(SERVICE));
  EXPECT_FALSE(policies.all()[0].classes.Has(TRANSACTIONAL));
  EXPECT_EQ(policies.all()[1].kind, PolicyKind::kCap);
  EXPECT_EQ(policies.all()[1].scope, Scope::kChannel);
  EXPECT_EQ(policies.all()[1].limit, 3);
  EXPECT_FALSE(policies.all()[1].classes.Has(SERVICE));
  EXPECT_EQ(policies.all()[2].kind, PolicyKind::kSuppress);
  EXPECT_EQ(policies.all()[2].window, base::Days(300));
  EXPECT_EQ(policies.Keep().contacts, base::Days(35));
  EXPECT_EQ(policies.Keep().refusals, base::Days(600));
}

TEST(Policies, APreferredChannelIsAboutTheChannelsItCompares) {
  std::vector<resource::Problem> problems;
  const Policies policies = Compile(R"(
kind: policy
name: their-channel
spec:
  preferChannel: {among: [email, sms], atLeast: 0.4, after: 7, halfLife: 20d}
  only: {groups: [cards]}
---
kind: policy
name: usual
spec: {preferChannel: {among: [push, sms]}}
)",
                                    problems);
  EXPECT_TRUE(problems.empty());
  ASSERT_EQ(policies.all().size(), 2u);
  const Policy& theirs = policies.all()[0];
  EXPECT_EQ(theirs.kind, PolicyKind::kPreferChannel);
  EXPECT_EQ(theirs.scope, Scope::kChannel);
  EXPECT_EQ(theirs.only.channels, (std::vector<std::string>{"email", "sms"}));
  EXPECT_EQ(theirs.only.groups, std::vector<std::string>{"cards"});
  EXPECT_EQ(theirs.limit, 400'000);
  EXPECT_EQ(theirs.after, 7);
  EXPECT_EQ(theirs.window, base::Days(80));
  EXPECT_EQ(policies.Keep().contacts, base::Days(120));
  EXPECT_EQ(policies.all()[1].limit, 500'000);
  EXPECT_EQ(policies.all()[1].after, 5);
}

TEST(Policies, CapsGoByACalendarAndGapsAreOfTheirOwnKind) {
  std::vector<resource::Problem> problems;
  const Policies policies = Compile(R"(
kind: policy
name: calm
spec:
  cap: {scope: person, max: 2, per: month}
  gap: {scope: person, least: 12h}
)",
                                    problems);
  EXPECT_TRUE(problems.empty());
  ASSERT_EQ(policies.all().size(), 2u);
  EXPECT_EQ(policies.all()[0].calendar, Calendar::kMonth);
  EXPECT_GE(policies.all()[0].window, base::Days(31));
  EXPECT_EQ(policies.all()[1].kind, PolicyKind::kGap);
  EXPECT_EQ(policies.all()[1].window, base::Hours(12));
  EXPECT_EQ(policies.all()[1].limit, 1);
}

TEST(Policies, CappingTransactionalIsAContradiction) {
  std::vector<resource::Problem> problems;
  const Policies policies = Compile(
      "kind: policy\nname: p\nspec: {cap: {scope: person, max: 1, window: 1d}, classes: "
      "[transactional]}\n",
      problems);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].pointer, "/spec/classes");
  EXPECT_TRUE(policies.all().empty());
}

TEST(Policies, EveryKindIsRead) {
  std::vector<resource::Problem> problems;
  const Policies policies = Compile(R"(
kind: policy
name: peace
spec:
  quiet:
    windows:
      - {from: "21:00", to: "08:00"}
      - {days: [sun], from: "00:00", to: "24:00"}
  block: {segment: vip}
  coolDown: {event: Complaint, for: 14d}
  pressure: {scope: channel, halfLife: 3d, max: 2.5, weights: [{channel: sms, weight: 1.25}]}
  only: {channels: [email, sms]}
)",
                                    problems);
  EXPECT_TRUE(problems.empty());
  ASSERT_EQ(policies.all().size(), 4u);
  const Policy& quiet = policies.all()[0];
  EXPECT_EQ(quiet.kind, PolicyKind::kQuiet);
  ASSERT_EQ(quiet.quiet.size(), 2u);
  EXPECT_EQ(quiet.quiet[0], (QuietWindow{.days = kEveryDay, .from = 1260, .to = 480}));
  EXPECT_EQ(quiet.quiet[1], (QuietWindow{.days = 1 << 6, .from = 0, .to = kMinutesOfDay}));
  EXPECT_EQ(quiet.only.channels, (std::vector<std::string>{"email", "sms"}));
  EXPECT_EQ(policies.all()[1].subject, "vip");
  EXPECT_EQ(policies.all()[2].subject, "Complaint");
  EXPECT_EQ(policies.all()[2].window, base::Days(14));
  const Policy& pressure = policies.all()[3];
  EXPECT_EQ(pressure.limit, 2'500'000);
  EXPECT_EQ(WeightOn(pressure, "sms"), 1'250'000);
  EXPECT_EQ(WeightOn(pressure, "email"), 1'000'000);
  // What can still weigh is kept.
  EXPECT_EQ(policies.Keep().contacts, base::Days(3 * kHalfLivesCounted));
}

TEST(Policies, NothingThatWaitsIsTransactional) {
  for (const char* limit :
       {"quiet: {windows: [{from: \"21:00\", to: \"08:00\"}]}",
        "pressure: {scope: person, halfLife: 1d, max: 2}", "gap: {scope: person, least: 1h}"}) {
    std::vector<resource::Problem> problems;
    Compile(std::string("kind: policy\nname: p\nspec: {classes: [transactional], ") + limit + "}\n",
            problems);
    ASSERT_EQ(problems.size(), 1u) << limit;
    EXPECT_EQ(problems[0].code, "contradiction");
  }
}

TEST(Policies, AWholeWeekOfQuietIsAContradiction) {
  std::vector<resource::Problem> problems;
  const Policies policies = Compile(
      "kind: policy\nname: p\nspec: {quiet: {windows: [{from: \"21:00\", to: \"08:00\"}, "
      "{from: \"08:00\", to: \"21:00\"}]}}\n",
      problems);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].pointer, "/spec/quiet/windows");
  EXPECT_TRUE(policies.all().empty());
}

}  // namespace
}  // namespace batuta::policy
