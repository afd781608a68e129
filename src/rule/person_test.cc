#include "rule/person.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/value.h"
#include "profile/apply.h"
#include "rule/rule_testing.h"

namespace batuta::rule {
namespace {

constexpr base::Time kNoon{1'773'576'000'000'000};  // 2026-03-15T12:00:00Z

// Ana, whose profile is made of events as the hub makes it.
class Ana {
 public:
  Ana() {
    const base::Fields list_spec = base::ParseJson(R"({"survivorship": "list"})")->object();
    const profile::TraitResource interests{.name = "interests", .spec = &list_spec};
    rules_ = *profile::Rules::Compile(std::span(&interests, 1));
    Identify(R"({"plan": "gold", "tenure_months": 7, "joined": "2025-01-31T10:00:00Z",
                 "interests": ["cars"], "shop": {"zip": "72000"}})");
    Identify(R"({"interests": ["boats"]})");
    base::Field sealed;
    sealed.set_name("email");
    sealed.mutable_value()->mutable_sealed()->set_box("x");
    base::Fields fields;
    *fields.add_fields() = sealed;
    Apply(fields);
    profile::Consent consent;
    consent.set_purpose("offers");
    consent.set_status(profile::CONSENT_GRANTED);
    profile::StateConsent(consent, profile_);
    consent.set_channel("sms");
    consent.set_status(profile::CONSENT_WITHDRAWN);
    consent.set_event_time(1);
    profile::StateConsent(consent, profile_);
    profile::StatePreference(
        profile::MakePreference(
            {.kind = profile::PREFERENCE_TOPIC, .name = "shoes", .value = base::BooleanValue(true)},
            "web", {}),
        profile_);
    profile::Membership& member = *profile_.add_groups();
    member.set_id("acme");
    member.set_role("admin");
    base::SetField(*member.mutable_copied()->mutable_traits(), "plan",
                   base::TextValue("enterprise"));
    profile_.add_groups()->set_left(true);
    identity::PersonIdentifier& email = *identity_.add_identifiers();
    email.set_type("email");
    email.set_ruling(identity::HELD);
    identity_.add_identifiers()->set_type("phone");
  }

  std::string Ask(std::string_view text) {
    expr::AttributeTable table;
    const Compiled compiled = Compile(text, BankWords(), {}, table);
    EXPECT_NE(compiled.rule, nullptr) << text;
    if (compiled.rule == nullptr) return "";
    const ReadPlan plan(table, {rules_});
    std::string answers;
    for (const ReadPlan* used : {static_cast<const ReadPlan*>(nullptr), &plan}) {
      const PersonSource source({rules_}, {.profile = profile_, .identity = &identity_}, used);
      expr::Activation activation(table, source);
      expr::Evaluator evaluator(kRuleBudget);
      const std::string answer(OutcomeName(Judge(*compiled.rule, activation, evaluator)));
      EXPECT_TRUE(answers.empty() || answers == answer) << text;
      answers = answer;
    }
    return answers;
  }

 private:
  void Identify(std::string_view traits) { Apply(base::ParseJson(traits)->object()); }

  void Apply(const base::Fields& traits) {
    profile::EventFacts facts;
    facts.type = profile::EventType::kIdentify;
    facts.event_time = facts.log_time = kNoon + base::Seconds(events_);
    facts.position = {{}, base::Offset{static_cast<uint64_t>(++events_)}};
    facts.source = "crm";
    facts.traits = &traits;
    profile::ApplyEvent(rules_, facts, profile_);
  }

  profile::Rules rules_;
  profile::Profile profile_;
  identity::PersonIdentity identity_;
  int events_ = 0;
};

TEST(PersonSource, ReadsTraitsWithTheirTypes) {
  Ana ana;
  EXPECT_EQ(ana.Ask("person.traits.plan == 'gold' && person.traits.tenure_months >= 6"), "true");
  EXPECT_EQ(ana.Ask("person.traits.joined < timestamp('2025-02-01T00:00:00Z')"), "true");
  EXPECT_EQ(ana.Ask("person.traits.shop.zip == '72000'"), "true");
  EXPECT_EQ(ana.Ask("person.traits.nothing == 1"), "unknown");
  EXPECT_EQ(ana.Ask("has(person.traits.nothing)"), "false");
  EXPECT_EQ(ana.Ask("has(person.traits.nothing.deeper)"), "unknown");
}

TEST(PersonSource, SealedTraitsAreThereAndSayNothing) {
  Ana ana;
  EXPECT_EQ(ana.Ask("has(person.traits.email)"), "true");
  EXPECT_EQ(ana.Ask("has(person.traits.phone)"), "false");
}

TEST(PersonSource, UnderListAllValuesAreRead) {
  Ana ana;
  EXPECT_EQ(ana.Ask("'cars' in person.traits.interests && 'boats' in person.traits.interests"),
            "true");
}

TEST(PersonSource, ReadsConsentsPreferencesIdentifiersAndGroups) {
  Ana ana;
  EXPECT_EQ(ana.Ask("person.consents.offers.email == 'granted'"), "true");
  EXPECT_EQ(ana.Ask("person.consents.offers.all == 'granted'"), "true");
  EXPECT_EQ(ana.Ask("person.consents.offers.sms == 'withdrawn'"), "true");
  EXPECT_EQ(ana.Ask("person.consents.research.email == 'granted'"), "unknown");
  EXPECT_EQ(ana.Ask("person.preferences.topic.shoes == true"), "true");
  EXPECT_EQ(ana.Ask("has(person.preferences.pause.all)"), "false");
  EXPECT_EQ(ana.Ask("'email' in person.identifiers && !('phone' in person.identifiers)"), "true");
  EXPECT_EQ(ana.Ask("person.groups.exists(g, g.role == 'admin' && g.traits.plan == 'enterprise')"),
            "true");
  EXPECT_EQ(ana.Ask("person.groups.size() == 1"), "true");
  EXPECT_EQ(ana.Ask("person.firstSeen == timestamp('2026-03-15T12:00:00Z')"), "true");
  EXPECT_EQ(ana.Ask("person.lastSeen - person.firstSeen == duration('2s')"), "true");
}

}  // namespace
}  // namespace batuta::rule
