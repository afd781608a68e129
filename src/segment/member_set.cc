#include "segment/member_set.h"

#include <utility>

#include "roaring/roaring.hh"

namespace batuta::segment {
namespace {

uint16_t PartOf(uint32_t person) { return static_cast<uint16_t>(person >> 16); }

Roaring RangeOf(uint16_t part) {
  const uint64_t first = uint64_t{part} << 16;
  return Roaring(roaring_bitmap_from_range(first, first + (uint64_t{1} << 16), 1));
}

}  // namespace

MemberSet::MemberSet() : members_(std::make_unique<Roaring>()) {}
MemberSet::MemberSet(MemberSet&&) noexcept = default;
MemberSet& MemberSet::operator=(MemberSet&&) noexcept = default;
MemberSet::~MemberSet() = default;

bool MemberSet::Add(uint32_t person) {
  if (!members_->addChecked(person)) return false;
  ++count_;
  changed_.insert(PartOf(person));
  return true;
}

bool MemberSet::Remove(uint32_t person) {
  if (!members_->removeChecked(person)) return false;
  --count_;
  changed_.insert(PartOf(person));
  return true;
}

bool MemberSet::Contains(uint32_t person) const { return members_->contains(person); }

std::vector<uint32_t> MemberSet::From(uint32_t first, size_t limit) const {
  std::vector<uint32_t> found;
  auto member = members_->begin();
  member.equalorlarger(first);
  for (; found.size() < limit && member != members_->end(); ++member) found.push_back(*member);
  return found;
}

uint64_t MemberSet::CountCommon(const MemberSet& other) const {
  return members_->and_cardinality(*other.members_);
}

std::vector<uint16_t> MemberSet::TakeChangedParts() {
  const std::set<uint16_t> taken = std::exchange(changed_, {});
  return {taken.begin(), taken.end()};
}

std::string MemberSet::EncodePart(uint16_t part) const {
  Roaring members = *members_ & RangeOf(part);
  if (members.isEmpty()) return "";
  members.runOptimize();
  std::string bytes(members.getSizeInBytes(), '\0');
  members.write(bytes.data());
  return bytes;
}

absl::Status MemberSet::DecodePart(uint16_t part, std::string_view bytes) {
  roaring_bitmap_t* const read =
      roaring_bitmap_portable_deserialize_safe(bytes.data(), bytes.size());
  if (read == nullptr) return absl::DataLossError("a part of a set of members is damaged");
  Roaring members(read);
  if (!members.isSubset(RangeOf(part))) {
    return absl::DataLossError("a part of a set of members is not of the place where it stands");
  }
  *members_ |= members;
  count_ = members_->cardinality();
  return absl::OkStatus();
}

}  // namespace batuta::segment
