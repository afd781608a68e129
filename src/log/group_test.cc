#include "log/group.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "log/segment.h"

namespace batuta::log {
namespace {

constexpr base::Id128 kHub{1, 2};
constexpr CommitPoint kBefore{.segment = 3, .byte = 1024, .groups = 9, .chain = {5, 6}};

GroupBuilder::Group MakeGroup() {
  GroupBuilder group;
  for (const uint64_t offset : {uint64_t{7}, uint64_t{8}}) {
    group.Add({.position = {base::PartitionId{2}, base::Offset{offset}},
               .type = 4,
               .stamp = {99},
               .id = {{1, 1}},
               .payload_bytes = 5},
              "hello");
  }
  return group.Finish(kBefore, 3, HeaderSeed(kHub));
}

TEST(Group, IsReadAsItWasMade) {
  const GroupBuilder::Group made = MakeGroup();
  EXPECT_EQ(made.bytes.size() % kSectorBytes, 0u);
  const std::string_view bytes = made.bytes;
  const auto header = ParseGroupHeader(bytes, HeaderSeed(kHub));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->entries, 2u);
  EXPECT_EQ(header->previous, kBefore);
  EXPECT_EQ(header->TotalBytes(), bytes.size());
  EXPECT_EQ(CheckGroup(*header, bytes.substr(kGroupHeaderBytes)), made.chain);
}

TEST(Group, OfAnotherHubIsNone) {
  EXPECT_FALSE(ParseGroupHeader(MakeGroup().bytes, HeaderSeed({1, 3})));
}

TEST(Group, WithAnyBitFlippedBeforeItsPaddingIsNone) {
  const std::string good = MakeGroup().bytes;
  const size_t used = kGroupHeaderBytes + 2 * (kFrameBytes + 5) + kGroupTrailerBytes;
  for (size_t i = 0; i < used * 8; ++i) {
    std::string bytes = good;
    bytes[i / 8] = static_cast<char>(bytes[i / 8] ^ (1 << (i % 8)));
    const auto header = ParseGroupHeader(bytes, HeaderSeed(kHub));
    EXPECT_FALSE(header && CheckGroup(*header, std::string_view(bytes).substr(kGroupHeaderBytes)));
  }
}

TEST(Group, ThatIsCutOffIsNone) {
  const std::string good = MakeGroup().bytes;
  const auto header = ParseGroupHeader(good, HeaderSeed(kHub));
  const std::string_view body = std::string_view(good).substr(kGroupHeaderBytes);
  EXPECT_FALSE(CheckGroup(*header, body.substr(0, header->body_bytes + kGroupTrailerBytes - 1)));
  EXPECT_FALSE(ParseGroupHeader(good.substr(0, kGroupHeaderBytes - 1), HeaderSeed(kHub)));
}

TEST(SegmentHeader, IsReadAsItWasMade) {
  const SegmentHeader made{.hub = kHub,
                           .number = 4,
                           .previous = kBefore,
                           .base = {{base::PartitionId{1}, base::Offset{10}},
                                    {base::PartitionId{0xFFFF}, base::Offset{20}}}};
  const std::string bytes = EncodeSegmentHeader(made);
  EXPECT_EQ(bytes.size(), made.TotalBytes());
  const auto read = ParseSegmentHeader(bytes);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->hub, made.hub);
  EXPECT_EQ(read->number, made.number);
  EXPECT_EQ(read->previous, made.previous);
  EXPECT_EQ(read->base, made.base);
}

TEST(SegmentName, IsReadAsItWasMade) {
  EXPECT_EQ(SegmentName(42), "0000000042.seg");
  EXPECT_EQ(ParseSegmentName("0000000042.seg"), 42u);
  EXPECT_EQ(ParseSegmentName("0000000042.seg.tmp"), std::nullopt);
  EXPECT_EQ(ParseSegmentName("reserve"), std::nullopt);
}

}  // namespace
}  // namespace batuta::log
