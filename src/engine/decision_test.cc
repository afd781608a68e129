// Decisions asked of a whole hub under an idempotency key.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "base/value.h"
#include "decision/decide.h"
#include "decision/decision.pb.h"
#include "engine/hub_testing.h"

namespace batuta::engine {
namespace {

constexpr std::string_view kShop =
    "{kind: action, name: card, spec: {title: Card, value: {amount: \"1.00\", currency: MXN}}}\n"
    "---\n{kind: placement, name: home, spec: {channel: web, slots: 2}}\n"
    "---\n{kind: placement, name: list, spec: {channel: web, slots: 2}}\n"
    "---\n{kind: treatment, name: card-web, spec: {action: card, channel: web, "
    "placements: [home, list], variants: [{name: a, content: {}}]}}\n";

class IdempotentDecision : public testing::Test {
 protected:
  // Asks about Ana under the key, whose request has always the same id.
  absl::StatusOr<decision::Decision> Ask(const decision::DecisionRequest& question) {
    const base::RecordId id{base::Hash128("key")};
    decision::DecisionRequest request = question;
    request.set_idempotency_key("key");
    absl::StatusOr<std::string> answer = absl::UnknownError("no answer");
    hub_.hub().runtime().Await(
        id, [&answer](absl::StatusOr<std::string> made) { answer = std::move(made); });
    hub_.Append({hub_.DecisionEntry(id, "ana", request)});
    if (!answer.ok()) return answer.status();
    decision::Decision decision;
    EXPECT_TRUE(decision::Parse(*answer, decision));
    return decision;
  }

  static decision::DecisionRequest Question(std::string_view placement, uint32_t slots = 0) {
    decision::DecisionRequest question;
    question.set_placement(std::string(placement));
    question.set_slots(slots);
    return question;
  }

  TestHub hub_;
};

TEST_F(IdempotentDecision, IsMadeOnce) {
  hub_.Define(kShop);
  EXPECT_TRUE(Ask(Question("home")).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(Ask(Question("home")).status()));
  EXPECT_EQ(hub_.Totals().decisions(), 1u);
}

TEST_F(IdempotentDecision, EveryPartOfTheRequestTellsAnotherQuestion) {
  hub_.Define(kShop);
  ASSERT_TRUE(Ask(Question("home", 1)).ok());
  decision::DecisionRequest context = Question("home", 1);
  base::SetField(*context.mutable_context(), "page", base::TextValue("cards"));
  for (const auto& other : {Question("list", 1), Question("home", 2), Question("home"), context}) {
    EXPECT_TRUE(absl::IsFailedPrecondition(Ask(other).status())) << other.ShortDebugString();
  }
  EXPECT_TRUE(absl::IsAlreadyExists(Ask(Question("home", 1)).status()));
  EXPECT_EQ(hub_.Totals().decisions(), 1u);
}

TEST_F(IdempotentDecision, ARefusedRequestDoesNotUseUpItsKey) {
  for (uint64_t crash = 0; crash < 2; ++crash) {
    EXPECT_TRUE(absl::IsNotFound(Ask(Question("home")).status())) << "no placement is defined";
    if (crash > 0) hub_.Crash(crash);
  }
  hub_.Define(kShop);
  EXPECT_TRUE(absl::IsInvalidArgument(Ask(Question("home", 3)).status())) << "it has 2 slots";
  EXPECT_TRUE(Ask(Question("home", 2)).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(Ask(Question("home", 2)).status()));
}

TEST_F(IdempotentDecision, AKeyThatIsUsedAgainMuchLaterMakesNoSecondDecision) {
  hub_.Define(kShop);
  ASSERT_TRUE(Ask(Question("home")).ok());
  hub_.Advance(base::Days(30));
  EXPECT_TRUE(absl::IsAlreadyExists(Ask(Question("home")).status()));
  EXPECT_EQ(hub_.Totals().decisions(), 1u);
}

}  // namespace
}  // namespace batuta::engine
