#include "profile/group.h"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "base/json.h"
#include "base/value.h"
#include "gtest/gtest.h"

namespace batuta::profile {
namespace {

const std::string kAcme(16, 'a');

std::string Person(uint64_t number) {
  base::ByteWriter writer;
  writer.U64(number * 0x9E3779B97F4A7C15u);
  writer.U64(number);
  writer.Raw("abc");
  return writer.Take();
}

Stamp At(int64_t time, uint64_t offset = 1) { return {.event_time = time, .offset = offset}; }

Member MakeMember(uint64_t number, int64_t time, bool left = false, std::string role = "user") {
  Member member;
  member.set_person(Person(number));
  member.set_role(role);
  member.set_left(left);
  member.set_joined_time(time);
  SetStamp(At(time), member);
  return member;
}

TEST(Membership, TheNewestStatementDecidesTheRoleAndTheOldestTheJoining) {
  Profile profile;
  const GroupStatement admin{.group = kAcme, .id = "acme", .role = "admin"};
  const GroupStatement user{.group = kAcme, .id = "acme", .role = "user"};
  EXPECT_TRUE(StateMembership(admin, At(20), profile));
  EXPECT_TRUE(StateMembership(user, At(10), profile));
  EXPECT_FALSE(StateMembership(user, At(10), profile));
  ASSERT_EQ(profile.groups_size(), 1);
  EXPECT_EQ(profile.groups(0).role(), "admin");
  EXPECT_EQ(profile.groups(0).joined_time(), 10);
}

TEST(Membership, NewerCopiesOfTheGroupsTraitsReplaceOlderOnes) {
  Profile profile;
  GroupTraits traits;
  traits.set_version(5);
  EXPECT_FALSE(CopyGroupTraits(kAcme, traits, profile));
  StateMembership({.group = kAcme, .id = "acme", .role = ""}, At(1), profile);
  EXPECT_TRUE(CopyGroupTraits(kAcme, traits, profile));
  traits.set_version(4);
  EXPECT_FALSE(CopyGroupTraits(kAcme, traits, profile));
}

TEST(Group, ResolvesTraitsForItsMembersSortedByName) {
  const Rules rules;
  GroupRow row;
  const base::Fields traits =
      base::ParseJson(R"({"plan":"gold","employees":12,"gone":null})").value().object();
  EXPECT_TRUE(StateGroupTraits(rules, traits, {.source = "crm", .stamp = At(5)}, row));
  EXPECT_FALSE(StateGroupTraits(rules, traits, {.source = "crm", .stamp = At(6)}, row));
  const GroupTraits resolved = ResolveGroupTraits(rules, row, 9);
  EXPECT_EQ(resolved.version(), 9u);
  EXPECT_EQ(base::ToJson(resolved.traits()), R"({"employees":12,"plan":"gold"})");
}

// A group and its block rows, kept as the engine keeps them.
struct Rows {
  GroupRow row;
  std::map<uint32_t, MemberBlock> blocks;

  MemberChange State(const Member& member) {
    const std::optional<uint32_t> number = MemberBlockFor(row, member.person());
    MemberChange change = StateMember(member, row, blocks[number.value_or(0)]);
    if (change.split_number.has_value()) blocks[*change.split_number] = change.split;
    return change;
  }

  void Remove(const std::string& person) {
    EXPECT_TRUE(RemoveMember(person, row, blocks[MemberBlockFor(row, person).value()]).changed);
  }

  std::vector<std::string> InOrder() const {
    std::vector<std::string> persons;
    for (const uint32_t number : row.block_number()) {
      const auto& members = blocks.at(number).members();
      EXPECT_LE(members.size(), kMaxBlockMembers);
      for (const Member& member : members) persons.push_back(member.person());
    }
    return persons;
  }
};

TEST(Group, MembersStandInOrderInBoundedBlocks) {
  std::mt19937_64 random(1);
  Rows rows;
  std::vector<uint64_t> numbers(3000);
  for (uint64_t i = 0; i < numbers.size(); ++i) numbers[i] = i;
  std::shuffle(numbers.begin(), numbers.end(), random);
  std::vector<std::string> expected;
  for (const uint64_t number : numbers) {
    EXPECT_TRUE(rows.State(MakeMember(number, 5)).changed);
    EXPECT_FALSE(rows.State(MakeMember(number, 5)).changed);
    expected.push_back(Person(number));
  }
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(rows.InOrder(), expected);
  EXPECT_EQ(rows.row.members(), 3000u);
  for (uint64_t number = 0; number < 1000; ++number) rows.Remove(Person(number));
  EXPECT_EQ(rows.row.members(), 2000u);
  EXPECT_EQ(rows.InOrder().size(), 2000u);
}

TEST(Group, ALeavingIsNotUndoneByAnOlderJoining) {
  Rows rows;
  rows.State(MakeMember(1, 20, true));
  EXPECT_EQ(rows.row.members(), 0u);
  rows.State(MakeMember(1, 10));
  EXPECT_EQ(rows.row.members(), 0u);
  rows.State(MakeMember(1, 30));
  EXPECT_EQ(rows.row.members(), 1u);
  EXPECT_EQ(rows.blocks[0].members(0).joined_time(), 10);
}

TEST(Group, AFullGroupRefusesNewMembersAndKeepsTheOthers) {
  Rows rows;
  // In descending order every split leaves the upper half behind, half full.
  uint64_t taken = 0;
  for (uint64_t i = 0; i < 400'000; ++i) {
    Member member = MakeMember(1, 5);
    base::ByteWriter key;
    key.U64(400'000 - i);
    member.set_person(key.bytes() + std::string(11, 'x'));
    if (rows.State(member).full) break;
    ++taken;
  }
  EXPECT_EQ(rows.row.block_first_size(), kMaxMemberBlocks);
  EXPECT_EQ(rows.row.members(), taken);
  EXPECT_GT(taken, 60'000u);
}

}  // namespace
}  // namespace batuta::profile
