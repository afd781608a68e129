#include "base/crc32c.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"

namespace batuta::base {
namespace {

TEST(Crc32c, GivesTheKnownAnswersOfRfc3720) {
  EXPECT_EQ(Crc32c(""), 0U);
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(Crc32c(std::string(32, '\xFF')), 0x62A8AB43U);
}

TEST(Crc32c, IsTheSameWithoutTheInstructionAndInPieces) {
  Random random(1, {}, "crc32c", "");
  std::string data;
  for (int i = 0; i < 300; ++i) {
    const uint32_t whole = Crc32c(data);
    const size_t cut = random.Below(data.size() + 1);
    EXPECT_EQ(whole, internal::Crc32cPortable(data, 0)) << data.size();
    EXPECT_EQ(whole, Crc32c(data.substr(cut), Crc32c(data.substr(0, cut)))) << data.size();
    data.push_back(static_cast<char>(random.Bits()));
  }
}

}  // namespace
}  // namespace batuta::base
