#include "policy/caps.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/random.h"
#include "policy/channel_rate.h"
#include "policy/contacts.h"

namespace batuta::policy {
namespace {

constexpr base::Time kNow{base::Days(20'000).micros};

Contact Make(uint64_t number, std::string action, ContactStage stage, base::Time at) {
  Contact contact;
  const base::DecisionId id{.partition = base::PartitionId{1}, .record = {base::Id128{7, number}}};
  contact.set_decision(id.ToBytes());
  contact.set_action(std::move(action));
  contact.set_channel("web");
  contact.set_placement("home");
  contact.set_action_class(MARKETING);
  contact.set_stage(stage);
  contact.set_reserved_at(at.micros);
  contact.set_ended_at(at.micros);
  return contact;
}

Policy Cap(int64_t limit, base::Duration window, Scope scope = Scope::kPerson) {
  return {.name = "cap",
          .scope = scope,
          .limit = limit,
          .window = window,
          .classes = Classes().With(MARKETING)};
}

Policy Suppress(int64_t limit, base::Duration window) {
  return {.name = "pause",
          .kind = PolicyKind::kSuppress,
          .scope = Scope::kAction,
          .limit = limit,
          .window = window,
          .classes = Classes().With(MARKETING)};
}

std::optional<Violation> Ask(Policy policy, const ContactState& contacts, const Offer& offer,
                             base::Time now = kNow, absl::TimeZone zone = absl::UTCTimeZone()) {
  const Policies policies({std::move(policy)});
  const ContactHistory history(policies, contacts, now, zone);
  return Check({.policies = policies, .history = history, .pending = {}, .now = now}, offer);
}

constexpr Offer kCard{.action = "card", .group = "", .channel = "web", .placement = "home"};

TEST(Cap, WindowIsOpenBehindAndClosedAhead) {
  ContactState contacts;
  AddContact(contacts, Make(1, "card", EXPOSED, kNow - base::Days(7)));
  EXPECT_FALSE(Ask(Cap(1, base::Days(7)), contacts, kCard));
  EXPECT_TRUE(Ask(Cap(1, base::Days(7)), contacts, kCard, kNow - base::Micros(1)));
  AddContact(contacts, Make(2, "card", RESERVED, kNow));
  EXPECT_TRUE(Ask(Cap(1, base::Days(7)), contacts, kCard));
}

TEST(Cap, ExpiredAndFailedReservationsReturn) {
  ContactState contacts;
  AddContact(contacts, Make(1, "card", EXPIRED, kNow));
  AddContact(contacts, Make(2, "card", FAILED, kNow));
  EXPECT_FALSE(Ask(Cap(1, base::Days(7)), contacts, kCard));
}

TEST(Cap, TellsWhenItPassesAgain) {
  ContactState contacts;
  for (uint64_t i = 1; i <= 3; ++i) {
    AddContact(contacts, Make(i, "card", EXPOSED, kNow - base::Days(static_cast<int64_t>(i))));
  }
  const auto violation = Ask(Cap(2, base::Days(7)), contacts, kCard);
  ASSERT_TRUE(violation);
  EXPECT_EQ(violation->seen, 3);
  EXPECT_EQ(violation->passes_at, kNow + base::Days(5));  // when the second oldest leaves
  EXPECT_TRUE(Ask(Cap(2, base::Days(7)), contacts, kCard, violation->passes_at - base::Micros(1)));
  EXPECT_FALSE(Ask(Cap(2, base::Days(7)), contacts, kCard, violation->passes_at));
  EXPECT_EQ(Ask(Cap(0, base::Days(7)), contacts, kCard)->passes_at, base::kDistantFuture);
}

TEST(Cap, ScopesCountTheirOwn) {
  ContactState contacts;
  AddContact(contacts, Make(1, "loan", EXPOSED, kNow));
  EXPECT_FALSE(Ask(Cap(1, base::Days(1), Scope::kAction), contacts, kCard));
  EXPECT_TRUE(Ask(Cap(1, base::Days(1), Scope::kChannel), contacts, kCard));
  EXPECT_TRUE(Ask(Cap(1, base::Days(1), Scope::kPlacement), contacts, kCard));
  EXPECT_FALSE(Ask(Cap(1, base::Days(1), Scope::kGroup), contacts, kCard));
  Offer service = kCard;
  service.action_class = SERVICE;
  EXPECT_FALSE(Ask(Cap(1, base::Days(1)), contacts, service));
}

base::Time At(std::string_view text) {
  const auto time = base::ParseTime(text);
  EXPECT_TRUE(time.ok()) << text;
  return *time;
}

absl::TimeZone Zone(const char* name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone));
  return zone;
}

Policy CapPer(Calendar calendar, int64_t limit = 1) {
  Policy policy = Cap(limit, base::Days(32));
  policy.calendar = calendar;
  return policy;
}

// Mexico City is six hours behind; 23 November 2026 is a Monday.
TEST(Cap, PeriodsOfTheCalendarAreThoseOfThePersonsZone) {
  const absl::TimeZone mexico = Zone("America/Mexico_City");
  ContactState contacts;
  AddContact(contacts, Make(1, "card", EXPOSED, At("2026-11-22T05:59:59Z")));
  const auto ask = [&](Calendar calendar, const char* now, int64_t limit = 1) {
    return Ask(CapPer(calendar, limit), contacts, kCard, At(now), mexico);
  };
  EXPECT_TRUE(ask(Calendar::kDay, "2026-11-22T05:59:59.5Z")) << "still the 21st";
  EXPECT_EQ(ask(Calendar::kDay, "2026-11-22T05:59:59.5Z")->passes_at, At("2026-11-22T06:00:00Z"));
  EXPECT_FALSE(ask(Calendar::kDay, "2026-11-22T06:00:00Z"));
  EXPECT_TRUE(Ask(CapPer(Calendar::kDay), contacts, kCard, At("2026-11-22T06:00:00Z")))
      << "the same day in Greenwich";
  EXPECT_EQ(ask(Calendar::kWeek, "2026-11-23T05:00:00Z")->passes_at, At("2026-11-23T06:00:00Z"));
  EXPECT_FALSE(ask(Calendar::kWeek, "2026-11-23T06:00:00Z"));
  EXPECT_EQ(ask(Calendar::kMonth, "2026-11-30T23:00:00Z")->passes_at, At("2026-12-01T06:00:00Z"));
  EXPECT_FALSE(ask(Calendar::kMonth, "2026-12-01T06:00:00Z"));
  EXPECT_FALSE(ask(Calendar::kDay, "2026-11-22T05:59:59.5Z", 2));
  EXPECT_EQ(ask(Calendar::kDay, "2026-11-22T05:59:59.5Z", 0)->passes_at, base::kDistantFuture);
}

// In Madrid 25 October 2026 has 25 hours.
TEST(Cap, ADayWhoseClockIsPutBackIsOneDay) {
  const absl::TimeZone madrid = Zone("Europe/Madrid");
  ContactState contacts;
  AddContact(contacts, Make(1, "card", EXPOSED, At("2026-10-24T22:00:00Z")));
  const auto violation =
      Ask(CapPer(Calendar::kDay), contacts, kCard, At("2026-10-25T22:30:00Z"), madrid);
  ASSERT_TRUE(violation);
  EXPECT_EQ(violation->passes_at, At("2026-10-25T23:00:00Z"));
}

TEST(Gap, IsATimeBetweenContacts) {
  Policy gap = Cap(1, base::Hours(24), Scope::kChannel);
  gap.kind = PolicyKind::kGap;
  ContactState contacts;
  AddContact(contacts, Make(1, "loan", EXPOSED, kNow - base::Hours(23)));
  EXPECT_EQ(Ask(gap, contacts, kCard)->passes_at, kNow + base::Hours(1));
  EXPECT_FALSE(Ask(gap, contacts, kCard, kNow + base::Hours(1)));
  EXPECT_FALSE(
      Ask(gap, contacts, {.action = "card", .group = "", .channel = "email", .placement = "home"}));
}

TEST(Suppression, LastsForItsSpanFromTheRefusalThatCompletesIt) {
  ContactState contacts;
  AddContact(contacts, Make(1, "card", REJECTED, kNow - base::Days(49)));
  AddContact(contacts, Make(2, "card", REJECTED, kNow - base::Days(20)));
  const auto violation = Ask(Suppress(2, base::Days(30)), contacts, kCard);
  ASSERT_TRUE(violation);
  EXPECT_EQ(violation->seen, 2);
  EXPECT_EQ(violation->passes_at, kNow + base::Days(10));
  EXPECT_FALSE(Ask(Suppress(2, base::Days(30)), contacts, kCard, kNow + base::Days(10)));
}

TEST(Suppression, NeedsItsRefusalsWithinTheSpan) {
  ContactState contacts;
  AddContact(contacts, Make(1, "card", REJECTED, kNow - base::Days(31)));
  AddContact(contacts, Make(2, "card", REJECTED, kNow - base::Days(1)));
  EXPECT_FALSE(Ask(Suppress(2, base::Days(30)), contacts, kCard));
  EXPECT_TRUE(Ask(Suppress(1, base::Days(30)), contacts, kCard));
}

TEST(Suppression, IgnoredCountsOnlyWhenAsked) {
  ContactState contacts;
  AddContact(contacts, Make(1, "card", IGNORED, kNow));
  Policy policy = Suppress(1, base::Days(30));
  EXPECT_FALSE(Ask(policy, contacts, kCard));
  policy.counts_ignored = true;
  EXPECT_TRUE(Ask(policy, contacts, kCard));
}

TEST(Check, PolicyThatHoldsLongestIsTold) {
  ContactState contacts;
  AddContact(contacts, Make(1, "card", EXPOSED, kNow));
  Policy brief = Cap(1, base::Days(1));
  brief.name = "a";
  Policy lasting = Cap(1, base::Days(9));
  lasting.name = "b";
  const Policies policies({brief, lasting});
  const ContactHistory history(policies, contacts, kNow, absl::UTCTimeZone());
  const auto violation =
      Check({.policies = policies, .history = history, .pending = {}, .now = kNow}, kCard);
  ASSERT_TRUE(violation);
  EXPECT_EQ(violation->policy, 1u);
}

TEST(Check, PendingOffersCountAgainstCaps) {
  const Policies policies({Cap(2, base::Days(1))});
  const ContactState contacts;
  const ContactHistory history(policies, contacts, kNow, absl::UTCTimeZone());
  const std::vector<Offer> pending = {kCard, kCard};
  const auto violation =
      Check({.policies = policies, .history = history, .pending = pending, .now = kNow}, kCard);
  ASSERT_TRUE(violation);
  EXPECT_EQ(violation->passes_at, kNow + base::Days(1));
}

// Counts by hand, over all contacts, whatever the library keeps.
bool NaivelyAllowed(const std::vector<Contact>& all, const Policy& policy, const Offer& offer,
                    base::Time now) {
  if (!policy.classes.Has(offer.action_class)) return true;
  int64_t seen = 0;
  for (const Contact& contact : all) {
    const bool same = policy.scope == Scope::kPerson ||
                      (policy.scope == Scope::kAction && contact.action() == offer.action) ||
                      (policy.scope == Scope::kChannel && contact.channel() == offer.channel);
    const bool counts = contact.stage() != EXPIRED && contact.stage() != FAILED;
    const bool in = base::Time{contact.reserved_at()} > now - policy.window;
    if (same && counts && in && policy.classes.Has(contact.action_class())) ++seen;
  }
  return seen < policy.limit;
}

TEST(Cap, IsNeverExceededUnderRandomSequences) {
  base::Random random(4, base::Id128{}, "test", "caps");
  for (int round = 0; round < 200; ++round) {
    const auto hours = [&](uint64_t most) {
      return base::Hours(static_cast<int64_t>(1 + random.Below(most)));
    };
    const Policies policies(
        {Cap(1 + static_cast<int64_t>(random.Below(4)), hours(200)),
         Cap(1 + static_cast<int64_t>(random.Below(2)), hours(100), Scope::kAction)});
    ContactState contacts;
    std::vector<Contact> all;
    base::Time now = kNow;
    for (uint64_t step = 0; step < 100; ++step) {
      now = now + base::Minutes(static_cast<int64_t>(random.Below(900)));
      const std::string action = random.Below(2) == 0 ? "card" : "loan";
      Offer offer = kCard;
      offer.action = action;
      const ContactHistory history(policies, contacts, now, absl::UTCTimeZone());
      const bool allowed =
          !Check({.policies = policies, .history = history, .pending = {}, .now = now}, offer);
      const bool naive =
          std::all_of(policies.all().begin(), policies.all().end(),
                      [&](const Policy& p) { return NaivelyAllowed(all, p, offer, now); });
      ASSERT_EQ(allowed, naive);
      if (allowed) {
        const auto stage = random.Below(4) == 0 ? EXPIRED : EXPOSED;
        all.push_back(Make(step, action, stage, now));
        AddContact(contacts, all.back());
      }
      if (random.Below(10) == 0) Prune(contacts, policies.Keep(), now);
    }
  }
}

TEST(Suppression, AgreesWithTryingEveryRefusal) {
  base::Random random(6, base::Id128{}, "test", "suppress");
  for (int round = 0; round < 3000; ++round) {
    const Policy policy = Suppress(1 + static_cast<int64_t>(random.Below(3)), base::Days(10));
    std::vector<base::Time> times;
    for (uint64_t i = 0, n = random.Below(8); i < n; ++i) {
      times.push_back(kNow - base::Hours(static_cast<int64_t>(random.Below(24 * 30))));
    }
    std::sort(times.begin(), times.end());
    base::Time until = base::kDistantPast;
    for (const base::Time last : times) {
      int64_t within = 0;
      for (const base::Time time : times) {
        if (time <= last && last - time < policy.window) ++within;
      }
      if (within >= policy.limit) until = std::max(until, last + policy.window);
    }
    const auto violation = Judge(policy, times, 0, kNow);
    ASSERT_EQ(violation.has_value(), until > kNow);
    if (violation) {
      ASSERT_EQ(violation->passes_at, until);
    }
  }
}

TEST(Cap, ScopesByIssueCountOverItsGroups) {
  ContactState contacts;
  Contact loan = Make(1, "loan", EXPOSED, kNow);
  loan.set_group("credit");
  loan.set_issue("grow");
  AddContact(contacts, loan);
  Offer fund{
      .action = "fund", .group = "saving", .issue = "grow", .channel = "web", .placement = "home"};
  EXPECT_TRUE(Ask(Cap(1, base::Days(1), Scope::kIssue), contacts, fund));
  fund.issue = "serve";
  EXPECT_FALSE(Ask(Cap(1, base::Days(1), Scope::kIssue), contacts, fund));
  fund.issue = "";
  EXPECT_FALSE(Ask(Cap(0, base::Days(1), Scope::kIssue), contacts, fund));
}

TEST(Cap, CountsAndHoldsBackOnlyWhatItIsAbout) {
  ContactState contacts;
  AddContact(contacts, Make(1, "loan", EXPOSED, kNow));
  Policy cap = Cap(1, base::Days(1));
  EXPECT_TRUE(Ask(cap, contacts, kCard));
  cap.only = {.actions = {"card"}};
  EXPECT_FALSE(Ask(cap, contacts, kCard));  // the loan does not count
  cap.only = {.actions = {"loan"}};
  EXPECT_FALSE(Ask(cap, contacts, kCard));  // the card is not held back
  cap.only = {.actions = {"card", "loan"}, .channels = {"web"}};
  EXPECT_TRUE(Ask(cap, contacts, kCard));
  cap.only = {.actions = {"card", "loan"}, .channels = {"email"}};
  EXPECT_FALSE(Ask(cap, contacts, kCard));
  cap.only = {.groups = {"credit"}};
  EXPECT_FALSE(Ask(cap, contacts, kCard));
}

TEST(Cap, WhatWaitsCountsNowAndFromItsSendingOn) {
  ContactState contacts;
  Contact waiting = Make(1, "card", RESERVED, kNow);
  waiting.set_not_before((kNow + base::Hours(10)).micros);
  AddContact(contacts, waiting);
  const auto violation = Ask(Cap(1, base::Hours(24)), contacts, kCard);
  ASSERT_TRUE(violation);
  EXPECT_EQ(violation->passes_at, kNow + base::Hours(34));
  EXPECT_TRUE(
      Ask(Cap(1, base::Hours(24)), contacts, kCard, kNow + base::Hours(34) - base::Micros(1)));
  EXPECT_FALSE(Ask(Cap(1, base::Hours(24)), contacts, kCard, kNow + base::Hours(34)));
}

Policy Pressure(int64_t limit) {
  return {.name = "load",
          .kind = PolicyKind::kPressure,
          .limit = limit,
          .window = base::Days(3 * kHalfLivesCounted),
          .classes = Classes().With(MARKETING),
          .half_life = base::Days(3),
          .weights = {{"email", 500'000}}};
}

TEST(Pressure, HoldsBackWhatWouldExceedItUntilItHasFallen) {
  ContactState contacts;
  AddContact(contacts, Make(1, "loan", EXPOSED, kNow - base::Days(3)));  // weighs a half
  AddContact(contacts, Make(2, "loan", EXPOSED, kNow));
  AddContact(contacts, Make(3, "loan", EXPIRED, kNow));
  EXPECT_FALSE(Ask(Pressure(2'500'000), contacts, kCard));
  const auto violation = Ask(Pressure(2'499'999), contacts, kCard);
  ASSERT_TRUE(violation);
  EXPECT_EQ(violation->seen, 1'500'000);
  EXPECT_EQ(violation->adds, 1'000'000);
  const auto by = [&](int64_t limit, base::Time now) {
    return Ask(Pressure(limit), contacts, kCard, now).has_value();
  };
  // From 1.5 to 0.75 it takes a half-life.
  EXPECT_EQ(Ask(Pressure(1'750'000), contacts, kCard)->passes_at, kNow + base::Days(3));
  EXPECT_TRUE(by(1'750'000, kNow + base::Days(3) - base::Seconds(1)));
  EXPECT_FALSE(by(1'750'000, kNow + base::Days(3)));
  EXPECT_EQ(Ask(Pressure(999'999), contacts, kCard)->passes_at, base::kDistantFuture);
}

TEST(Pressure, WeighsByChannelAndCountsWhatIsChosenAlready) {
  const Policies policies({Pressure(1'500'000)});
  const ContactState none;
  const ContactHistory history(policies, none, kNow, absl::UTCTimeZone());
  Offer mail = kCard;
  mail.channel = "email";
  const std::vector<Offer> pending = {kCard};
  const CheckContext context{
      .policies = policies, .history = history, .pending = pending, .now = kNow};
  EXPECT_FALSE(Check(context, mail));
  EXPECT_TRUE(Check(context, kCard));
}

Policy Nights() {
  return {.name = "night",
          .kind = PolicyKind::kQuiet,
          .classes = Classes().With(MARKETING),
          .quiet = {{.from = 21 * 60, .to = 8 * 60}}};
}

TEST(Quiet, ConcernsTheCompanyAloneWhenItSpeaksFirst) {
  const base::Time night = At("2026-11-23T22:00:00Z");
  Offer offer = kCard;
  EXPECT_FALSE(Ask(Nights(), {}, offer, night));
  offer.outbound = true;
  const auto violation = Ask(Nights(), {}, offer, night);
  ASSERT_TRUE(violation);
  EXPECT_EQ(violation->passes_at, At("2026-11-24T08:00:00Z"));
  EXPECT_FALSE(Ask(Nights(), {}, offer, violation->passes_at));
  EXPECT_TRUE(Ask(Nights(), {}, offer, violation->passes_at, Zone("America/Mexico_City")));
  offer.action_class = TRANSACTIONAL;
  EXPECT_FALSE(Ask(Nights(), {}, offer, night));
}

TEST(Quiet, WhatWaitsWaitsUntilAllPoliciesLetItThrough) {
  Policy siesta = Nights();
  siesta.name = "siesta";
  siesta.quiet = {{.from = 8 * 60, .to = 9 * 60}};
  const base::Time night = At("2026-11-23T22:00:00Z");
  Offer offer = kCard;
  offer.outbound = true;
  offer.waits = true;
  const auto end = [&](std::vector<Policy> all) {
    const Policies policies(std::move(all));
    const ContactHistory history(policies, {}, night, absl::UTCTimeZone());
    const CheckContext context{
        .policies = policies, .history = history, .pending = {}, .now = night};
    EXPECT_EQ(Check(context, offer).has_value(), QuietEnd(context, offer) == base::kDistantFuture);
    return QuietEnd(context, offer);
  };
  EXPECT_EQ(end({Nights()}), At("2026-11-24T08:00:00Z"));
  EXPECT_EQ(end({Nights(), siesta}), At("2026-11-24T09:00:00Z"));
  siesta.quiet = {{.from = 8 * 60, .to = 21 * 60}};
  EXPECT_EQ(end({Nights(), siesta}), base::kDistantFuture);
}

class HoldsUntil : public Lookups {
 public:
  explicit HoldsUntil(Hold hold) : hold_(hold) {}
  Hold HoldOf(size_t) const override { return hold_; }
  int64_t UsualOn(std::string_view) const override { return kUsualRate; }
  bool Wants(std::string_view) const override { return false; }

 private:
  Hold hold_;
};

TEST(Hold, BlocksAndCoolDownsHoldBackTheirClasses) {
  const Policy block{
      .name = "list", .kind = PolicyKind::kBlock, .classes = Classes().With(MARKETING)};
  const Policies policies({block});
  const auto ask = [&](Hold hold, const Offer& offer) {
    const HoldsUntil holds(hold);
    const ContactHistory history(policies, {}, kNow, absl::UTCTimeZone(), &holds);
    return Check({.policies = policies, .history = history, .pending = {}, .now = kNow}, offer);
  };
  EXPECT_FALSE(ask({}, kCard));
  EXPECT_EQ(ask({.holds = true}, kCard)->passes_at, base::kDistantFuture);
  EXPECT_EQ(ask({.holds = true, .until = kNow + base::Days(2)}, kCard)->passes_at,
            kNow + base::Days(2));
  Offer service = kCard;
  service.action_class = SERVICE;
  EXPECT_FALSE(ask({.holds = true}, service));
}

Policy Preferring(int64_t limit) {
  return {.name = "their-channel",
          .kind = PolicyKind::kPreferChannel,
          .scope = Scope::kChannel,
          .limit = limit,
          .window = base::Days(120),
          .classes = Classes().With(MARKETING),
          .only = {.channels = {"email", "sms", "web"}},
          .half_life = base::Days(30),
          .after = 3};
}

class Wishes : public HoldsUntil {
 public:
  explicit Wishes(std::string wanted) : HoldsUntil({}), wanted_(std::move(wanted)) {}
  bool Wants(std::string_view channel) const override { return channel == wanted_; }

 private:
  std::string wanted_;
};

class PreferChannel : public testing::Test {
 protected:
  // Outcomes, one a day, the last one now.
  void Add(const std::string& channel, const std::vector<ContactStage>& stages) {
    for (size_t i = 0; i < stages.size(); ++i) {
      Contact contact =
          Make(++made_, "card", stages[i], kNow - base::Days(static_cast<int64_t>(i)));
      contact.set_channel(channel);
      AddContact(contacts_, contact);
    }
  }
  std::optional<Violation> AskOn(std::string_view channel, int64_t limit = 500'000,
                                 const std::string& wanted = "", base::Time now = kNow) {
    const Policies policies({Preferring(limit)});
    const Wishes wishes(wanted);
    const ContactHistory history(policies, contacts_, now, absl::UTCTimeZone(), &wishes);
    Offer offer = kCard;
    offer.channel = channel;
    auto found =
        Check({.policies = policies, .history = history, .pending = {}, .now = now}, offer);
    // Names of channels in it are views into the policy.
    if (found) than_ = std::string(found->than);
    return found;
  }

  ContactState contacts_;
  std::string than_;

 private:
  uint64_t made_ = 0;
};

TEST_F(PreferChannel, HoldsBackWhatIsAcceptedMuchLessThanElsewhere) {
  Add("email", {ACCEPTED, ACCEPTED, IGNORED, ACCEPTED});
  Add("web", {REJECTED, IGNORED, IGNORED, IGNORED});
  const auto violation = AskOn("web");
  ASSERT_TRUE(violation);
  EXPECT_EQ(than_, "email");
  // 20 of 5 %, and those there were, each a day older than the next.
  EXPECT_NEAR(static_cast<double>(violation->seen), 1e6 / 23.86, 1e3);
  EXPECT_NEAR(static_cast<double>(violation->adds), 3.91e6 / 23.86, 1e3);
  EXPECT_FALSE(AskOn("email"));
  EXPECT_FALSE(AskOn("sms")) << "nothing is known of it";
  // Accepted a quarter as often.
  EXPECT_FALSE(AskOn("web", 250'000));
  EXPECT_TRUE(AskOn("web", 260'000));
}

TEST_F(PreferChannel, PassesWhenTooLittleIsKnown) {
  Add("email", {ACCEPTED, ACCEPTED, ACCEPTED, ACCEPTED});
  Add("web", {IGNORED, IGNORED, IGNORED});
  EXPECT_FALSE(AskOn("web")) << "three outcomes are not quite three by now";
  Add("web", {IGNORED});
  const auto violation = AskOn("web");
  ASSERT_TRUE(violation);
  EXPECT_GT(violation->passes_at, kNow);
  EXPECT_FALSE(AskOn("web", 500'000, "", violation->passes_at));
  EXPECT_TRUE(AskOn("web", 500'000, "", violation->passes_at - base::Micros(1)));
}

TEST_F(PreferChannel, CountsOutcomesAlone) {
  Add("email", {ACCEPTED, ACCEPTED, ACCEPTED, ACCEPTED});
  Add("web", {EXPOSED, RESERVED, EXPIRED, FAILED, EXPOSED, EXPOSED});
  EXPECT_FALSE(AskOn("web"));
}

TEST_F(PreferChannel, WhatThePersonSaysCountsMore) {
  Add("email", {ACCEPTED, ACCEPTED, ACCEPTED, ACCEPTED});
  Add("web", {IGNORED, IGNORED, IGNORED, IGNORED});
  EXPECT_TRUE(AskOn("web"));
  EXPECT_FALSE(AskOn("web", 500'000, "web"));
  EXPECT_FALSE(AskOn("web", 500'000, "sms"));
  EXPECT_TRUE(AskOn("web", 500'000, "telegram")) << "of which the policy says nothing";
}

}  // namespace
}  // namespace batuta::policy
