#include "segment/evaluation.h"

#include <gmock/gmock.h>

#include "base/random.h"
#include "base/text.h"
#include "segment/segment_testing.h"

namespace batuta::segment {
namespace {

constexpr std::string_view kCompany = R"(
kind: segment
name: gold
spec: {rule: 'person.traits.plan == "gold"'}
---
kind: segment
name: gold-abroad
spec: {rule: '"gold" in person.segments && person.traits.country != "MX"'}
---
kind: segment
name: quiet
spec: {rule: 'now - person.lastSeen > duration("1h")'}
---
kind: segment
name: soon
spec: {rule: 'timestamp(person.traits.renewal) - now <= duration("24h")'}
---
kind: segment
name: weekend
spec: {rule: 'now.getDayOfWeek("America/Mexico_City") in [0, 6]'}
)";

base::Time Seconds(int64_t seconds) { return {seconds * 1'000'000}; }

class EvaluationTest : public testing::Test {
 protected:
  bool Fits(std::string_view name, const profile::Profile& person, base::Time now,
            const Memberships& memberships = {}) {
    evaluation_.Bind({.profile = person, .now = now}, memberships);
    return evaluation_.Fits(*company_.segments->Find(name));
  }

  // Every change from `from` to `to` happens at a time that NextTurn gave; returns how many.
  int CheckTurns(std::string_view name, const profile::Profile& person, base::Time from,
                 base::Time to) {
    const Segment& segment = *company_.segments->Find(name);
    int changes = 0;
    for (base::Time now = from; now < to;) {
      evaluation_.Bind({.profile = person, .now = now}, none_);
      const bool fits = evaluation_.Fits(segment);
      const base::Time next = evaluation_.NextTurn(segment);
      EXPECT_GT(next, now);
      EXPECT_EQ(Fits(name, person, {std::min(next, to).micros - 1}), fits) << now.micros;
      if (next >= to) break;
      changes += Fits(name, person, next) != fits ? 1 : 0;
      now = next;
    }
    return changes;
  }

  const Company company_{kCompany};
  Evaluation evaluation_{company_.segments, company_.Meaning()};
  const Memberships none_;
};

TEST_F(EvaluationTest, AskThePersonAndWhatOthersSay) {
  ASSERT_EQ(company_.Problems(), "");
  const profile::Profile person =
      PersonWith(company_.rules, R"({"plan": "gold", "country": "CO"})");
  EXPECT_TRUE(Fits("gold", person, Seconds(10)));
  EXPECT_FALSE(Fits("gold-abroad", person, Seconds(10)));
  Memberships memberships;
  evaluation_.UseEditions({11, 12, 13, 14, 15});
  ASSERT_EQ(company_.segments->all()[0].name, "gold");
  Enter(11, {}, profile::Cause::kLive, memberships);
  EXPECT_TRUE(Fits("gold-abroad", person, Seconds(10), memberships));
  EXPECT_FALSE(Fits("gold", PersonWith(company_.rules, "{}"), Seconds(10)));
}

TEST_F(EvaluationTest, TimeTurnsComparisonsAtTheMicrosecond) {
  const profile::Profile person = PersonWith(company_.rules, "{}");  // last seen in second 1
  evaluation_.Bind({.profile = person, .now = Seconds(10)}, none_);
  const Segment& quiet = *company_.segments->Find("quiet");
  EXPECT_EQ(evaluation_.NextTurn(quiet), Seconds(3601));
  EXPECT_FALSE(Fits("quiet", person, Seconds(3601)));
  evaluation_.Bind({.profile = person, .now = Seconds(3601)}, none_);
  EXPECT_EQ(evaluation_.NextTurn(quiet), base::Time{Seconds(3601).micros + 1});
  EXPECT_TRUE(Fits("quiet", person, {Seconds(3601).micros + 1}));
  evaluation_.Bind({.profile = person, .now = Seconds(5000)}, none_);
  EXPECT_EQ(evaluation_.NextTurn(quiet), base::kDistantFuture);
}

TEST_F(EvaluationTest, NoChangeComesUnannounced) {
  base::Random random(4, {}, "turns", "");
  constexpr int64_t kDay = 86'400;
  for (int i = 0; i < 50; ++i) {
    const auto at = static_cast<int64_t>(1'700'000'000 + random.Below(100 * kDay));
    const profile::Profile person = PersonWith(
        company_.rules, base::StrCat(R"({"renewal": ")", base::FormatRfc3339(Seconds(at)), "\"}"));
    EXPECT_EQ(CheckTurns("soon", person, Seconds(at - 3 * kDay), Seconds(at + kDay)), 1);
  }
  const profile::Profile person = PersonWith(company_.rules, "{}");
  // Three weekends begin and three end.
  EXPECT_EQ(
      CheckTurns("weekend", person, Seconds(1'700'000'000), Seconds(1'700'000'000 + 21 * kDay)), 6);
}

}  // namespace
}  // namespace batuta::segment
