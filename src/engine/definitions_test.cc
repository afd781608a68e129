// That what a resource states arrives in the settings that the fold runs on: the names in the
// schemas and those that the code reads are the same.
#include "engine/definitions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/value.h"
#include "identity/normalise.h"
#include "resource/check.h"
#include "resource/every_field.h"
#include "resource/kind.h"
#include "resource/yaml.h"

namespace batuta::engine {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

std::shared_ptr<const Definitions> Compiled(std::string_view text) {
  resource::ParsedDocuments parsed =
      resource::ParseDocuments(text, "every.yaml", resource::Format::kYaml);
  EXPECT_THAT(parsed.problems, SizeIs(0)) << resource::ToText(parsed.problems);
  const resource::Change change{.documents = parsed.documents, .removals = {}};
  const auto found = resource::Check({}, change);
  EXPECT_FALSE(resource::HasError(found)) << resource::ToText(found);
  std::vector<resource::Problem> problems;
  auto compiled =
      Definitions::Compile(resource::ResourceSet().After(change, {"ana", base::Time{1}}), problems);
  EXPECT_THAT(problems, SizeIs(0)) << resource::ToText(problems);
  return compiled;
}

class EveryField : public testing::Test {
 protected:
  const std::shared_ptr<const Definitions> definitions_ = Compiled(resource::kEveryField);
  const decision::Catalogue& catalogue_ = *definitions_->catalogue;
};

TEST_F(EveryField, OfIdentityArrives) {
  const identity::Settings& settings = definitions_->identity;
  EXPECT_EQ(settings.max_identifiers(), 77u);
  EXPECT_EQ(settings.max_merges(), 66u);
  EXPECT_EQ(settings.default_country(), "DE");
  EXPECT_EQ(identity::Normalise(settings, "phone", "030 1234567").value, "+49301234567");
  const identity::TypeSettings& email = settings.Of("email");
  EXPECT_EQ(email.priority, 7u);
  EXPECT_EQ(email.limit, 3u);
  EXPECT_EQ(email.window, base::Days(7));
  EXPECT_TRUE(email.unique);
  EXPECT_TRUE(email.case_sensitive);
  EXPECT_THAT(email.blocked, ElementsAre("Nobody@example.com"));
  EXPECT_THAT(email.blocked_patterns, SizeIs(1));
  EXPECT_TRUE(settings.Of("device_id").weak);
}

TEST_F(EveryField, OfTraitsArrives) {
  EXPECT_FALSE(definitions_->rules.Declares("first-name"));
  const profile::Rule& rule = definitions_->rules.Of("firstName");
  EXPECT_EQ(rule.kind, profile::RuleKind::kMostTrusted);
  EXPECT_THAT(rule.trust, ElementsAre("crm"));
  base::Fields traits;
  base::SetField(traits, "firstName", base::TextValue(""));
  base::SetField(traits, "other", base::TextValue(""));
  const auto heard = definitions_->statements.Heard(traits, "crm", base::Time{1});
  ASSERT_TRUE(heard.has_value());
  ASSERT_EQ(heard->fields_size(), 1);
  EXPECT_EQ(heard->fields(0).name(), "other");
}

TEST_F(EveryField, OfActionsArrives) {
  EXPECT_EQ(base::FormatCurrency(catalogue_.currency()), "EUR");
  const decision::Action* action = catalogue_.FindAction("gold");
  ASSERT_NE(action, nullptr);
  EXPECT_EQ(action->title, "Gold card");
  EXPECT_EQ(action->group, "cards");
  EXPECT_EQ(action->action_class, policy::SERVICE);
  EXPECT_EQ(action->value.micros, 12'500'000);
  EXPECT_EQ(action->cost.micros, 250'000);
  EXPECT_EQ(action->lever, 1.5);
  EXPECT_EQ(action->purpose, "offers");
  EXPECT_TRUE(action->explore_never);
  EXPECT_TRUE(action->mandatory);
  EXPECT_EQ(action->quiet_hours, decision::DEFER);
  EXPECT_EQ(action->accept_event, "Card Requested");
  EXPECT_EQ(action->window, base::Days(3));
  EXPECT_TRUE(action->terms.starts.has_value());
  EXPECT_TRUE(action->terms.ends.has_value());
  EXPECT_EQ(action->terms.eligible->text(), "person.traits.plan != \"basic\"");
  EXPECT_EQ(action->terms.applicable->text(), "person.traits.city in [\"Madrid\", \"Toledo\"]");
  EXPECT_EQ(action->terms.suitable->text(), "context.page == \"cart\"");
  EXPECT_EQ(action->accept_where->text(), "event.properties.limit > 0");
  EXPECT_EQ(action->reject_event, "Card Declined");
  EXPECT_EQ(action->reject_where->text(), "event.source == \"crm\"");
  EXPECT_TRUE(action->needs_click);
  EXPECT_TRUE(action->learns_clicks);
  EXPECT_FALSE(action->learns_value);
  const decision::Action* silver = catalogue_.FindAction("silver");
  ASSERT_NE(silver, nullptr);
  EXPECT_TRUE(silver->learns_value);
  EXPECT_EQ(silver->refund_event, "Card Returned");
  EXPECT_EQ(silver->refund_where->text(), "event.source == \"crm\"");
  EXPECT_EQ(silver->refund_window, base::Days(9));
  EXPECT_FALSE(silver->needs_click || silver->learns_clicks);
}

TEST_F(EveryField, OfGroupsAndIssuesArrives) {
  const auto check = [](const decision::Family* family, double factor, uint32_t per_slate) {
    ASSERT_NE(family, nullptr);
    EXPECT_EQ(family->per_slate, per_slate);
    const decision::Terms& terms = family->terms;
    EXPECT_TRUE(terms.starts.has_value() && terms.ends.has_value());
    EXPECT_TRUE(terms.eligible && terms.applicable && terms.suitable);
    ASSERT_THAT(terms.levers, SizeIs(1));
    EXPECT_EQ(terms.levers[0].factor, factor);
    EXPECT_TRUE(terms.levers[0].starts.has_value() && terms.levers[0].ends.has_value());
  };
  check(catalogue_.FindIssue("grow"), 2, 3);
  check(catalogue_.FindGroup("cards"), 3, 2);
  EXPECT_EQ(catalogue_.FindIssue("grow")->title, "Growth");
  EXPECT_THAT(catalogue_.FindIssue("grow")->terms.tags, ElementsAre("sales"));
  EXPECT_THAT(catalogue_.FindGroup("cards")->terms.tags, ElementsAre("plastic"));
  EXPECT_EQ(catalogue_.FindGroup("cards")->issue, "grow");
  const decision::Action& action = *catalogue_.FindAction("gold");
  EXPECT_EQ(action.issue, "grow");
  EXPECT_THAT(action.families,
              ElementsAre(catalogue_.FindIssue("grow"), catalogue_.FindGroup("cards")));
  ASSERT_THAT(action.terms.levers, SizeIs(1));
  EXPECT_EQ(action.terms.levers[0].factor, 4);
  EXPECT_THAT(action.terms.tags, ElementsAre("premium"));
}

TEST_F(EveryField, OfPlacementsAndTreatmentsArrives) {
  const decision::Placement* placement = catalogue_.FindPlacement("shelf");
  ASSERT_NE(placement, nullptr);
  EXPECT_EQ(placement->channel, "web");
  EXPECT_EQ(placement->direction, decision::Direction::kOutbound);
  EXPECT_EQ(placement->slots, 4u);
  EXPECT_EQ(placement->exposure, decision::Exposure::kDecision);
  EXPECT_EQ(placement->expires_after, base::Minutes(5));
  EXPECT_EQ(placement->ignored_after, base::Hours(2));
  EXPECT_TRUE(placement->incremental);
  EXPECT_EQ(placement->choice.method, decision::THOMPSON);
  EXPECT_EQ(placement->choice.floor, 0.07);
  EXPECT_EQ(placement->choice.draws, 123u);
  ASSERT_THAT(placement->candidates, SizeIs(1));
  EXPECT_EQ(placement->candidates[0].name, "gold/gold-web/a");
  EXPECT_EQ(placement->candidates[0].treatment->channel, "web");
  EXPECT_THAT(placement->candidates[0].variant->content.fields(), SizeIs(1));
}

TEST_F(EveryField, OfPoliciesAndHoldoutsArrives) {
  const auto policies = catalogue_.policies().all();
  ASSERT_THAT(policies, SizeIs(9));
  for (const policy::Policy& policy : policies.subspan(0, 3)) {
    EXPECT_EQ(policy.name, "calm");
    EXPECT_EQ(policy.classes.bits(), policy::Classes().With(policy::SERVICE).bits());
  }
  EXPECT_EQ(policies[0].scope, policy::Scope::kChannel);
  EXPECT_EQ(policies[0].limit, 9);
  EXPECT_EQ(policies[0].window, base::Days(6));
  EXPECT_EQ(policies[1].scope, policy::Scope::kGroup);
  EXPECT_EQ(policies[1].limit, 2);
  EXPECT_EQ(policies[1].window, base::Days(10));
  EXPECT_TRUE(policies[1].counts_ignored);
  EXPECT_EQ(policies[2].scope, policy::Scope::kPlacement);
  EXPECT_EQ(policies[2].window, base::Hours(5));
  EXPECT_EQ(policies[3].name, "daily");
  EXPECT_EQ(policies[3].calendar, policy::Calendar::kWeek);
  for (const policy::Policy& policy : policies.subspan(4, 4)) {
    EXPECT_EQ(policy.name, "peace");
    EXPECT_THAT(policy.only.actions, ElementsAre("gold"));
    EXPECT_THAT(policy.only.groups, ElementsAre("cards"));
    EXPECT_THAT(policy.only.issues, ElementsAre("grow"));
    EXPECT_THAT(policy.only.channels, ElementsAre("web"));
  }
  EXPECT_THAT(policies[4].quiet,
              ElementsAre(policy::QuietWindow{.days = 0x30, .from = 1275, .to = 480}));
  EXPECT_EQ(policies[5].subject, "vip");
  EXPECT_EQ(catalogue_.hold_rules()[5].holds->text(), "\"vip\" in person.segments");
  EXPECT_EQ(policies[6].subject, "Order Completed");
  EXPECT_EQ(policies[6].window, base::Days(4));
  EXPECT_EQ(catalogue_.hold_rules()[6].holds->text(),
            "events(\"Order Completed\").where(event, event.properties.total > 100.0)"
            ".within(\"4d\").exists()");
  EXPECT_EQ(policies[7].scope, policy::Scope::kIssue);
  EXPECT_EQ(policies[7].half_life, base::Days(3));
  EXPECT_EQ(policies[7].limit, 2'500'000);
  EXPECT_EQ(policy::WeightOn(policies[7], "web"), 500'000);
  EXPECT_EQ(policy::WeightOn(policies[7], "email"), 1'000'000);
  EXPECT_EQ(policies[8].kind, policy::PolicyKind::kPreferChannel);
  EXPECT_THAT(policies[8].only.channels, ElementsAre("email", "web"));
  EXPECT_EQ(policies[8].limit, 400'000);
  EXPECT_EQ(policies[8].after, 8);
  EXPECT_EQ(policies[8].half_life, base::Days(60));
  ASSERT_THAT(catalogue_.holdouts(), SizeIs(1));
  EXPECT_EQ(catalogue_.holdouts()[0].name, "control");
  EXPECT_EQ(catalogue_.holdouts()[0].percent, 12.5);
  EXPECT_EQ(catalogue_.holdouts()[0].arm, decision::NO_LEVERS_ARM);
  EXPECT_THAT(catalogue_.holdouts()[0].only.actions, ElementsAre("gold"));
  EXPECT_THAT(catalogue_.holdouts()[0].only.groups, ElementsAre("cards"));
  EXPECT_THAT(catalogue_.holdouts()[0].only.issues, ElementsAre("grow"));
}

TEST_F(EveryField, OfAgreementsArrives) {
  const policy::Constraint* partner =
      catalogue_.constraints().Find(policy::ConstraintKind::kAgreement, "partner");
  ASSERT_NE(partner, nullptr);
  EXPECT_EQ(partner->limit, 500);
  EXPECT_EQ(partner->at_least, 100);
  EXPECT_EQ(partner->boost, 2'500'000);
  EXPECT_EQ(partner->per, policy::Per::kMonth);
  EXPECT_EQ(base::FormatRfc3339(partner->starts), "2026-12-01T00:00:00Z");
  EXPECT_EQ(base::FormatRfc3339(partner->ends), "2027-12-01T00:00:00Z");
  EXPECT_THAT(partner->only.channels, ElementsAre("web"));
  ASSERT_THAT(catalogue_.exclusivities(), SizeIs(1));
  const policy::Exclusivity& exclusive = catalogue_.exclusivities()[0];
  EXPECT_EQ(exclusive.agreement, "partner");
  EXPECT_THAT(exclusive.of.issues, ElementsAre("grow"));
  EXPECT_THAT(exclusive.rivals.actions, ElementsAre("gold"));
  EXPECT_THAT(exclusive.rivals.groups, ElementsAre("cards"));
  EXPECT_THAT(exclusive.placements, ElementsAre("shelf"));
  EXPECT_EQ(exclusive.starts, partner->starts);
  EXPECT_EQ(exclusive.ends, partner->ends);
}

// The default that is published with the schema is the one that the code falls back to.
TEST(Defaults, OfTheSchemaAreThoseOfTheCode) {
  const auto definitions = Compiled(
      "{kind: hub, name: default, spec: {currency: EUR, timeZone: UTC}}\n---\n"
      "{kind: identity, name: default, spec: {identifiers: [{type: card, priority: 1}]}}\n---\n"
      "{kind: action, name: a, spec: {title: A, value: {amount: \"1.00\", currency: EUR}}}\n---\n"
      "{kind: placement, name: bare, spec: {channel: web}}\n---\n"
      "{kind: policy, name: p, spec: {suppress: {scope: action, refusals: 1, for: 1d}}}\n---\n"
      "{kind: holdout, name: h, spec: {percent: 1}}\n---\n"
      "{kind: trait, name: t, spec: {}}\n");
  resource::ResourceSet filled;
  resource::Change change;
  for (const auto& [key, stated] : definitions->resources.all()) {
    resource::Document document;
    document.kind = key.kind;
    document.name = key.name;
    document.spec = resource::WithDefaults(*resource::FindKind(key.kind), stated.spec);
    change.documents.push_back(std::move(document));
  }
  std::vector<resource::Problem> problems;
  const auto stated = Definitions::Compile(filled.After(change, {"ana", base::Time{1}}), problems);
  EXPECT_THAT(problems, SizeIs(0)) << resource::ToText(problems);

  for (const std::string_view type : {"card", "email"}) {
    EXPECT_EQ(stated->identity.Of(type).limit, definitions->identity.Of(type).limit);
    EXPECT_EQ(stated->identity.Of(type).window, definitions->identity.Of(type).window);
    EXPECT_EQ(stated->identity.Of(type).unique, definitions->identity.Of(type).unique);
    EXPECT_EQ(stated->identity.Of(type).weak, definitions->identity.Of(type).weak);
  }
  EXPECT_EQ(stated->identity.max_identifiers(), definitions->identity.max_identifiers());
  EXPECT_EQ(stated->identity.max_merges(), definitions->identity.max_merges());
  EXPECT_EQ(stated->identity.default_country(), definitions->identity.default_country());
  EXPECT_EQ(stated->rules.Of("t").kind, definitions->rules.Of("t").kind);
  const decision::Action& action = *definitions->catalogue->FindAction("a");
  const decision::Action& filled_action = *stated->catalogue->FindAction("a");
  EXPECT_EQ(filled_action.action_class, action.action_class);
  EXPECT_EQ(filled_action.lever, action.lever);
  EXPECT_EQ(filled_action.explore_never, action.explore_never);
  EXPECT_EQ(filled_action.mandatory, action.mandatory);
  EXPECT_EQ(filled_action.quiet_hours, action.quiet_hours);
  EXPECT_EQ(filled_action.window, action.window);
  const decision::Placement& placement = *definitions->catalogue->FindPlacement("bare");
  const decision::Placement& filled_placement = *stated->catalogue->FindPlacement("bare");
  EXPECT_EQ(filled_placement.direction, placement.direction);
  EXPECT_EQ(filled_placement.slots, placement.slots);
  EXPECT_EQ(filled_placement.exposure, placement.exposure);
  EXPECT_EQ(filled_placement.expires_after, placement.expires_after);
  EXPECT_EQ(filled_placement.ignored_after, placement.ignored_after);
  EXPECT_EQ(filled_placement.choice.method, placement.choice.method);
  EXPECT_EQ(filled_placement.choice.floor, placement.choice.floor);
  EXPECT_EQ(filled_placement.choice.draws, placement.choice.draws);
  const policy::Policy& suppression = definitions->catalogue->policies().all().at(0);
  const policy::Policy& filled_suppression = stated->catalogue->policies().all().at(0);
  EXPECT_EQ(filled_suppression.classes.bits(), suppression.classes.bits());
  EXPECT_EQ(filled_suppression.counts_ignored, suppression.counts_ignored);
  EXPECT_EQ(stated->catalogue->holdouts()[0].arm, definitions->catalogue->holdouts()[0].arm);
}

}  // namespace
}  // namespace batuta::engine
