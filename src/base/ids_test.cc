#include "base/ids.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"

namespace batuta::base {
namespace {

RecordId DrawRecord(Random& random) { return {Id128{random.Bits(), random.Bits()}}; }

PersonId DrawPerson(Random& random) {
  return {PartitionId{static_cast<uint16_t>(random.Bits())}, static_cast<uint8_t>(random.Bits()),
          DrawRecord(random)};
}

TEST(Ids, PersonsAndDecisionsReadBackFromBytesAndText) {
  Random random(1, {}, "ids", "");
  for (int i = 0; i < 1000; ++i) {
    const PersonId person = DrawPerson(random);
    EXPECT_EQ(PersonId::FromBytes(person.ToBytes()), person);
    EXPECT_EQ(*PersonId::Parse(person.ToString()), person);
    const DecisionId decision{person.partition, person.record};
    EXPECT_EQ(DecisionId::FromBytes(decision.ToBytes()), decision);
    EXPECT_EQ(*DecisionId::Parse(decision.ToString()), decision);
  }
}

TEST(Ids, TextsOfOtherKindsLengthsAndAlphabetsAreRefused) {
  const PersonId person{PartitionId{3}, 2, RecordId{Id128{4, 5}}};
  const std::string text = person.ToString();
  EXPECT_TRUE(text.starts_with("per_"));
  EXPECT_FALSE(PersonId::Parse("dec_" + text.substr(4)).ok());
  EXPECT_FALSE(PersonId::Parse(text + "0").ok());
  EXPECT_FALSE(PersonId::Parse(text.substr(0, text.size() - 1)).ok());
  EXPECT_FALSE(PersonId::Parse(text.substr(0, text.size() - 1) + "u").ok());
  EXPECT_FALSE(PersonId::Parse("").ok());
}

TEST(Ids, EachIdHasExactlyOneCanonicalText) {
  // 18 bytes are 144 bits: the last of the 29 digits has one spare bit, which must be zero.
  std::string text = DecisionId{PartitionId{1}, RecordId{Id128{2, 3}}}.ToString();
  text.back() = text.back() == '0' ? '1' : static_cast<char>(text.back() + 1);
  EXPECT_FALSE(DecisionId::Parse(text).ok());
}

TEST(Ids, BytesSortAsTheIdsDo) {
  Random random(2, {}, "ids", "");
  for (int i = 0; i < 1000; ++i) {
    const PersonId a = DrawPerson(random);
    const PersonId b = DrawPerson(random);
    EXPECT_EQ(a < b, a.ToBytes() < b.ToBytes());
  }
}

TEST(Ids, StrengthIsATotalOrder) {
  Random random(3, {}, "ids", "");
  std::vector<PersonId> persons;
  persons.reserve(40);
  for (int i = 0; i < 40; ++i) {
    // Few values per part, so that ties in rank and record are common.
    persons.push_back({PartitionId{static_cast<uint16_t>(random.Below(3))},
                       static_cast<uint8_t>(random.Below(3)), RecordId{Id128{0, random.Below(3)}}});
  }
  for (const PersonId& a : persons) {
    for (const PersonId& b : persons) {
      EXPECT_EQ(a == b, !IsStronger(a, b) && !IsStronger(b, a));
      EXPECT_FALSE(IsStronger(a, b) && IsStronger(b, a));
      for (const PersonId& c : persons) {
        EXPECT_TRUE(!IsStronger(a, b) || !IsStronger(b, c) || IsStronger(a, c));
      }
    }
  }
}

TEST(Ids, RankComesBeforeAgeAndAgeBeforePartition) {
  const RecordId old{Id128{1, 0}};
  const RecordId young{Id128{2, 0}};
  EXPECT_TRUE(IsStronger({PartitionId{9}, 2, young}, {PartitionId{0}, 1, old}));
  EXPECT_TRUE(IsStronger({PartitionId{9}, 1, old}, {PartitionId{0}, 1, young}));
  EXPECT_TRUE(IsStronger({PartitionId{0}, 1, old}, {PartitionId{9}, 1, old}));
}

TEST(Ids, Base32IsCrockfords) {
  EXPECT_EQ(EncodeBase32(""), "");
  EXPECT_EQ(EncodeBase32("\xFF"), "zw");
  EXPECT_EQ(*DecodeBase32("ZW", 1), "\xFF");
  EXPECT_EQ(*DecodeBase32("oOlI0", 3), *DecodeBase32("00110", 3));
  EXPECT_FALSE(DecodeBase32("zz", 1).ok());
}

TEST(Ids, HexReadsBackInEitherCase) {
  EXPECT_EQ(EncodeHex(std::string_view("\x00\xAB", 2)), "00ab");
  EXPECT_EQ(*DecodeHex("00AB"), std::string("\x00\xAB", 2));
  EXPECT_FALSE(DecodeHex("0").ok());
  EXPECT_FALSE(DecodeHex("0g").ok());
}

TEST(Ids, OffsetsFollowEachOther) {
  EXPECT_EQ(Number(Next(Offset{0})), 1U);
  EXPECT_LT((Position{PartitionId{1}, Offset{9}}), (Position{PartitionId{2}, Offset{1}}));
}

}  // namespace
}  // namespace batuta::base
