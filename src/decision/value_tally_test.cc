#include "decision/value_tally.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "base/value.h"
#include "decision/cohort_words.h"
#include "decision/sample_hub.h"

namespace batuta::decision {
namespace {

using testing::ElementsAre;

constexpr std::string_view kHub =
    "kind: hub\nspec: {currency: MXN, timeZone: America/Mexico_City}\n";

// Three actions: of one a rule wants three orders, one needs a consent, one costs more than it is
// worth to most.
SampleHub Hub() {
  return {.catalogue = CatalogueOf(base::StrCat(
              kHub, kHomeYaml,
              ActionYaml("card", "100.00", "  suitable: person.traits.orders >= 3.0\n"),
              ActionYaml("loan", "100.00", "  purpose: offers\n"),
              ActionYaml("tiny", "10.00",
                         "  eligible: person.traits.country == 'MX'\n"
                         "  cost: {amount: \"1.00\", currency: MXN}\n")))};
}

std::vector<std::string> FallsOf(const ValueTally& tally) {
  std::vector<std::string> out;
  for (size_t i = 0; i < tally.falls().size(); ++i) {
    const FallCount& count = tally.fall_counts()[i];
    out.push_back(base::StrCat(StageCodeOf(tally.falls()[i].stage), " ", FallCode(tally.falls()[i]),
                               ": ", FallText(tally.falls()[i], Language::kEnglish), " ",
                               count.people, "/", count.emptied));
  }
  return out;
}

TEST(ValueTally, WhoGetsNothingIsEmptiedByTheStageThatTookTheLast) {
  SampleHub hub = Hub();
  hub.person.With("orders", base::NumberValue(1)).With("country", base::TextValue("US"));
  ValueTally tally{ValueThreshold{}};
  const PersonValue value = tally.Add(hub.Decide(1));
  EXPECT_EQ(value.served, Served::kNothing);
  EXPECT_EQ(value.emptied, ALLOWED);
  EXPECT_EQ(tally.falls()[value.fall].name, "offers");
  EXPECT_THAT(FallsOf(tally), ElementsAre("eligible ruleFalse: rule of action tiny 1/0",
                                          "suitable ruleFalse: rule of action card 1/0",
                                          "allowed consentMissing: no consent for offers 1/1"));
  EXPECT_EQ(tally.stages()[ALLOWED].emptied[0], 1u);
  EXPECT_EQ(tally.stages()[SUITABLE].actions, 1u);
  EXPECT_EQ(tally.actions().at("tiny").fell[ELIGIBLE], 1u);
}

TEST(ValueTally, SaysReasonsInSpanish) {
  const auto text = [](const Fall& fall) { return FallText(fall, Language::kSpanish); };
  EXPECT_EQ(text({.stage = ELIGIBLE, .reason = RULE_FALSE, .level = GROUP_LEVEL, .name = "cards"}),
            "regla de grupo cards");
  EXPECT_EQ(text({.stage = ELIGIBLE, .reason = ENDED, .level = ACTION_LEVEL, .name = "card"}),
            "acción card: terminó");
  EXPECT_EQ(text({.stage = ALLOWED, .reason = CAPPED, .name = "weekly"}),
            "política weekly: tope de contactos");
  EXPECT_EQ(text({.stage = ALLOWED, .reason = UNWANTED, .name = "channel email"}),
            "preferencia: canal email");
  EXPECT_EQ(text({.stage = ARBITRATION}), "vale muy poco");
}

TEST(ValueTally, AllReasonsOfTheLastStageEmptyAndTheMostFrequentIsThePersons) {
  SampleHub hub{
      .catalogue = CatalogueOf(base::StrCat(
          kHub, kHomeYaml, GroupYaml("cards", "  eligible: person.traits.orders >= 3.0\n"),
          ActionYaml("a", "9.00", "  eligible: person.traits.orders >= 9.0\n"),
          ActionYaml("b", "9.00", "  group: cards\n"),
          ActionYaml("c", "9.00", "  group: cards\n")))};
  hub.person.With("orders", base::NumberValue(1));
  ValueTally tally{ValueThreshold{}};
  const PersonValue value = tally.Add(hub.Decide(1));
  EXPECT_EQ(tally.falls()[value.fall].name, "cards");
  EXPECT_THAT(FallsOf(tally), ElementsAre("eligible ruleFalse: rule of action a 1/1",
                                          "eligible ruleFalse: rule of group cards 1/1"));
}

TEST(ValueTally, WhatIsWorthNoMoreThanNothingIsWeak) {
  SampleHub hub = Hub();
  hub.person.With("orders", base::NumberValue(1)).With("country", base::TextValue("MX"));
  ValueTally tally{ValueThreshold{}};
  // 5 % of 10 less 1.
  const PersonValue value = tally.Add(hub.Decide(1));
  EXPECT_EQ(value.served, Served::kWeak);
  EXPECT_EQ(value.emptied, ARBITRATION);
  EXPECT_EQ(FallCode(tally.falls()[value.fall]), "lowNetValue");
  EXPECT_EQ(tally.actions().at("tiny").possible, 1u);
  EXPECT_EQ(tally.actions().at("tiny").strong, 0u);
}

TEST(ValueTally, TheThresholdSaysWhatIsStrong) {
  SampleHub hub = Hub();
  hub.person.With("orders", base::NumberValue(3)).With("country", base::TextValue("US"));
  const Decision made = hub.Decide(1);
  EXPECT_EQ(ValueTally(ValueThreshold{}).Add(made).served, Served::kStrong);
  EXPECT_EQ(ValueTally(ValueThreshold{.net_value = 4.9}).Add(made).served, Served::kStrong);
  EXPECT_EQ(ValueTally(ValueThreshold{.net_value = 5}).Add(made).served, Served::kWeak);
  const PersonValue unlikely = ValueTally(ValueThreshold{.propensity = 0.06}).Add(made);
  EXPECT_EQ(unlikely.served, Served::kWeak);
  EXPECT_EQ(unlikely.emptied, PROPENSITY);
}

TEST(ValueTally, APlacementWithoutActionsEmptiesNobodyAtAStage) {
  const SampleHub hub{.catalogue = CatalogueOf(base::StrCat(kHub, kHomeYaml))};
  ValueTally tally{ValueThreshold{}};
  EXPECT_EQ(tally.Add(hub.Decide(1)).emptied, STAGE_UNSPECIFIED);
  EXPECT_EQ(tally.stages()[STAGE_UNSPECIFIED].emptied[0], 1u);
}

TEST(ValueTally, PartsMergeToTheWhole) {
  base::Random random(5, base::Id128{}, "test", "tally");
  constexpr ValueThreshold kThreshold{.propensity = 0.04, .net_value = 1};
  ValueTally whole{kThreshold};
  ValueTally parts[2] = {ValueTally{kThreshold}, ValueTally{kThreshold}};
  for (uint64_t i = 0; i < 100; ++i) {
    const SampleHub hub = RandomHub(random);
    const Decision made = hub.Decide(i);
    const PersonValue value = parts[random.Below(2)].Add(made);
    EXPECT_EQ(whole.Add(made).served, value.served);
  }
  ValueTally merged{kThreshold};
  for (const ValueTally& part : parts) {
    const std::vector<uint32_t> indices = merged.Merge(part);
    for (size_t i = 0; i < indices.size(); ++i) {
      EXPECT_EQ(merged.falls()[indices[i]], part.falls()[i]);
    }
  }
  EXPECT_EQ(merged.people(), 100u);
  for (const Served served : {Served::kNothing, Served::kWeak, Served::kStrong}) {
    EXPECT_EQ(merged.CountOf(served), whole.CountOf(served));
    EXPECT_GT(whole.CountOf(served), 0u);
  }
  EXPECT_THAT(FallsOf(merged), testing::UnorderedElementsAreArray(FallsOf(whole)));
  for (const auto& [action, count] : whole.actions()) {
    EXPECT_EQ(merged.actions().at(action).chosen, count.chosen);
    EXPECT_EQ(merged.actions().at(action).fell, count.fell);
  }
}

}  // namespace
}  // namespace batuta::decision
