// What would have been: counts are those that somebody who works it out by hand finds, and where
// nothing is changed nothing differs.
#include "whatif/simulation.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/text.h"
#include "engine/hub_testing.h"
#include "resource/yaml.h"

namespace batuta::whatif {
namespace {

using decision::OutcomeKind;

constexpr std::string_view kShop =
    "{kind: hub, name: default, spec: {currency: MXN, timeZone: UTC}}\n"
    "---\n{kind: action, name: card, spec: {title: Card, value: {amount: \"100.00\", currency: "
    "MXN}, cost: {amount: \"2.00\", currency: MXN}}}\n"
    "---\n{kind: placement, name: home, spec: {channel: web, expiresAfter: 1h, ignoredAfter: 2h, "
    "choice: {method: greedy, floor: 0}}}\n"
    "---\n{kind: treatment, name: card-web, spec: {action: card, channel: web, "
    "placements: [home], variants: [{name: a, content: {}}]}}\n";

std::string Cap(int max) {
  return base::StrCat("---\n{kind: policy, name: weekly, spec: {cap: {scope: person, max: ", max,
                      ", window: 7d}}}\n");
}

constexpr std::string_view kLoan =
    "---\n{kind: action, name: loan, spec: {title: Loan, value: {amount: \"500.00\", currency: "
    "MXN}, cost: {amount: \"5.00\", currency: MXN}}}\n"
    "---\n{kind: treatment, name: loan-web, spec: {action: loan, channel: web, "
    "placements: [home], variants: [{name: a, content: {}}]}}\n";

resource::Change ChangeOf(std::string_view yaml, std::vector<resource::ResourceKey> removals = {}) {
  auto parsed = resource::ParseDocuments(yaml, "changed.yaml", resource::Format::kYaml);
  EXPECT_TRUE(parsed.problems.empty());
  return {.documents = std::move(parsed.documents), .removals = std::move(removals)};
}

class WhatIf : public testing::Test {
 protected:
  decision::Decision Ask(const std::string& user) { return hub_.Decide(user); }
  void Do(const std::string& user, const std::string& event, base::Fields properties = {}) {
    hub_.Append({hub_.Event(
        {.name = event, .identifiers = {{"user_id", user}}, .properties = std::move(properties)})});
  }
  base::Time Now() { return hub_.clock().Wall(); }

  SimulationOptions Options(resource::Change change, base::Time from) {
    SimulationOptions options;
    options.history = &hub_.hub().history();
    options.disk = &hub_.disk();
    options.through_disk = true;
    options.folder = base::StrCat("/whatif", ++simulations_);
    options.hub = hub_.hub().vault().HubId();
    options.hub_seed = hub_.hub().vault().HubSeed();
    options.partitions = hub_.hub().partitions();
    options.threads = threads_;
    options.change = std::move(change);
    options.author = "test";
    options.from = from;
    return options;
  }
  Comparison Run(const SimulationOptions& options) {
    const std::string before = hub_.StateHashes();
    EXPECT_TRUE(hub_.disk().MakeDirectory(options.folder).ok());
    auto compared = Simulate(options);
    EXPECT_TRUE(compared.ok()) << compared.status();
    EXPECT_EQ(hub_.StateHashes(), before) << "a simulation changes nothing";
    return *std::move(compared);
  }
  Comparison Run(std::string_view yaml, base::Time from,
                 std::vector<resource::ResourceKey> removals = {}) {
    return Run(Options(ChangeOf(yaml, std::move(removals)), from));
  }
  static ActionCount Of(const Comparison& compared, Course course, const std::string& action,
                        const std::string& segment = "") {
    const auto found = compared.actions.find({segment, action, "web"});
    return found == compared.actions.end() ? ActionCount{} : found->second[course];
  }

  engine::TestHub hub_{{.partitions = 3}};
  int simulations_ = 0;
  size_t threads_ = 2;
};

void ExpectNoDifference(const Comparison& compared) {
  EXPECT_EQ(compared.changed, 0u);
  EXPECT_EQ(compared.not_made, 0u);
  EXPECT_EQ(compared.affected, 0u);
  EXPECT_EQ(compared.passed, 0u);
  EXPECT_EQ(compared.dropped, 0u);
  EXPECT_EQ(compared.unseen, 0u);
  for (const auto& [key, counts] : compared.actions) {
    EXPECT_EQ(counts[kReal].chosen, counts[kOther].chosen) << key.action;
    EXPECT_EQ(counts[kReal].shown, counts[kOther].shown) << key.action;
    EXPECT_EQ(counts[kReal].spent, counts[kOther].spent) << key.action;
  }
  for (const auto& [key, counts] : compared.falls) {
    EXPECT_EQ(counts[kReal], counts[kOther]) << key.reason << " " << key.name;
  }
  for (const auto& [key, spent] : compared.constraints) {
    EXPECT_EQ(spent[kReal], spent[kOther]) << key.name;
  }
}

TEST_F(WhatIf, ACapThatAllowsMoreShowsMore) {
  hub_.Define(base::StrCat(kShop, Cap(1)));
  const base::Time from = Now();
  for (int person = 0; person < 5; ++person) {
    const std::string user = base::StrCat("u", person);
    for (int i = 0; i < 4; ++i) {
      const decision::Decision made = Ask(user);
      EXPECT_EQ(made.chosen(0).nothing(), i > 0);
      if (i == 0) hub_.Report(made, OutcomeKind::kExposed);
      hub_.Advance(base::Minutes(1));
    }
  }
  const Comparison compared = Run(Cap(2), from);
  EXPECT_EQ(compared.decisions, 20u);
  EXPECT_EQ(compared.people, 5u);
  EXPECT_EQ(compared.changed, 5u) << "each person's second question is answered otherwise";
  EXPECT_EQ(compared.affected, 5u);
  EXPECT_EQ(Of(compared, kReal, "card").chosen, 5u);
  EXPECT_EQ(Of(compared, kOther, "card").chosen, 10u);
  EXPECT_EQ(Of(compared, kReal, "card").shown, 5u);
  EXPECT_EQ(Of(compared, kOther, "card").shown, 5u) << "where nothing was shown nobody looked";
  EXPECT_EQ(compared.unseen, 5u);
  EXPECT_EQ(Of(compared, kReal, "card").spent, 10'000'000);
  const decision::Fall capped{
      .stage = decision::ALLOWED, .reason = decision::CAPPED, .name = "weekly"};
  EXPECT_EQ(compared.falls.at(capped)[kReal], 15u);
  EXPECT_EQ(compared.falls.at(capped)[kOther], 10u);
}

TEST_F(WhatIf, AnExposurePassesAndAnAnswerDoesNot) {
  hub_.Define(kShop);
  const base::Time from = Now();
  for (int person = 0; person < 6; ++person) {
    const decision::Decision made = Ask(base::StrCat("u", person));
    if (person < 4) hub_.Report(made, OutcomeKind::kExposed);
    if (person < 2) hub_.Report(made, OutcomeKind::kAccepted);
    if (person == 5) hub_.Report(made, OutcomeKind::kRejected);
  }
  hub_.Advance(base::Days(1));
  const Comparison compared = Run(kLoan, from);
  EXPECT_EQ(compared.changed, 6u);
  EXPECT_EQ(Of(compared, kReal, "card"), (ActionCount{6, 5, 2, 10'000'000}));
  EXPECT_EQ(Of(compared, kOther, "card"), ActionCount{});
  EXPECT_EQ(Of(compared, kOther, "loan"), (ActionCount{6, 5, 0, 25'000'000}));
  EXPECT_EQ(compared.passed, 5u) << "a rejection says that it was seen";
  EXPECT_EQ(compared.dropped, 3u);
  ASSERT_FALSE(compared.estimates.empty());
  ASSERT_FALSE(compared.estimates[0].report.doubts.empty());
  EXPECT_EQ(compared.estimates[0].report.doubts[0].kind, experiment::DoubtKind::kNoOverlap);
}

TEST_F(WhatIf, WhatIsNotAnsweredIsNotTakenForIgnored) {
  constexpr std::string_view kSuppress =
      "---\n{kind: policy, name: pause, spec: {suppress: {scope: action, refusals: 1, for: 30d, "
      "countIgnored: true}}}\n";
  hub_.Define(base::StrCat(kShop, kSuppress));
  const base::Time from = Now();
  hub_.Report(Ask("ana"), OutcomeKind::kExposed);
  hub_.Advance(base::Days(1));
  EXPECT_TRUE(Ask("ana").chosen(0).nothing()) << "she has ignored the card";
  const Comparison compared = Run(kLoan, from);
  EXPECT_EQ(Of(compared, kOther, "loan").chosen, 2u) << "nobody knows whether she ignores a loan";
}

TEST_F(WhatIf, WhatWasBeforeCountsAndIsNotChanged) {
  hub_.Define(base::StrCat(kShop, Cap(2)));
  hub_.Report(Ask("ana"), OutcomeKind::kExposed);
  hub_.Advance(base::Hours(1));
  const base::Time from = Now();
  Ask("ana");
  const Comparison compared = Run(Cap(1), from);
  EXPECT_EQ(compared.decisions, 1u);
  EXPECT_EQ(Of(compared, kReal, "card").chosen, 1u);
  EXPECT_EQ(Of(compared, kOther, "card").chosen, 0u) << "the contact before counts";
}

TEST_F(WhatIf, NewFeaturesAndSegmentsAreRightFromTheFirstDecision) {
  hub_.Define(kShop);
  for (int i = 0; i < 3; ++i) Do("ana", "Order Completed");
  Do("luis", "Order Completed");
  hub_.Advance(base::Hours(1));
  const base::Time from = Now();
  Ask("ana");
  Ask("luis");
  hub_.Advance(base::Hours(1));
  Do("luis", "Order Completed");
  Ask("luis");
  constexpr std::string_view kLoyal =
      "{kind: segment, name: loyal, spec: {rule: 'events(\"Order "
      "Completed\").within(\"90d\").count() >= 2', purpose: marketing}}\n"
      "---\n{kind: action, name: card, spec: {title: Card, value: {amount: \"100.00\", currency: "
      "MXN}, eligible: '\"loyal\" in person.segments'}}\n";
  SimulationOptions options = Options(ChangeOf(kLoyal), from);
  options.segments = {"loyal"};
  const Comparison compared = Run(options);
  EXPECT_EQ(Of(compared, kReal, "card").chosen, 3u);
  EXPECT_EQ(Of(compared, kOther, "card").chosen, 2u) << "ana, and luis after his second order";
  EXPECT_EQ(Of(compared, kOther, "card", "loyal").chosen, 2u);
  EXPECT_EQ(Of(compared, kReal, "card", "loyal").chosen, 2u);
  options = Options(ChangeOf(kLoyal), from);
  options.segment = "loyal";
  EXPECT_EQ(Run(options).decisions, 2u);
}

TEST_F(WhatIf, TheChangeHoldsThroughLaterOnes) {
  hub_.Define(base::StrCat(kShop, Cap(1)));
  const base::Time from = Now();
  hub_.Advance(base::Hours(1));
  hub_.Define(
      base::StrCat("{kind: action, name: card, spec: {title: Gold, value: {amount: "
                   "\"900.00\", currency: MXN}}}\n"));
  for (int i = 0; i < 3; ++i) Ask("ana");
  const Comparison compared = Run(Cap(2), from);
  EXPECT_EQ(Of(compared, kReal, "card").chosen, 1u);
  EXPECT_EQ(Of(compared, kOther, "card").chosen, 2u);
}

// The same as it was later really made to be: the versions differ, and nothing else.
TEST_F(WhatIf, ItMayBeginBeforeThereWasAnything) {
  const base::Time from = Now();
  hub_.Advance(base::Hours(1));
  hub_.Define(kShop);
  Ask("ana");
  hub_.Define(Cap(1));
  Ask("luis");
  const Comparison compared = Run(
      "{kind: action, name: card, spec: {title: Card, value: {amount: \"100.00\", currency: MXN}, "
      "cost: {amount: \"2.00\", currency: MXN}}}\n",
      from);
  EXPECT_EQ(compared.decisions, 2u);
  ExpectNoDifference(compared);
}

TEST_F(WhatIf, WhatIsRemovedIsNotChosen) {
  hub_.Define(base::StrCat(kShop, kLoan));
  const base::Time from = Now();
  for (int i = 0; i < 3; ++i) Ask(base::StrCat("u", i));
  const Comparison compared = Run("", from, {{"treatment", "loan-web"}, {"action", "loan"}});
  EXPECT_EQ(Of(compared, kReal, "loan").chosen, 3u);
  EXPECT_EQ(Of(compared, kOther, "loan").chosen, 0u);
  EXPECT_EQ(Of(compared, kOther, "card").chosen, 3u);
}

TEST_F(WhatIf, WhatIsAskedOfAPlacementThatIsGoneIsNotDecided) {
  hub_.Define(kShop);
  const base::Time from = Now();
  Ask("ana");
  const Comparison compared = Run("", from, {{"treatment", "card-web"}, {"placement", "home"}});
  EXPECT_EQ(compared.decisions, 1u);
  EXPECT_EQ(compared.not_made, 1u);
}

TEST_F(WhatIf, ABudgetIsSpentAsFarAsItGoes) {
  const auto budget = [](std::string_view amount) {
    return base::StrCat("---\n{kind: budget, name: daily, spec: {limit: {amount: \"", amount,
                        "\", currency: MXN}, per: day}}\n");
  };
  hub_.Define(base::StrCat(kShop, budget("1000.00")));
  const base::Time from = Now();
  for (int i = 0; i < 40; ++i) {
    hub_.Report(Ask(base::StrCat("u", i)), OutcomeKind::kExposed);
  }
  const Comparison compared = Run(budget("20.00"), from);
  EXPECT_EQ(Of(compared, kReal, "card").shown, 40u);
  EXPECT_EQ(Of(compared, kOther, "card").shown, 10u) << "ten at two pesos";
  ASSERT_EQ(compared.constraints.size(), 1u);
  EXPECT_EQ(compared.constraints.begin()->second[kReal], 80'000'000);
  EXPECT_EQ(compared.constraints.begin()->second[kOther], 20'000'000);
}

TEST_F(WhatIf, EstimatesSayWhatAnotherPolicyWouldHaveEarned) {
  constexpr std::string_view kEven =
      "---\n{kind: placement, name: home, spec: {channel: web, expiresAfter: 1h, ignoredAfter: 2h, "
      "choice: {method: squarecb, floor: 0.5}}}\n";
  hub_.Define(base::StrCat(kShop, kLoan, kEven));
  const base::Time from = Now();
  base::Random random(7, base::Id128{0, 1}, "tastes", "");
  int loans = 0;
  int accepted = 0;
  for (int i = 0; i < 2500; ++i) {
    const decision::Decision made = Ask(base::StrCat("u", i));
    if (made.chosen(0).nothing()) continue;
    const bool is_loan = made.chosen(0).action() == "loan";
    const bool accepts = random.Uniform() < (is_loan ? 0.30 : 0.10);
    hub_.Report(made, accepts ? OutcomeKind::kAccepted : OutcomeKind::kExposed);
    loans += is_loan ? 1 : 0;
    accepted += is_loan && accepts ? 1 : 0;
  }
  ASSERT_GT(loans, 300);
  constexpr std::string_view kNoCard =
      "{kind: action, name: card, spec: {title: Card, value: {amount: \"0.00\", currency: MXN}, "
      "cost: {amount: \"2.00\", currency: MXN}}}\n";
  constexpr std::string_view kGreedy =
      "---\n{kind: placement, name: home, spec: {channel: web, expiresAfter: 1h, ignoredAfter: 2h, "
      "choice: {method: greedy, floor: 0}}}\n";
  const Comparison compared = Run(base::StrCat(kNoCard, kGreedy), from);
  ASSERT_EQ(compared.estimates.size(), 2u);
  EXPECT_EQ(compared.estimated_from, 2500u);
  const experiment::OffPolicyReport& report = compared.estimates[0].report;
  const double real_rate = static_cast<double>(accepted) / loans;
  for (const experiment::Estimate& estimate : report.estimates) {
    if (estimate.method == "dm") continue;
    EXPECT_LE(estimate.low, real_rate) << estimate.method;
    EXPECT_GE(estimate.high, real_rate) << estimate.method;
  }
  EXPECT_GT(report.gain.low, 0) << "loans are taken more often than cards";
}

TEST_F(WhatIf, ItCanBeCancelled) {
  hub_.Define(kShop);
  for (int i = 0; i < 1100; ++i) Do("ana", "Page");
  SimulationOptions options = Options(ChangeOf(Cap(1)), Now());
  options.progress = [](const SimulationProgress&) { return absl::CancelledError(""); };
  ASSERT_TRUE(hub_.disk().MakeDirectory(options.folder).ok());
  EXPECT_EQ(Simulate(options).status().code(), absl::StatusCode::kCancelled);
}

// ---- Where nothing is changed

class Unchanged : public WhatIf, public testing::WithParamInterface<uint64_t> {};

constexpr std::string_view kCompany =
    "{kind: hub, name: default, spec: {currency: MXN, timeZone: UTC}}\n"
    "---\n{kind: model, name: taste, spec: {type: adaptive, predictors: [{name: orders, value: "
    "'events(\"Order Completed\").within(\"30d\").count()'}]}}\n"
    "---\n{kind: action, name: card, spec: {title: Card, value: {amount: \"100.00\", currency: "
    "MXN}, cost: {amount: \"2.00\", currency: MXN}, accept: {event: Card Requested}}}\n"
    "---\n{kind: action, name: loan, spec: {title: Loan, value: {amount: \"80.00\", currency: "
    "MXN}, cost: {amount: \"1.00\", currency: MXN}, eligible: '\"buyers\" in person.segments'}}\n"
    "---\n{kind: segment, name: buyers, spec: {rule: 'events(\"Order "
    "Completed\").within(\"2d\").count() >= 1', purpose: marketing}}\n"
    "---\n{kind: placement, name: home, spec: {channel: web, model: taste, expiresAfter: 1h, "
    "ignoredAfter: 5h}}\n"
    "---\n{kind: treatment, name: card-web, spec: {action: card, channel: web, "
    "placements: [home], variants: [{name: a, content: {}}]}}\n"
    "---\n{kind: treatment, name: loan-web, spec: {action: loan, channel: web, "
    "placements: [home], variants: [{name: a, content: {}}]}}\n"
    "---\n{kind: policy, name: daily, spec: {cap: {scope: person, max: 3, window: 1d}}}\n"
    "---\n{kind: policy, name: pause, spec: {suppress: {scope: action, refusals: 2, for: 5d, "
    "countIgnored: true}}}\n"
    "---\n{kind: budget, name: daily, spec: {limit: {amount: \"40.00\", currency: MXN}, per: "
    "day}}\n"
    "---\n{kind: holdout, name: control, spec: {share: 0.1}}\n";

// Questions, answers, orders and people who turn out to be one, over some days.
class Days {
 public:
  Days(engine::TestHub& hub, uint64_t seed) : hub_(hub), random_(seed, base::Id128{0, 9}, "", "") {}

  void Live(int steps) {
    for (int i = 0; i < steps; ++i) Step();
  }

 private:
  std::string User() { return base::StrCat("u", random_.Below(25)); }
  void Step() {
    switch (random_.Below(9)) {
      case 0:
      case 1:
      case 2:
      case 3: {
        const decision::Decision made = hub_.Decide(User());
        if (!made.chosen(0).nothing()) made_.push_back(made);
        break;
      }
      case 4:
      case 5:
        if (!made_.empty()) {
          hub_.Report(made_[random_.Below(made_.size())],
                      static_cast<OutcomeKind>(random_.Below(5)));
        }
        break;
      case 6:
        Send(random_.Below(2) == 0 ? "Order Completed" : "Card Requested", {{"user_id", User()}});
        break;
      case 7:
        Send("Signed In", {{"user_id", User()},
                           {"email", base::StrCat("e", random_.Below(20), "@example.com")}});
        break;
      default:
        hub_.Advance(base::Duration{static_cast<int64_t>(random_.Below(4'000'000'000))});
    }
  }
  void Send(const std::string& name, std::vector<std::pair<std::string, std::string>> ids) {
    hub_.Append({hub_.Event({.name = name, .identifiers = std::move(ids)})});
  }

  engine::TestHub& hub_;
  base::Random random_;
  std::vector<decision::Decision> made_;
};

TEST_P(Unchanged, NothingDiffers) {
  threads_ = 1 + GetParam() % 2;
  hub_.Define(kCompany);
  Days days(hub_, GetParam());
  days.Live(150);
  const base::Time from = Now();
  days.Live(200);
  hub_.Crash(GetParam());
  hub_.Define(
      "{kind: action, name: card, spec: {title: Card, value: {amount: \"150.00\", "
      "currency: MXN}, cost: {amount: \"2.00\", currency: MXN}, applicable: "
      "'events(\"Signed In\").within(\"9d\").count() >= 1'}}\n");
  days.Live(200);
  // The budget as it is says nothing new, and so does nothing at all.
  const Comparison compared =
      Run("{kind: budget, name: daily, spec: {limit: {amount: \"40.00\", currency: MXN}, per: "
          "day}}\n",
          from);
  EXPECT_GT(compared.decisions, 100u);
  EXPECT_GT(Of(compared, kReal, "card").shown, 3u);
  ExpectNoDifference(compared);
}

// Also by a change that says something new which nobody can feel.
TEST_P(Unchanged, NothingDiffersByWhatNobodyFeels) {
  hub_.Define(kCompany);
  Days days(hub_, GetParam() + 100);
  days.Live(150);
  const base::Time from = Now();
  days.Live(300);
  const Comparison compared =
      Run("{kind: segment, name: rich, spec: {rule: 'events(\"Order "
          "Completed\").within(\"70d\").count() >= 900', purpose: marketing}}\n",
          from);
  EXPECT_GT(compared.decisions, 100u);
  ExpectNoDifference(compared);
}

// One course waits for the other or both are folded at the same time: it is counted the same.
TEST_P(Unchanged, TwoThreadsFindWhatOneFinds) {
  hub_.Define(kCompany);
  Days days(hub_, GetParam() + 200);
  days.Live(100);
  const base::Time from = Now();
  days.Live(300);
  constexpr std::string_view kOnce =
      "{kind: policy, name: daily, spec: {cap: {scope: person, max: 1, window: 3d}}}\n";
  const Comparison two = Run(kOnce, from);
  threads_ = 1;
  const Comparison one = Run(kOnce, from);
  EXPECT_GT(one.changed, 3u);
  EXPECT_EQ(std::tie(one.decisions, one.changed, one.not_made, one.people, one.affected, one.passed,
                     one.dropped, one.unseen, one.estimated_from),
            std::tie(two.decisions, two.changed, two.not_made, two.people, two.affected, two.passed,
                     two.dropped, two.unseen, two.estimated_from));
  EXPECT_EQ(one.actions, two.actions);
  EXPECT_EQ(one.falls, two.falls);
  EXPECT_EQ(one.constraints, two.constraints);
  ASSERT_EQ(one.estimates.size(), two.estimates.size());
  for (size_t i = 0; i < one.estimates.size(); ++i) {
    EXPECT_EQ(one.estimates[i].report.gain.value, two.estimates[i].report.gain.value);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Unchanged, testing::Range<uint64_t>(1, 9));

}  // namespace
}  // namespace batuta::whatif
