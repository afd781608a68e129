#include "profile/group.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/status.h"
#include "base/value.h"
#include "profile/sorted.h"

namespace batuta::profile {
namespace {

using Memberships = google::protobuf::RepeatedPtrField<Membership>;
using Members = google::protobuf::RepeatedPtrField<Member>;

constexpr size_t kHashBytes = 16;
constexpr size_t kPersonBytes = 19;

int PlaceOf(const Memberships& groups, std::string_view group) {
  return FirstNotBefore(groups, [&](const Membership& other) { return other.group() < group; });
}

Membership* FindMembership(Memberships& groups, std::string_view group) {
  const int place = PlaceOf(groups, group);
  return place < groups.size() && groups.Get(place).group() == group ? groups.Mutable(place)
                                                                     : nullptr;
}

// What decides between two statements; beyond the stamp for broken input only.
auto Newness(const Membership& membership) {
  return std::make_tuple(StampOf(membership), membership.left(),
                         std::string_view(membership.role()), std::string_view(membership.id()));
}

auto Newness(const Member& member) {
  return std::make_tuple(StampOf(member), member.left(), std::string_view(member.role()));
}

bool TakeCopy(const GroupTraits& traits, Membership& membership) {
  const bool known = membership.has_copied() && membership.copied().version() >= traits.version();
  if (known) return false;
  *membership.mutable_copied() = traits;
  return true;
}

// Takes a statement, or all that another profile knows of the membership.
bool TakeMembership(const Membership& statement, Profile& profile) {
  Memberships& groups = *profile.mutable_groups();
  if (Membership* known = FindMembership(groups, statement.group()); known != nullptr) {
    bool changed = statement.has_copied() && TakeCopy(statement.copied(), *known);
    if (statement.joined_time() < known->joined_time()) {
      known->set_joined_time(statement.joined_time());
      changed = true;
    }
    if (Newness(statement) <= Newness(*known)) return changed;
    known->set_id(statement.id());
    known->set_role(statement.role());
    known->set_left(statement.left());
    SetStamp(StampOf(statement), *known);
    return true;
  }
  const int place = PlaceOf(groups, statement.group());
  InsertAt(groups, place) = statement;
  // The greatest hashes fall: a fixed order, so the laws hold.
  if (groups.size() <= kMaxGroups) return true;
  groups.RemoveLast();
  return place < kMaxGroups;
}

int BlockIndexFor(const GroupRow& row, std::string_view person) {
  BATUTA_CHECK(row.block_first_size() > 0);
  int index = row.block_first_size() - 1;
  int low = 0;
  while (low < index) {
    const int middle = low + (index - low + 1) / 2;
    if (std::string_view(row.block_first(middle)) <= person) {
      low = middle;
    } else {
      index = middle - 1;
    }
  }
  return index;
}

int PlaceOf(const Members& members, std::string_view person) {
  return FirstNotBefore(members, [&](const Member& other) { return other.person() < person; });
}

bool StandsAt(const Members& members, int place, std::string_view person) {
  return place < members.size() && members.Get(place).person() == person;
}

// A new block in the row's index, after `index`.
uint32_t AddBlock(std::string_view first, int index, uint32_t count, GroupRow& row) {
  const uint32_t number = row.next_block();
  row.set_next_block(number + 1);
  InsertAt(*row.mutable_block_first(), index).assign(first.data(), first.size());
  row.add_block_number(number);
  std::rotate(row.mutable_block_number()->begin() + index, row.mutable_block_number()->end() - 1,
              row.mutable_block_number()->end());
  row.add_block_count(count);
  std::rotate(row.mutable_block_count()->begin() + index, row.mutable_block_count()->end() - 1,
              row.mutable_block_count()->end());
  return number;
}

void Split(int index, GroupRow& row, MemberBlock& block, MemberChange& change) {
  Members& members = *block.mutable_members();
  const int half = members.size() / 2;
  for (int i = half; i < members.size(); ++i) change.split.add_members()->Swap(members.Mutable(i));
  members.DeleteSubrange(half, members.size() - half);
  row.set_block_count(index, static_cast<uint32_t>(half));
  change.split_number = AddBlock(change.split.members(0).person(), index + 1,
                                 static_cast<uint32_t>(change.split.members_size()), row);
}

bool UpdateMember(const Member& statement, Member& known, GroupRow& row) {
  bool changed = false;
  if (statement.joined_time() < known.joined_time()) {
    known.set_joined_time(statement.joined_time());
    changed = true;
  }
  if (Newness(statement) <= Newness(known)) return changed;
  if (known.left() && !statement.left()) row.set_members(row.members() + 1);
  if (!known.left() && statement.left()) row.set_members(row.members() - 1);
  known.set_role(statement.role());
  known.set_left(statement.left());
  SetStamp(StampOf(statement), known);
  return true;
}

}  // namespace

bool StateMembership(const GroupStatement& statement, const Stamp& stamp, Profile& profile) {
  BATUTA_CHECK(statement.group.size() == kHashBytes);
  Membership membership;
  membership.set_group(statement.group.data(), statement.group.size());
  membership.set_id(statement.id.data(), statement.id.size());
  membership.set_role(statement.role.data(), statement.role.size());
  membership.set_left(statement.left);
  membership.set_joined_time(stamp.event_time);
  SetStamp(stamp, membership);
  return TakeMembership(membership, profile);
}

bool CopyGroupTraits(std::string_view group, const GroupTraits& traits, Profile& profile) {
  Membership* membership = FindMembership(*profile.mutable_groups(), group);
  return membership != nullptr && TakeCopy(traits, *membership);
}

void MergeMemberships(const Profile& from, Profile& into) {
  for (const Membership& membership : from.groups()) TakeMembership(membership, into);
}

bool StateGroupTraits(const Rules& rules, const base::Fields& traits, const Provenance& provenance,
                      GroupRow& row) {
  bool changed = false;
  for (const base::Field& trait : traits.fields()) {
    changed |= StateTrait(rules, trait, provenance, *row.mutable_traits());
  }
  return changed;
}

GroupTraits ResolveGroupTraits(const Rules& rules, const GroupRow& row, uint64_t version) {
  GroupTraits resolved;
  resolved.set_version(version);
  for (const TraitState& state : row.traits()) {
    const Resolution resolution = Resolve(rules.Of(state.name()), state);
    if (resolution.winner == nullptr) continue;
    base::Field& field = *resolved.mutable_traits()->add_fields();
    field.set_name(state.name());
    if (resolution.rule != RuleKind::kList) {
      *field.mutable_value() = resolution.winner->value();
      continue;
    }
    base::ValueList& list = *field.mutable_value()->mutable_list();
    for (const base::Value* value : resolution.list) *list.add_values() = *value;
  }
  return resolved;
}

std::optional<uint32_t> MemberBlockFor(const GroupRow& row, std::string_view person) {
  if (row.block_first_size() == 0) return std::nullopt;
  return row.block_number(BlockIndexFor(row, person));
}

MemberChange StateMember(const Member& member, GroupRow& row, MemberBlock& block) {
  BATUTA_CHECK(member.person().size() == kPersonBytes);
  if (row.block_first_size() == 0) AddBlock("", 0, 0, row);
  const int index = BlockIndexFor(row, member.person());
  MemberChange change;
  change.number = row.block_number(index);
  Members& members = *block.mutable_members();
  BATUTA_CHECK(static_cast<uint32_t>(members.size()) == row.block_count(index),
               "the block is not the one that MemberBlockFor named");
  const int place = PlaceOf(members, member.person());
  if (StandsAt(members, place, member.person())) {
    change.changed = UpdateMember(member, *members.Mutable(place), row);
    return change;
  }
  const bool block_full = members.size() >= kMaxBlockMembers;
  if (block_full && row.block_first_size() >= kMaxMemberBlocks) {
    change.full = true;
    return change;
  }
  InsertAt(members, place) = member;
  row.set_block_count(index, static_cast<uint32_t>(members.size()));
  if (!member.left()) row.set_members(row.members() + 1);
  change.changed = true;
  if (members.size() > kMaxBlockMembers) Split(index, row, block, change);
  return change;
}

MemberChange RemoveMember(std::string_view person, GroupRow& row, MemberBlock& block) {
  MemberChange change;
  if (row.block_first_size() == 0) return change;
  const int index = BlockIndexFor(row, person);
  change.number = row.block_number(index);
  Members& members = *block.mutable_members();
  const int place = PlaceOf(members, person);
  if (!StandsAt(members, place, person)) return change;
  if (!members.Get(place).left()) row.set_members(row.members() - 1);
  RemoveAt(members, place);
  row.set_block_count(index, static_cast<uint32_t>(members.size()));
  change.changed = true;
  return change;
}

}  // namespace batuta::profile
