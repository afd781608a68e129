#include "base/encoding.h"

#include <gtest/gtest.h>

#include <bit>
#include <limits>

#include "base/random.h"

namespace batuta::base {
namespace {

std::string Written(double value) {
  ByteWriter writer;
  writer.Double(value);
  return writer.Take();
}

TEST(Encoding, FixedNumbersAreBigEndianSoThatBytesSortAsNumbers) {
  ByteWriter writer;
  writer.U8(1);
  writer.U16(0x0203);
  writer.U32(0x04050607);
  writer.U64(0x08090A0B0C0D0E0F);
  EXPECT_EQ(writer.bytes(), "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F");
}

TEST(Encoding, WhatWasWrittenReadsBackTheSame) {
  Random random(1, {}, "encoding", "");
  for (int i = 0; i < 2000; ++i) {
    const uint64_t bits = random.Bits() >> random.Below(64);
    const auto number = static_cast<double>(bits) * 0x1p-30;
    const std::string bytes(random.Below(300), static_cast<char>(bits));
    ByteWriter writer;
    writer.Varint(bits);
    writer.Signed(static_cast<int64_t>(bits));
    writer.Signed(-static_cast<int64_t>(bits >> 1));
    writer.Double(-number);
    writer.Bytes(bytes);
    writer.U64(bits);
    writer.Raw("end");
    const std::string written = writer.Take();

    ByteReader reader(written);
    EXPECT_EQ(reader.Varint(), bits);
    EXPECT_EQ(reader.Signed(), static_cast<int64_t>(bits));
    EXPECT_EQ(reader.Signed(), -static_cast<int64_t>(bits >> 1));
    EXPECT_EQ(reader.Double(), -number);
    EXPECT_EQ(reader.Bytes(), bytes);
    EXPECT_EQ(reader.U64(), bits);
    EXPECT_EQ(reader.Raw(3), "end");
    EXPECT_TRUE(reader.ok() && reader.AtEnd());
    EXPECT_TRUE(writer.bytes().empty());
  }
}

TEST(Encoding, TheExtremesOfSignedNumbersReadBack) {
  for (const int64_t value : {std::numeric_limits<int64_t>::min(),
                              std::numeric_limits<int64_t>::max(), int64_t{-1}, int64_t{0}}) {
    ByteWriter writer;
    writer.Signed(value);
    EXPECT_EQ(ByteReader(writer.bytes()).Signed(), value);
  }
}

TEST(Encoding, SmallNumbersAreShort) {
  ByteWriter writer;
  writer.Varint(127);
  EXPECT_EQ(writer.bytes().size(), 1U);
  writer.Signed(-64);
  EXPECT_EQ(writer.bytes().size(), 2U);
}

TEST(Encoding, EqualNumbersHaveEqualBytes) {
  EXPECT_EQ(Written(-0.0), Written(0.0));
  const double other_nan = std::bit_cast<double>(uint64_t{0xFFF8'0000'0000'1234});
  EXPECT_EQ(Written(other_nan), Written(std::numeric_limits<double>::quiet_NaN()));
}

TEST(Encoding, ReadingPastTheEndFailsForGoodAndGivesZeros) {
  ByteReader reader(std::string_view("\x01\x02\x03", 3));
  EXPECT_EQ(reader.U32(), 0U);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.U8(), 0U);
  EXPECT_EQ(reader.Bytes(), "");
  EXPECT_TRUE(reader.AtEnd());
}

TEST(Encoding, EveryCutOfARecordIsNoticed) {
  ByteWriter writer;
  writer.Varint(300);
  writer.Bytes("hola");
  writer.Double(1.5);
  const std::string whole = writer.Take();
  for (size_t size = 0; size < whole.size(); ++size) {
    ByteReader reader(std::string_view(whole).substr(0, size));
    reader.Varint();
    reader.Bytes();
    reader.Double();
    EXPECT_FALSE(reader.ok()) << size;
  }
}

TEST(Encoding, FormsThatNoWriterMakesAreRefused) {
  const auto refuses_varint = [](std::string_view bytes) {
    ByteReader reader(bytes);
    return reader.Varint() == 0 && !reader.ok();
  };
  EXPECT_TRUE(refuses_varint(std::string_view("\x80\x00", 2))) << "padded";
  EXPECT_TRUE(refuses_varint("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02")) << "above 64 bits";
  EXPECT_TRUE(refuses_varint("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01")) << "too long";
  ByteReader minus_zero(std::string_view("\x80\0\0\0\0\0\0\0", 8));
  minus_zero.Double();
  EXPECT_FALSE(minus_zero.ok());
}

}  // namespace
}  // namespace batuta::base
