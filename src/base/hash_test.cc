#include "base/hash.h"

#include <gtest/gtest.h>

namespace batuta::base {
namespace {

// The values of XXH3's specification for the empty input: what is stored must never change.
TEST(Hash, IsXxh3) {
  EXPECT_EQ(Hash64(""), 0x2D06800538D394C2U);
  EXPECT_EQ(Hash128(""), (Id128{0x99AA06D3014798D8U, 0x6001C324468D497FU}));
}

TEST(Hash, DependsOnEveryByteAndTheSeed) {
  EXPECT_NE(Hash64("ana"), Hash64("anb"));
  EXPECT_NE(Hash64("ana"), Hash64("ana", 1));
  EXPECT_NE(Hash128("ana"), Hash128("ana", 1));
  EXPECT_NE(Hash128(std::string_view("\0", 1)), Hash128(""));
}

}  // namespace
}  // namespace batuta::base
