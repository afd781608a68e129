#include "segment/member_set.h"

#include <gmock/gmock.h>

#include <set>

#include "base/random.h"

namespace batuta::segment {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(MemberSet, CountsAsMembersComeAndGo) {
  MemberSet set;
  EXPECT_TRUE(set.Add(7));
  EXPECT_FALSE(set.Add(7));
  EXPECT_TRUE(set.Add(4'000'000'000));
  EXPECT_EQ(set.count(), 2U);
  EXPECT_TRUE(set.Contains(4'000'000'000));
  EXPECT_TRUE(set.Remove(7));
  EXPECT_FALSE(set.Remove(7));
  EXPECT_EQ(set.count(), 1U);
  EXPECT_FALSE(set.Contains(7));
}

TEST(MemberSet, ListsFromANumberOn) {
  MemberSet set;
  for (const uint32_t person : {5U, 70'000U, 1U, 70'001U}) set.Add(person);
  EXPECT_THAT(set.From(0, 10), ElementsAre(1, 5, 70'000, 70'001));
  EXPECT_THAT(set.From(5, 2), ElementsAre(5, 70'000));
  EXPECT_THAT(set.From(70'002, 2), IsEmpty());
}

TEST(MemberSet, ChangedPartsAreStoredAndTakenUp) {
  MemberSet set;
  std::set<uint32_t> model;
  base::Random random(1, {}, "members", "");
  for (int i = 0; i < 20'000; ++i) {
    const auto person = static_cast<uint32_t>(random.Below(200'000));
    if (random.Uniform() < 0.3) {
      EXPECT_EQ(set.Remove(person), model.erase(person) == 1);
    } else {
      EXPECT_EQ(set.Add(person), model.insert(person).second);
    }
  }
  EXPECT_EQ(set.count(), model.size());
  const std::vector<uint16_t> parts = set.TakeChangedParts();
  EXPECT_THAT(parts, ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(set.TakeChangedParts(), IsEmpty());
  MemberSet again;
  for (const uint16_t part : parts) {
    ASSERT_TRUE(again.DecodePart(part, set.EncodePart(part)).ok());
  }
  EXPECT_EQ(again.count(), model.size());
  EXPECT_EQ(again.From(0, model.size() + 1), std::vector<uint32_t>(model.begin(), model.end()));
  EXPECT_THAT(again.TakeChangedParts(), IsEmpty());
}

TEST(MemberSet, APartWithoutMembersIsNothing) {
  MemberSet set;
  set.Add(65'536);
  set.Remove(65'536);
  EXPECT_THAT(set.TakeChangedParts(), ElementsAre(1));
  EXPECT_EQ(set.EncodePart(1), "");
}

TEST(MemberSet, RefusesBytesThatAreNoPartOrOfAnotherPlace) {
  MemberSet set;
  set.Add(65'536);
  const std::string part = set.EncodePart(1);
  MemberSet other;
  EXPECT_TRUE(absl::IsDataLoss(other.DecodePart(1, "nonsense")));
  EXPECT_TRUE(absl::IsDataLoss(other.DecodePart(1, part.substr(0, part.size() / 2))));
  EXPECT_TRUE(absl::IsDataLoss(other.DecodePart(0, part)));
  EXPECT_EQ(other.count(), 0U);
}

TEST(MemberSet, CountsWhatTwoHaveInCommon) {
  MemberSet even;
  MemberSet third;
  for (uint32_t i = 0; i < 300'000; ++i) {
    if (i % 2 == 0) even.Add(i);
    if (i % 3 == 0) third.Add(i);
  }
  EXPECT_EQ(even.CountCommon(third), 50'000U);
}

}  // namespace
}  // namespace batuta::segment
