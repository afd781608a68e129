// Groups: a person's membership goes to the group's home, and the group's traits come back to
// members.
#include <utility>

#include "base/encoding.h"
#include "base/status.h"
#include "engine/fold.h"
#include "identity/refs.h"
#include "profile/group.h"

namespace batuta::engine {
namespace {

std::string MembersKey(std::string_view group, uint32_t block) {
  base::ByteWriter writer;
  writer.Raw(group);
  writer.U32(block);
  return writer.Take();
}

profile::Stamp StampOf(const GroupOnWay& on_way) {
  return {.event_time = on_way.event_time(),
          .log_time = on_way.log_time(),
          .partition = on_way.partition(),
          .offset = on_way.offset()};
}

profile::Member MemberOf(const GroupOnWay& on_way) {
  profile::Member member;
  member.set_person(identity::FromRef(on_way.person()).ToBytes());
  member.set_role(on_way.group().role());
  member.set_left(on_way.group().left());
  member.set_joined_time(on_way.event_time());
  profile::SetStamp(StampOf(on_way), member);
  return member;
}

}  // namespace

void Fold::SendGroup(const EventOnWay& event, const base::PersonId& person) {
  GroupOnWay on_way;
  *on_way.mutable_group() = event.event().group();
  *on_way.mutable_traits() = event.event().traits();
  *on_way.mutable_person() = identity::ToRef(person);
  on_way.set_source(event.event().source());
  on_way.set_event_time(event.event().event_time());
  on_way.set_log_time(event.log_time());
  on_way.set_partition(event.partition());
  on_way.set_offset(event.offset());
  const auto group = base::IdentifierHash::FromBytes(event.event().group().group());
  Message message;
  *message.mutable_group() = std::move(on_way);
  Send(HomeOfIdentifier(group), std::move(message));
}

// The survivor takes the memberships of a person who merged into them.
void Fold::MoveMemberships(const profile::Profile& from, const base::PersonId& gone,
                           const base::PersonId& survivor) {
  for (const profile::Membership& membership : from.groups()) {
    GroupOnWay on_way;
    on_way.mutable_group()->set_group(membership.group());
    on_way.mutable_group()->set_id(membership.id());
    on_way.mutable_group()->set_role(membership.role());
    on_way.mutable_group()->set_left(membership.left());
    *on_way.mutable_person() = identity::ToRef(survivor);
    *on_way.mutable_replaces() = identity::ToRef(gone);
    on_way.set_event_time(membership.event_time());
    on_way.set_log_time(membership.log_time());
    on_way.set_partition(membership.partition());
    on_way.set_offset(membership.offset());
    Message message;
    *message.mutable_group() = std::move(on_way);
    Send(HomeOfIdentifier(base::IdentifierHash::FromBytes(membership.group())), std::move(message));
  }
}

// An erased person leaves no trace in their groups.
void Fold::LeaveGroups(const profile::Profile& profile, const base::PersonId& person) {
  for (const profile::Membership& membership : profile.groups()) {
    Message message;
    GroupOnWay& on_way = *message.mutable_group();
    on_way.mutable_group()->set_group(membership.group());
    *on_way.mutable_replaces() = identity::ToRef(person);
    Send(HomeOfIdentifier(base::IdentifierHash::FromBytes(membership.group())), std::move(message));
  }
}

void Fold::OnGroup(const GroupOnWay& on_way) {
  const std::string& key = on_way.group().group();
  auto row = state_.GetRow<profile::GroupRow>(RowKind::kGroup, key);
  if (!row.has_value()) {
    row.emplace();
    row->set_group(key);
    row->set_id(on_way.group().id());
  }
  const auto with_block = [&](std::string_view person, auto change) {
    const auto number = profile::MemberBlockFor(*row, person);
    profile::MemberBlock block;
    if (number.has_value()) {
      const auto stored =
          state_.GetRow<profile::MemberBlock>(RowKind::kMembers, MembersKey(key, *number));
      if (stored.has_value()) block = *stored;
    }
    const profile::MemberChange changed = change(block);
    if (!changed.changed) return;
    state_.PutRow(RowKind::kMembers, MembersKey(key, changed.number), block);
    if (changed.split_number.has_value()) {
      state_.PutRow(RowKind::kMembers, MembersKey(key, *changed.split_number), changed.split);
    }
  };
  if (on_way.has_replaces()) {
    const std::string gone = identity::FromRef(on_way.replaces()).ToBytes();
    with_block(gone, [&](profile::MemberBlock& block) {
      return profile::RemoveMember(gone, *row, block);
    });
  }
  if (!on_way.has_person()) {
    state_.PutRow(RowKind::kGroup, key, *row);
    return;
  }
  const profile::Member member = MemberOf(on_way);
  with_block(member.person(), [&](profile::MemberBlock& block) {
    return profile::StateMember(member, *row, block);
  });
  const bool traits_changed =
      profile::StateGroupTraits(definitions_->rules, on_way.traits(),
                                {.source = on_way.source(), .stamp = StampOf(on_way)}, *row);
  state_.PutRow(RowKind::kGroup, key, *row);
  SendGroupCopies(*row, traits_changed ? "" : member.person());
}

// To one member, or to all when `only` is empty.
void Fold::SendGroupCopies(const profile::GroupRow& row, std::string_view only) {
  GroupCopy copy;
  copy.set_group(row.group());
  *copy.mutable_traits() =
      profile::ResolveGroupTraits(definitions_->rules, row, base::Number(current_.position.offset));
  const auto send = [&](std::string_view person_bytes) {
    const base::PersonId person = base::PersonId::FromBytes(person_bytes);
    Message message;
    *message.mutable_group_copy() = copy;
    *message.mutable_group_copy()->mutable_person() = identity::ToRef(person);
    Send(person.partition, std::move(message));
  };
  if (!only.empty()) return send(only);
  for (const uint32_t number : row.block_number()) {
    const auto block =
        state_.GetRow<profile::MemberBlock>(RowKind::kMembers, MembersKey(row.group(), number));
    if (!block.has_value()) continue;
    for (const profile::Member& member : block->members()) {
      if (!member.left()) send(member.person());
    }
  }
}

// A copy for somebody who is gone shows that the group still lists them: their statement overtook
// the news of their going, which came from another partition.
void Fold::OnGroupCopy(const GroupCopy& copy) {
  const base::PersonId person = identity::FromRef(copy.person());
  PersonRow& row = state_.people.Mutable(person);
  if (MergedInto(row).has_value() || row.identity().erased()) {
    Message message;
    message.mutable_group()->mutable_group()->set_group(copy.group());
    *message.mutable_group()->mutable_replaces() = copy.person();
    Send(HomeOfIdentifier(base::IdentifierHash::FromBytes(copy.group())), std::move(message));
  }
  if (const auto survivor = MergedInto(row)) {
    Message message;
    *message.mutable_group_copy() = copy;
    *message.mutable_group_copy()->mutable_person() = identity::ToRef(*survivor);
    return Send(survivor->partition, std::move(message));
  }
  if (row.identity().erased()) return;
  profile::CopyGroupTraits(copy.group(), copy.traits(), *row.mutable_profile());
  Touch(person).Add(segment::Facet::kGroups);
}

}  // namespace batuta::engine
