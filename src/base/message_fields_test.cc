#include "base/message_fields.h"

#include <bit>
#include <string>
#include <vector>

#include "base/value.pb.h"
#include "gtest/gtest.h"

namespace batuta::base {
namespace {

Sealed Box() {
  Sealed sealed;
  sealed.set_key("0123456789abcdef");
  sealed.set_epoch(300);
  sealed.set_box(std::string(200, 'x'));
  return sealed;
}

TEST(MessageFields, AreFoundInTheirOrder) {
  const std::string bytes = Box().SerializeAsString();
  MessageFields fields(bytes);
  ASSERT_TRUE(fields.Next());
  EXPECT_EQ(fields.number(), Sealed::kKeyFieldNumber);
  EXPECT_EQ(fields.begin(), 0u);
  EXPECT_EQ(fields.bytes(), "0123456789abcdef");
  ASSERT_TRUE(fields.Next());
  EXPECT_EQ(fields.number(), Sealed::kEpochFieldNumber);
  EXPECT_EQ(fields.begin(), 18u);
  EXPECT_EQ(fields.value(), 300u);
  EXPECT_EQ(fields.bytes(), "");
  ASSERT_TRUE(fields.Next());
  EXPECT_EQ(fields.bytes(), std::string(200, 'x'));
  EXPECT_EQ(fields.value(), 0u);
  EXPECT_FALSE(fields.Next());
  EXPECT_TRUE(fields.ok());
}

TEST(MessageFields, NumbersOfEightBytesAreReadAsTheirBits) {
  Value value;
  value.set_number(2.5);
  const std::string bytes = value.SerializeAsString();
  MessageFields fields(bytes);
  ASSERT_TRUE(fields.Next());
  EXPECT_EQ(fields.number(), Value::kNumberFieldNumber);
  EXPECT_EQ(fields.value(), std::bit_cast<uint64_t>(2.5));
  EXPECT_FALSE(fields.Next());
  EXPECT_TRUE(fields.ok());
}

TEST(MessageFields, WhatIsCutOffIsNoMessage) {
  const std::string whole = Box().SerializeAsString();
  size_t good = 0;
  for (size_t end = 0; end < whole.size(); ++end) {
    MessageFields fields(std::string_view(whole).substr(0, end));
    while (fields.Next()) {
    }
    if (fields.ok()) ++good;
    EXPECT_EQ(fields.ok(), Sealed().ParseFromString(whole.substr(0, end))) << end;
  }
  EXPECT_EQ(good, 3u);  // nothing, the first field, and the first two
}

TEST(MessageFields, OtherBytesAreNoMessage) {
  for (const std::string_view bytes :
       {std::string_view("\x0a\xff"), std::string_view("\x00", 1), std::string_view("\x0b"),
        std::string_view("\x0a\xff\xff"
                         "\xff\xff\xff"
                         "\xff\xff\x7f")}) {
    MessageFields fields(bytes);
    EXPECT_FALSE(fields.Next());
    EXPECT_FALSE(fields.ok());
  }
}

}  // namespace
}  // namespace batuta::base
