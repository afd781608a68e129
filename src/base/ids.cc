#include "base/ids.h"

#include "base/encoding.h"
#include "base/status.h"
#include "base/text.h"

namespace batuta::base {
namespace {

constexpr std::string_view kBase32 = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::string_view kHex = "0123456789abcdef";
constexpr size_t kPersonBytes = 19;
constexpr size_t kDecisionBytes = 18;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Crockford: i and l are read as 1, o as 0.
size_t Base32Digit(char c) {
  const char lower = Lower(c);
  if (lower == 'i' || lower == 'l') return 1;
  if (lower == 'o') return 0;
  return kBase32.find(lower);
}

absl::StatusOr<std::string> ParseId(std::string_view text, std::string_view prefix,
                                    size_t byte_count) {
  if (!text.starts_with(prefix)) {
    return absl::InvalidArgumentError(StrCat("id must begin with ", prefix, ": ", text));
  }
  return DecodeBase32(text.substr(prefix.size()), byte_count);
}

}  // namespace

std::string Id128::ToBytes() const {
  ByteWriter writer;
  writer.U64(high);
  writer.U64(low);
  return writer.Take();
}

Id128 Id128::FromBytes(std::string_view bytes) {
  BATUTA_CHECK(bytes.size() == 16);
  ByteReader reader(bytes);
  const uint64_t high = reader.U64();
  return {high, reader.U64()};
}

std::string PersonId::ToBytes() const {
  ByteWriter writer;
  writer.U16(Index(partition));
  writer.U8(rank);
  writer.Raw(record.ToBytes());
  return writer.Take();
}

PersonId PersonId::FromBytes(std::string_view bytes) {
  BATUTA_CHECK(bytes.size() == kPersonBytes);
  ByteReader reader(bytes);
  const PartitionId partition{reader.U16()};
  const uint8_t rank = reader.U8();
  return {partition, rank, RecordId::FromBytes(reader.rest())};
}

std::string PersonId::ToString() const { return StrCat("per_", EncodeBase32(ToBytes())); }

absl::StatusOr<PersonId> PersonId::Parse(std::string_view text) {
  BATUTA_ASSIGN_OR_RETURN(const std::string bytes, ParseId(text, "per_", kPersonBytes));
  return FromBytes(bytes);
}

bool IsStronger(const PersonId& a, const PersonId& b) {
  if (a.rank != b.rank) return a.rank > b.rank;
  if (a.record != b.record) return a.record < b.record;
  return a.partition < b.partition;
}

std::string DecisionId::ToBytes() const {
  ByteWriter writer;
  writer.U16(Index(partition));
  writer.Raw(record.ToBytes());
  return writer.Take();
}

DecisionId DecisionId::FromBytes(std::string_view bytes) {
  BATUTA_CHECK(bytes.size() == kDecisionBytes);
  ByteReader reader(bytes);
  const PartitionId partition{reader.U16()};
  return {partition, RecordId::FromBytes(reader.rest())};
}

std::string DecisionId::ToString() const { return StrCat("dec_", EncodeBase32(ToBytes())); }

absl::StatusOr<DecisionId> DecisionId::Parse(std::string_view text) {
  BATUTA_ASSIGN_OR_RETURN(const std::string bytes, ParseId(text, "dec_", kDecisionBytes));
  return FromBytes(bytes);
}

std::string EncodeBase32(std::string_view bytes) {
  std::string text;
  uint32_t pending = 0;
  int bit_count = 0;
  for (const char byte : bytes) {
    pending = pending << 8 | static_cast<uint8_t>(byte);
    for (bit_count += 8; bit_count >= 5;) {
      bit_count -= 5;
      text.push_back(kBase32[pending >> bit_count & 31]);
    }
  }
  if (bit_count > 0) text.push_back(kBase32[pending << (5 - bit_count) & 31]);
  return text;
}

absl::StatusOr<std::string> DecodeBase32(std::string_view text, size_t byte_count) {
  if (text.size() != (byte_count * 8 + 4) / 5) {
    return absl::InvalidArgumentError(
        StrCat("expected ", (byte_count * 8 + 4) / 5, " base-32 digits, found ", text.size()));
  }
  std::string bytes;
  uint32_t pending = 0;
  int bit_count = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const size_t digit = Base32Digit(text[i]);
    if (digit == std::string_view::npos) {
      return absl::InvalidArgumentError(StrCat("not a base-32 digit at place ", i));
    }
    pending = pending << 5 | static_cast<uint32_t>(digit);
    bit_count += 5;
    if (bit_count >= 8) {
      bit_count -= 8;
      bytes.push_back(static_cast<char>(pending >> bit_count));
    }
  }
  // The bits that fill up the last digit must be zero, or one id would have several texts.
  if ((pending & ((1U << bit_count) - 1)) != 0) {
    return absl::InvalidArgumentError("the last base-32 digit is out of range");
  }
  return bytes;
}

std::string EncodeHex(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    text.push_back(kHex[static_cast<uint8_t>(byte) >> 4]);
    text.push_back(kHex[static_cast<uint8_t>(byte) & 15]);
  }
  return text;
}

absl::StatusOr<std::string> DecodeHex(std::string_view text) {
  if (text.size() % 2 != 0) {
    return absl::InvalidArgumentError("an odd number of hexadecimal digits");
  }
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    const size_t high = kHex.find(Lower(text[i]));
    const size_t low = kHex.find(Lower(text[i + 1]));
    if (high == std::string_view::npos || low == std::string_view::npos) {
      return absl::InvalidArgumentError(StrCat("not a hexadecimal digit at place ", i));
    }
    bytes.push_back(static_cast<char>(high << 4 | low));
  }
  return bytes;
}

}  // namespace batuta::base
