#include "segment/membership.h"

#include <gmock/gmock.h>

#include "base/random.h"

namespace batuta::segment {
namespace {

Memberships Random(base::Random& random) {
  Memberships memberships;
  for (uint64_t edition = 1; edition <= 6; ++edition) {
    if (random.Uniform() < 0.5) continue;
    Enter(edition, base::Time{static_cast<int64_t>(random.Below(3))},
          random.Uniform() < 0.5 ? profile::Cause::kLive : profile::Cause::kMerge, memberships);
  }
  return memberships;
}

std::string Bytes(const Memberships& memberships) {
  std::string bytes;
  for (const Membership& one : memberships) bytes += one.SerializeAsString() + "|";
  return bytes;
}

Memberships Merged(Memberships a, const Memberships& b) {
  Merge(b, a);
  return a;
}

TEST(Membership, StandsByDefinitionWhateverTheOrderOfEntering) {
  Memberships memberships;
  for (const uint64_t edition : {9U, 2U, 5U}) {
    Enter(edition, base::Time{static_cast<int64_t>(edition)}, profile::Cause::kLive, memberships);
  }
  ASSERT_EQ(memberships.size(), 3);
  EXPECT_EQ(memberships[0].edition(), 2U);
  EXPECT_EQ(memberships[2].edition(), 9U);
  ASSERT_NE(Find(memberships, 5), nullptr);
  EXPECT_EQ(Find(memberships, 5)->since(), 5);
  EXPECT_EQ(Find(memberships, 4), nullptr);
  EXPECT_TRUE(Leave(5, memberships));
  EXPECT_FALSE(Leave(5, memberships));
  EXPECT_EQ(memberships.size(), 2);
}

TEST(Membership, MergingIsCommutativeAndAssociativeAndKeepsTheEarlier) {
  base::Random random(3, {}, "merge", "");
  for (int i = 0; i < 500; ++i) {
    const Memberships a = Random(random);
    const Memberships b = Random(random);
    const Memberships c = Random(random);
    EXPECT_EQ(Bytes(Merged(a, b)), Bytes(Merged(b, a)));
    EXPECT_EQ(Bytes(Merged(Merged(a, b), c)), Bytes(Merged(a, Merged(b, c))));
    EXPECT_EQ(Bytes(Merged(a, a)), Bytes(a));
    for (const Membership& one : Merged(a, b)) {
      for (const Memberships* side : {&a, &b}) {
        const Membership* before = Find(*side, one.edition());
        if (before != nullptr) {
          EXPECT_LE(one.since(), before->since());
        }
      }
    }
  }
}

}  // namespace
}  // namespace batuta::segment
