#include "profile/hash.h"

#include "base/value.h"
#include "profile/order.h"

namespace batuta::profile {
namespace {

using base::ByteWriter;

template <typename Message>
void WriteStamp(ByteWriter& writer, const Message& message) {
  const Stamp stamp = StampOf(message);
  writer.Signed(stamp.event_time);
  writer.Signed(stamp.log_time);
  writer.Varint(stamp.partition);
  writer.Varint(stamp.offset);
}

void WriteHash(ByteWriter& writer, const base::Id128& hash) {
  writer.U64(hash.high);
  writer.U64(hash.low);
}

void Write(ByteWriter& writer, const Statement& statement) {
  WriteHash(writer, base::CanonicalHash(statement.value()));
  writer.Bytes(statement.source());
  WriteStamp(writer, statement);
}

void Write(ByteWriter& writer, const TraitState& trait) {
  writer.Bytes(trait.name());
  writer.Varint(static_cast<uint64_t>(trait.statements_size()));
  for (const Statement& statement : trait.statements()) Write(writer, statement);
}

void Write(ByteWriter& writer, const Counter& counter) {
  writer.Bytes(counter.name());
  writer.Varint(counter.count());
  writer.Signed(counter.first_time());
  writer.Varint(counter.first_partition());
  writer.Varint(counter.first_offset());
  writer.Signed(counter.last_time());
  writer.Varint(counter.last_partition());
  writer.Varint(counter.last_offset());
}

void Write(ByteWriter& writer, const Consent& consent) {
  writer.Bytes(consent.purpose());
  writer.Bytes(consent.channel());
  writer.Bytes(consent.address());
  writer.Varint(static_cast<uint64_t>(consent.status()));
  writer.Bytes(consent.source());
  writer.Bytes(consent.text_version());
  WriteStamp(writer, consent);
}

void Write(ByteWriter& writer, const Preference& preference) {
  writer.Varint(static_cast<uint64_t>(preference.kind()));
  writer.Bytes(preference.name());
  WriteHash(writer, base::CanonicalHash(preference.value()));
  writer.U8(preference.soft() ? 1 : 0);
  writer.Bytes(preference.source());
  WriteStamp(writer, preference);
}

void Write(ByteWriter& writer, const Membership& membership) {
  writer.Bytes(membership.group());
  writer.Bytes(membership.id());
  writer.Bytes(membership.role());
  writer.U8(membership.left() ? 1 : 0);
  writer.Signed(membership.joined_time());
  WriteStamp(writer, membership);
  writer.Varint(membership.copied().version());
  WriteHash(writer, base::CanonicalHash(membership.copied().traits()));
}

template <typename Field>
void WriteAll(ByteWriter& writer, const Field& field) {
  writer.Varint(static_cast<uint64_t>(field.size()));
  for (const auto& element : field) Write(writer, element);
}

}  // namespace

// The layout of the timeline, and what was dropped of it, depend on the order of arrival: its
// digest stands for all entries ever taken.
void HashInto(ByteWriter& writer, const Profile& profile) {
  WriteAll(writer, profile.traits());
  WriteAll(writer, profile.counters());
  WriteAll(writer, profile.consents());
  writer.U8(profile.consents_overflow() ? 1 : 0);
  WriteAll(writer, profile.preferences());
  WriteAll(writer, profile.groups());
  writer.Varint(profile.timeline().total());
  writer.U64(profile.timeline().digest_high());
  writer.U64(profile.timeline().digest_low());
  writer.U8(profile.has_first_seen() ? 1 : 0);
  writer.Signed(profile.first_seen());
  writer.U8(profile.has_last_seen() ? 1 : 0);
  writer.Signed(profile.last_seen());
}

void HashInto(ByteWriter& writer, const AddressConsent& row) {
  writer.Bytes(row.address());
  WriteAll(writer, row.current());
  WriteAll(writer, row.history());
  writer.U8(row.overflow() ? 1 : 0);
}

void HashInto(ByteWriter& writer, const GroupRow& row) {
  writer.Bytes(row.group());
  writer.Bytes(row.id());
  WriteAll(writer, row.traits());
  writer.Varint(row.members());
}

void HashInto(ByteWriter& writer, const Member& member) {
  writer.Bytes(member.person());
  writer.Bytes(member.role());
  writer.U8(member.left() ? 1 : 0);
  writer.Signed(member.joined_time());
  WriteStamp(writer, member);
}

}  // namespace batuta::profile
