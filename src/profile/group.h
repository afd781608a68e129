// Groups: accounts, households, companies. A person holds memberships with a copy of the group's
// traits; the group's own row, at its home partition, holds its traits and its members.
//
// Members stand in blocks (rows of their own) in the order of their person ids; the group's row
// holds the first id of each. The caller reads the block that MemberBlockFor names, passes it to
// StateMember and writes back what changed. At most 1024 blocks of 128: about 100,000 members.
//
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "profile/order.h"
#include "profile/profile.pb.h"
#include "profile/survivorship.h"

namespace batuta::profile {

inline constexpr int kMaxGroups = 64;  // of a person; the smaller group hashes stay
inline constexpr int kMaxBlockMembers = 128;
inline constexpr int kMaxMemberBlocks = 1024;

// "This person is in that group", or left it.
struct GroupStatement {
  std::string_view group = {};  // identifier hash, 16 bytes
  std::string_view id = {};     // as the source wrote it
  std::string_view role = {};
  bool left = false;
};

// False if nothing changed. The newest statement decides role and leaving; joining is the earliest.
bool StateMembership(const GroupStatement& statement, const Stamp& stamp, Profile& profile);
// Replaces the copied traits if the version is newer. False if not, or not a member.
bool CopyGroupTraits(std::string_view group, const GroupTraits& traits, Profile& profile);
void MergeMemberships(const Profile& from, Profile& into);

// Takes the traits that an event states about the group. True if a winner changed: then the members
// get a new copy.
bool StateGroupTraits(const Rules& rules, const base::Fields& traits, const Provenance& provenance,
                      GroupRow& row);
// The winners, sorted by name, to be copied to members.
GroupTraits ResolveGroupTraits(const Rules& rules, const GroupRow& row, uint64_t version);

// The number of the block where the person stands or would stand; nullopt while the group has none.
std::optional<uint32_t> MemberBlockFor(const GroupRow& row, std::string_view person);

struct MemberChange {
  bool changed = false;  // write the block (and the row) back
  bool full = false;     // refused: the group has as many members as it can
  uint32_t number = 0;   // of the block
  // The upper half of a block that grew too large: a new row.
  std::optional<uint32_t> split_number;
  MemberBlock split;
};

// `block` is the row that MemberBlockFor named, or an empty one. Takes a statement about a member;
// a leaving is kept, so that an older joining that comes later does not undo it.
MemberChange StateMember(const Member& member, GroupRow& row, MemberBlock& block);
// Takes a member away without trace: when a person was absorbed, whose member the survivor becomes.
MemberChange RemoveMember(std::string_view person, GroupRow& row, MemberBlock& block);

}  // namespace batuta::profile
