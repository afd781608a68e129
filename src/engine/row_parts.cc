#include "engine/row_parts.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <cstring>

#include "base/message_fields.h"
#include "base/status.h"

namespace batuta::engine {
namespace {

using base::MessageFields;
using google::protobuf::internal::WireFormatLite;

constexpr const char* kDamaged = "a stored row does not parse";

// Appends the fields of the message that `is_wanted(number, bytes)`, as they stand.
template <typename IsWanted>
void AppendFields(std::string_view message, const IsWanted& is_wanted, std::string& into) {
  MessageFields fields(message);
  bool is_open = false;
  size_t begin = 0;
  while (fields.Next()) {
    if (is_open) into.append(message.substr(begin, fields.begin() - begin));
    begin = fields.begin();
    is_open = is_wanted(fields.number(), fields.bytes());
  }
  BATUTA_CHECK(fields.ok(), kDamaged);
  if (is_open) into.append(message.substr(begin));
}

void AppendMessage(int number, std::string_view bytes, std::string& into) {
  uint8_t head[2 * google::protobuf::io::CodedOutputStream::StaticVarintSize32<~0u>::value];
  uint8_t* end =
      WireFormatLite::WriteTagToArray(number, WireFormatLite::WIRETYPE_LENGTH_DELIMITED, head);
  end = google::protobuf::io::CodedOutputStream::WriteVarint32ToArray(
      static_cast<uint32_t>(bytes.size()), end);
  into.append(reinterpret_cast<const char*>(head), static_cast<size_t>(end - head));
  into.append(bytes);
}

std::string_view NameOfTrait(std::string_view trait) {
  MessageFields fields(trait);
  while (fields.Next()) {
    if (fields.number() == profile::TraitState::kNameFieldNumber) return fields.bytes();
  }
  BATUTA_CHECK(fields.ok(), kDamaged);
  return {};
}

// It is written first. 0 if there is none.
uint64_t NumberOfFeature(std::string_view state) {
  constexpr char kTag = feature::FeatureState::kFeatureFieldNumber << 3 |
                        static_cast<int>(WireFormatLite::WIRETYPE_FIXED64);
  if (state.size() < 1 + sizeof(uint64_t) || state[0] != kTag) return 0;
  uint64_t number = 0;
  google::protobuf::io::CodedInputStream::ReadLittleEndian64FromArray(
      reinterpret_cast<const uint8_t*>(state.data()) + 1, &number);
  return number;
}

bool Contains(const std::vector<uint64_t>& numbers, uint64_t number) {
  return std::binary_search(numbers.begin(), numbers.end(), number);
}

}  // namespace

PersonRow TakeParts(const RowParts& parts, const PersonRow& row,
                    const std::vector<uint64_t>& left_out) {
  const profile::Profile& profile = row.profile();
  PersonRow taken;
  profile::Profile& into = *taken.mutable_profile();
  for (const profile::TraitState& trait : profile.traits()) {
    if (parts.traits.contains(trait.name())) *into.add_traits() = trait;
  }
  if (parts.consents) {
    *into.mutable_consents() = profile.consents();
    into.set_consents_overflow(profile.consents_overflow());
  }
  if (parts.preferences) *into.mutable_preferences() = profile.preferences();
  if (parts.groups) *into.mutable_groups() = profile.groups();
  if (profile.has_first_seen()) into.set_first_seen(profile.first_seen());
  if (profile.has_last_seen()) into.set_last_seen(profile.last_seen());
  if (parts.identity) *taken.mutable_identity() = row.identity();
  if (parts.segments) *taken.mutable_segments() = row.segments();
  for (const feature::FeatureState& state : row.features().states()) {
    const bool is_wanted =
        Contains(parts.features, state.feature()) && !Contains(left_out, state.feature());
    if (is_wanted) *taken.mutable_features()->add_states() = state;
  }
  taken.set_number(row.number());
  if (row.has_reaching()) *taken.mutable_reaching() = row.reaching();
  return taken;
}

const PersonRow& RowPartsReader::Read(std::string_view stored) {
  wanted_.clear();
  std::string_view profile;
  std::string_view features;
  AppendFields(
      stored,
      [&](int number, std::string_view bytes) {
        switch (number) {
          case PersonRow::kIdentityFieldNumber:
            return parts_.identity;
          case PersonRow::kSegmentsFieldNumber:
            return parts_.segments;
          case PersonRow::kNumberFieldNumber:
          case PersonRow::kReachingFieldNumber:
            return true;
          case PersonRow::kProfileFieldNumber:
            profile = bytes;
            return false;
          case PersonRow::kFeaturesFieldNumber:
            features = bytes;
            return false;
          default:
            return false;
        }
      },
      wanted_);
  TakeProfile(profile);
  TakeFeatures(features);
  BATUTA_CHECK(row_.ParseFromString(wanted_), kDamaged);
  return row_;
}

void RowPartsReader::TakeProfile(std::string_view profile) {
  part_.clear();
  AppendFields(
      profile,
      [&](int number, std::string_view bytes) {
        switch (number) {
          case profile::Profile::kTraitsFieldNumber:
            return !parts_.traits.empty() && parts_.traits.contains(NameOfTrait(bytes));
          case profile::Profile::kConsentsFieldNumber:
          case profile::Profile::kConsentsOverflowFieldNumber:
            return parts_.consents;
          case profile::Profile::kPreferencesFieldNumber:
            return parts_.preferences;
          case profile::Profile::kGroupsFieldNumber:
            return parts_.groups;
          case profile::Profile::kFirstSeenFieldNumber:
          case profile::Profile::kLastSeenFieldNumber:
            return true;
          default:
            return false;
        }
      },
      part_);
  AppendMessage(PersonRow::kProfileFieldNumber, part_, wanted_);
}

void RowPartsReader::TakeFeatures(std::string_view features) {
  if (parts_.features.empty()) return;
  part_.clear();
  AppendFields(
      features,
      [&](int number, std::string_view bytes) {
        return number == feature::PersonFeatures::kStatesFieldNumber &&
               Contains(parts_.features, NumberOfFeature(bytes));
      },
      part_);
  AppendMessage(PersonRow::kFeaturesFieldNumber, part_, wanted_);
}

}  // namespace batuta::engine
