#include "decision/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/random.h"
#include "base/text.h"
#include "base/value.h"
#include "decision/explain_words.h"
#include "decision/sample_hub.h"

namespace batuta::decision {
namespace {

using testing::HasSubstr;
using testing::Not;

const base::Value& At(const base::Value& object, std::string_view path) {
  const base::Value* found = base::FindPath(object.object(), path);
  EXPECT_NE(found, nullptr) << path << " in " << base::ToJson(object);
  return found == nullptr ? base::Value::default_instance() : *found;
}

TEST(Explain, CoversEveryCandidateOfRandomDecisionsInBothLanguages) {
  base::Random random(5, base::Id128{}, "test", "explain");
  for (int round = 0; round < 150; ++round) {
    const SampleHub hub = RandomHub(random);
    const Decision decision = hub.Decide(static_cast<uint64_t>(round));
    for (const Language language : {Language::kEnglish, Language::kSpanish}) {
      const base::Value explained = Explain(decision, language);
      const auto& considered = At(explained, "considered").list().values();
      ASSERT_EQ(considered.size(), decision.trace().candidates_size());
      for (const base::Value& candidate : considered) {
        ASSERT_FALSE(At(candidate, "result").text().empty());
        const std::string& why = At(candidate, "why").text();
        ASSERT_FALSE(why.empty());
        ASSERT_THAT(why, Not(HasSubstr("$")));
      }
      ASSERT_TRUE(base::ParseJson(base::ToJson(explained)).ok());
    }
  }
}

TEST(Explain, TellsWhyACandidateFellOut) {
  const SampleHub hub{.catalogue = CatalogueOf(
                          base::StrCat(kHomeYaml, ActionYaml("card", "10.00",
                                                             "  eligible: person.traits.country in "
                                                             "['MX', 'PE']\n")))};
  const Decision decision = hub.Decide(1);
  const base::Value english = Explain(decision, Language::kEnglish);
  const base::Value& card = At(english, "considered").list().values(0);
  EXPECT_EQ(At(card, "result").text(), "ruleUnknown");
  EXPECT_EQ(At(card, "stage").text(), "eligible");
  EXPECT_EQ(At(card, "why").text(),
            "Its rule cannot be told: country is not known, needs one of \"MX\", \"PE\".");
  EXPECT_EQ(At(At(card, "rule").list().values(0), "field").text(), "person.traits.country");
  const base::Value spanish = Explain(decision, Language::kSpanish);
  EXPECT_THAT(At(At(spanish, "considered").list().values(0), "why").text(),
              HasSubstr("no se puede evaluar"));
}

TEST(Explain, ProbabilitiesOfASlotSumToOne) {
  const SampleHub hub{.catalogue = CatalogueOf(base::StrCat(kHomeYaml, ActionYaml("card", "10.00"),
                                                            ActionYaml("loan", "5.00")))};
  const base::Value explained = Explain(hub.Decide(1), Language::kEnglish);
  double sum = At(explained, "nothing.probabilities").list().values(0).number();
  for (const base::Value& candidate : At(explained, "considered").list().values()) {
    sum += At(At(candidate, "slots").list().values(0), "probability").number();
  }
  EXPECT_NEAR(sum, 1, 1e-12);
}

TEST(Explain, HoldoutSaysWhatWouldHaveBeenChosen) {
  const SampleHub hub{.catalogue = CatalogueOf(base::StrCat(
                          kHomeYaml, ActionYaml("card", "10.00", "  mandatory: true\n"),
                          "---\nkind: holdout\nname: control\nspec: {percent: 100, arm: none}\n"))};
  const base::Value explained = Explain(hub.Decide(1), Language::kSpanish);
  EXPECT_EQ(At(explained, "holdout.arm").text(), "none");
  EXPECT_EQ(At(At(explained, "holdout.wouldHaveChosen").list().values(0), "action").text(), "card");
  EXPECT_THAT(At(explained, "summary").text(), HasSubstr("grupo de control control"));
}

TEST(ShortNumber, HasAtMostFourDecimals) {
  EXPECT_EQ(ShortNumber(0.95081967), "0.9508");
  EXPECT_EQ(ShortNumber(-0.5), "-0.5");
  EXPECT_EQ(ShortNumber(12), "12");
  EXPECT_EQ(ShortNumber(-0.00001), "0");
}

}  // namespace
}  // namespace batuta::decision
