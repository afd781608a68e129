#include "decision/imported.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "base/value.h"
#include "decision/explain.h"
#include "decision/replay.h"
#include "decision/replay_audit.h"
#include "decision/sample_hub.h"
#include "policy/contacts.h"

namespace batuta::decision {
namespace {

Imported Mail(std::string_view action, policy::ContactStage outcome) {
  Imported mail;
  mail.set_key("mail-17");
  mail.set_time((kNoon - base::Days(30)).micros);
  mail.set_action(std::string(action));
  mail.set_probability(0.25);
  mail.set_outcome(outcome);
  ImportedCandidate& other = *mail.add_candidates();
  other.set_action("loan");
  other.set_probability(0.5);
  mail.add_candidates()->set_probability(0.25);
  return mail;
}

class ImportedDecision : public testing::Test {
 protected:
  ImportedDecision()
      : hub_{.catalogue = CatalogueOf(base::StrCat(
                 "---\nkind: placement\nname: home\nspec: {channel: web, model: clicks}\n",
                 kClicksYaml, GroupYaml("cards"), ActionYaml("card", "10", "  group: cards\n")))} {
    hub_.models = WithAdaptive({}, {"card"}, 400);
    hub_.person.With("plan", base::TextValue("gold"));
  }

  SampleHub hub_;
};

TEST_F(ImportedDecision, IsOfItsTimeAndOfWhatTheHubWouldHavePredicted) {
  const Decision made = hub_.Recount(1, Mail("card", policy::ACCEPTED));
  EXPECT_EQ(base::Time{made.log_time()}, kNoon - base::Days(30));
  ASSERT_EQ(made.chosen_size(), 1);
  const Chosen& chosen = made.chosen(0);
  EXPECT_EQ(chosen.group(), "cards");
  EXPECT_EQ(chosen.probability(), 0.25);
  EXPECT_EQ(made.predictors().keys_size(), 3);
  const Decision own = hub_.Decide(1);
  EXPECT_EQ(chosen.score(), own.trace().candidates(0).score());
  EXPECT_GT(chosen.propensity(), 0.2) << "people of that plan accept";
}

TEST_F(ImportedDecision, OfTheFutureIsOfNow) {
  Imported mail = Mail("card", policy::ACCEPTED);
  mail.set_time((kNoon + base::Days(1)).micros);
  EXPECT_EQ(base::Time{hub_.Recount(1, mail).log_time()}, kNoon);
}

TEST_F(ImportedDecision, TeachesAndCountsAsAContactOnce) {
  policy::ContactState contacts;
  const Decision made = hub_.Recount(1, Mail("card", policy::ACCEPTED));
  const Effects effects = TakeImported(made, contacts);
  ASSERT_EQ(effects.training.size(), 1u);
  const learn::TrainingMessage& taught = effects.training[0];
  EXPECT_TRUE(taught.positive());
  EXPECT_EQ(taught.example_time(), made.log_time());
  EXPECT_EQ(taught.probability(), 0.25);
  EXPECT_EQ(taught.score(), made.chosen(0).score());
  ASSERT_EQ(contacts.contacts_size(), 1);
  EXPECT_EQ(contacts.contacts(0).reserved_at(), made.log_time());
  EXPECT_EQ(contacts.contacts(0).stage(), policy::ACCEPTED);
  TakeImported(made, contacts);
  EXPECT_EQ(contacts.contacts_size(), 1);
}

TEST_F(ImportedDecision, WhatWasNeverShownTeachesNothing) {
  policy::ContactState contacts;
  for (const policy::ContactStage stage : {policy::FAILED, policy::EXPIRED}) {
    EXPECT_TRUE(TakeImported(hub_.Recount(1, Mail("card", stage)), contacts).training.empty());
  }
  EXPECT_FALSE(policy::Counts(contacts.contacts(0)));
  Imported nothing = Mail("", policy::CONTACT_STAGE_UNSPECIFIED);
  const Decision made = hub_.Recount(2, nothing);
  EXPECT_TRUE(made.chosen(0).nothing());
  EXPECT_TRUE(TakeImported(made, contacts).training.empty());
  EXPECT_EQ(contacts.contacts_size(), 1) << "nothing is no contact";
}

TEST_F(ImportedDecision, OfAnActionThatIsNotDefinedIsNotedAllTheSame) {
  const Decision made = hub_.Recount(1, Mail("old-card", policy::IGNORED));
  policy::ContactState contacts;
  EXPECT_EQ(TakeImported(made, contacts).training[0].action(), "old-card");
  EXPECT_EQ(contacts.contacts(0).action_class(), policy::MARKETING);
}

TEST_F(ImportedDecision, IsExplainedAndNotMadeAgain) {
  const Decision made = hub_.Recount(1, Mail("card", policy::ACCEPTED));
  const base::Value told = Explain(made, Language::kEnglish);
  EXPECT_EQ(base::Find(told.object(), "summary")->text(),
            "card, with probability 0.25: another system decided so.");
  EXPECT_EQ(Summary(made, Language::kSpanish),
            "card, con probabilidad 0.25: lo decidió otro sistema.");
  const base::Value& imported = *base::Find(told.object(), "imported");
  EXPECT_EQ(base::Find(imported.object(), "outcome")->text(), "accepted");
  const base::Value& considered = *base::Find(told.object(), "considered");
  EXPECT_EQ(considered.list().values_size(), 1) << "nothing is no candidate";
  EXPECT_TRUE(absl::IsFailedPrecondition(Replay(made).status()));
  ReplayAudit audit;
  audit.Add(Serialize(made), [](uint64_t) { return nullptr; });
  EXPECT_EQ(audit.all(), 0u);
}

}  // namespace
}  // namespace batuta::decision
