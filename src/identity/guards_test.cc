#include "identity/guards.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "identity/refs.h"

namespace batuta::identity {
namespace {

constexpr int64_t kDay = 86'400'000'000;

Counted Of(const std::string& type, uint64_t value, int64_t added_at = 0) {
  Counted counted;
  counted.set_type(type);
  counted.mutable_hash()->set_high(value);
  counted.add_added_at(added_at);
  counted.set_counted(true);
  return counted;
}

Tally Of(const std::vector<Counted>& identifiers) {
  Tally tally;
  for (const Counted& identifier : identifiers) tally.Add(identifier);
  return tally;
}

std::optional<Reason> Add(const Tally& present, const Counted& added, bool asserted = false) {
  return JudgeAddition(present, {&added, 1}, asserted, Settings());
}

TEST(Guards, SecondValueOfAUniqueTypeNeedsAnAssertion) {
  const Tally tally = Of({Of("user_id", 1)});
  EXPECT_EQ(Add(tally, Of("user_id", 2)), NOT_UNIQUE);
  EXPECT_EQ(Add(tally, Of("user_id", 2), true), std::nullopt);
  EXPECT_EQ(Add(tally, Of("email", 2)), std::nullopt);
}

TEST(Guards, SixthValueInsideTheWindowIsTooMany) {
  Tally tally;
  for (uint64_t i = 0; i < 5; ++i) tally.Add(Of("email", i, static_cast<int64_t>(i) * kDay));
  EXPECT_EQ(Add(tally, Of("email", 9, 100 * kDay)), OVER_LIMIT);
  EXPECT_EQ(Add(tally, Of("email", 9, -300 * kDay)), OVER_LIMIT) << "late events count as well";
}

TEST(Guards, ValuesExactlyOneWindowApartDoNotShareIt) {
  Tally tally;
  for (uint64_t i = 0; i < 5; ++i) tally.Add(Of("email", i, 0));
  EXPECT_EQ(Add(tally, Of("email", 9, 365 * kDay)), std::nullopt);
  EXPECT_EQ(Add(tally, Of("email", 9, 365 * kDay - 1)), OVER_LIMIT);
}

TEST(Guards, WindowElsewhereThatIsBrokenAlreadyDoesNotForbidAnAddition) {
  Tally tally;
  for (uint64_t i = 0; i < 7; ++i) tally.Add(Of("email", i, 0));
  EXPECT_EQ(Add(tally, Of("email", 9, 1000 * kDay)), std::nullopt);
}

TEST(Guards, UncountedIdentifierRemembersOnlyItsTime) {
  Counted moved = Of("email", 1, 3 * kDay);
  moved.set_counted(false);
  Tally tally = Of({moved});
  EXPECT_EQ(tally.size(), 0u);
  tally.Add(Of("email", 1, 9 * kDay));
  EXPECT_EQ(tally.size(), 1u);
  EXPECT_THAT(tally.List()[0].added_at(), testing::ElementsAre(3 * kDay, 9 * kDay));
}

// Of the two persons who list it, one may yet go away: the limit must hold for either time.
TEST(Guards, IdentifierListedAtTwoTimesCountsAtEach) {
  Tally tally;
  for (uint64_t i = 0; i < 4; ++i) tally.Add(Of("email", i, 365 * kDay));
  tally.Add(Of("email", 4, 0));
  EXPECT_EQ(Add(tally, Of("email", 9, 365 * kDay)), std::nullopt);
  tally.Add(Of("email", 4, 365 * kDay));
  EXPECT_EQ(tally.size(), 5u);
  EXPECT_EQ(Add(tally, Of("email", 9, 365 * kDay)), OVER_LIMIT);
}

TEST(Guards, ReservationsCount) {
  PersonIdentity person;
  Reservation& reservation = *person.add_reservations();
  reservation.mutable_person()->set_record_low(5);
  *reservation.add_identifiers() = Of("user_id", 1);
  reservation.set_merges(3);
  const Tally tally(person);
  EXPECT_EQ(tally.size(), 1u);
  EXPECT_EQ(tally.merges, 4u);
  EXPECT_EQ(Add(tally, Of("user_id", 2)), NOT_UNIQUE);
  EXPECT_EQ(Tally(person, &person.reservations(0).person()).size(), 0u);
}

TEST(Guards, TwoUsersMergeOnlyWhenAsserted) {
  const Tally a = Of({Of("user_id", 1)});
  const Tally b = Of({Of("user_id", 2)});
  EXPECT_FALSE(MayMerge(a, b, {}, Settings()));
  EXPECT_TRUE(MayMerge(a, b, {.asserted = true}, Settings()));
}

TEST(Guards, UniquenessBrokenByAnAssertionDoesNotForbidEverythingElse) {
  const Tally both = Of({Of("user_id", 1), Of("user_id", 2)});
  EXPECT_TRUE(MayMerge(both, Of({Of("anonymous_id", 7)}), {}, Settings()));
  EXPECT_FALSE(MayMerge(both, Of({Of("user_id", 3)}), {}, Settings()));
}

TEST(Guards, WeakIdentifierNeverBridgesTwoWithUniqueIdentifiers) {
  const Settings settings = Settings::Make({{.type = "user_id", .priority = 1, .unique = true},
                                            {.type = "card", .priority = 2, .unique = true}},
                                           1000, 100);
  const Tally user = Of({Of("user_id", 1)});
  const Tally card = Of({Of("card", 2)});
  EXPECT_TRUE(MayMerge(user, card, {}, settings));
  EXPECT_FALSE(MayMerge(user, card, {.weak = true}, settings));
  EXPECT_TRUE(MayMerge(user, card, {.weak = true, .asserted = true}, settings));
  EXPECT_TRUE(MayMerge(user, Of({Of("email", 3)}), {.weak = true}, settings));
  EXPECT_TRUE(MayMerge(user, Of({Of("user_id", 1)}), {.weak = true}, settings));
}

TEST(Guards, MergeCountsThoseOfBothAndItself) {
  const Settings settings = Settings::Make({}, 1000, 4);
  Tally a;
  Tally b;
  a.merges = 2;
  b.merges = 1;
  EXPECT_TRUE(MayMerge(a, b, {}, settings));
  b.merges = 2;
  EXPECT_FALSE(MayMerge(a, b, {}, settings));
  EXPECT_FALSE(MayMerge(a, b, {.asserted = true}, settings));
}

TEST(Guards, TooManyIdentifiersInAll) {
  const Settings settings = Settings::Make({}, 3, 100);
  const Tally a = Of({Of("a", 1), Of("b", 2)});
  EXPECT_TRUE(MayMerge(a, Of({Of("c", 3), Of("a", 1)}), {}, settings));
  EXPECT_FALSE(MayMerge(a, Of({Of("c", 3), Of("d", 4)}), {}, settings));
}

}  // namespace
}  // namespace batuta::identity
