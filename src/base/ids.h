// The identifiers of everything the hub names: partitions, records, persons, decisions.
//
// Each is a type of its own, so that one cannot be passed for another. All are small values,
// ordered and hashable, without any meaning attached to their hash.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace batuta::base {

enum class PartitionId : uint16_t {};
constexpr uint16_t Index(PartitionId partition) { return static_cast<uint16_t>(partition); }

// The place of a record in its partition's log: 1 for the first record, then without gaps.
// 0 means "before everything".
enum class Offset : uint64_t {};
constexpr uint64_t Number(Offset offset) { return static_cast<uint64_t>(offset); }
constexpr Offset Next(Offset offset) { return Offset{Number(offset) + 1}; }

// A record of the log, by place. Every stored reference (timeline, messages) is one of these.
struct Position {
  PartitionId partition{};
  Offset offset{};
  friend auto operator<=>(const Position&, const Position&) = default;
};

// 128 bits, compared as one big-endian number.
struct Id128 {
  uint64_t high = 0;
  uint64_t low = 0;
  friend auto operator<=>(const Id128&, const Id128&) = default;
  bool IsZero() const { return high == 0 && low == 0; }
  std::string ToBytes() const;  // 16 bytes, big-endian
  // Requires: bytes.size() == 16.
  static Id128 FromBytes(std::string_view bytes);
  template <typename H>
  friend H AbslHashValue(H h, const Id128& id) {
    return H::combine(std::move(h), id.high, id.low);
  }
};

// The stable id that the server drew for a request or an event: 48 bits of milliseconds since 1970,
// then 80 random bits, so that ids sort by the time of their drawing.
struct RecordId : Id128 {
  static RecordId FromBytes(std::string_view bytes) { return {Id128::FromBytes(bytes)}; }
};

// The keyed hash (HMAC) of a normalised identifier (type, value); carries no personal data.
struct IdentifierHash : Id128 {
  static IdentifierHash FromBytes(std::string_view bytes) { return {Id128::FromBytes(bytes)}; }
};

// A person: the partition that created them (their home), the frozen rank of the identifier they
// were created by, and the record that created them. Never reused.
struct PersonId {
  PartitionId partition{};
  uint8_t rank = 0;  // higher is stronger
  RecordId record;

  friend auto operator<=>(const PersonId&, const PersonId&) = default;
  bool IsZero() const { return record.IsZero(); }
  std::string ToBytes() const;  // 19 bytes
  // Requires: bytes.size() == 19.
  static PersonId FromBytes(std::string_view bytes);
  std::string ToString() const;  // "per_…"
  static absl::StatusOr<PersonId> Parse(std::string_view text);
  template <typename H>
  friend H AbslHashValue(H h, const PersonId& id) {
    return H::combine(std::move(h), Index(id.partition), id.rank, id.record.high, id.record.low);
  }
};

// The immutable order by which one of two persons survives a merge: the higher rank, then the older
// record, then the smaller partition. Total and antisymmetric on distinct ids.
bool IsStronger(const PersonId& a, const PersonId& b);

// A decision: the partition whose log holds its records, and the id of its request.
struct DecisionId {
  PartitionId partition{};
  RecordId record;
  friend auto operator<=>(const DecisionId&, const DecisionId&) = default;
  std::string ToBytes() const;  // 18 bytes
  // Requires: bytes.size() == 18.
  static DecisionId FromBytes(std::string_view bytes);
  std::string ToString() const;  // "dec_…"
  static absl::StatusOr<DecisionId> Parse(std::string_view text);
};

// Crockford's base 32 in lower case, most significant bit first; decoding accepts either case.
std::string EncodeBase32(std::string_view bytes);
absl::StatusOr<std::string> DecodeBase32(std::string_view text, size_t byte_count);

std::string EncodeHex(std::string_view bytes);
absl::StatusOr<std::string> DecodeHex(std::string_view text);

}  // namespace batuta::base
