#include "table/content.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/text.h"
#include "table/parts.h"

namespace batuta::table {
namespace {

Head HeadOf(int columns, uint64_t rows) {
  Head head;
  for (int i = 0; i < columns; ++i) head.add_columns()->set_name(base::StrCat("c", i));
  head.set_rows(rows);
  return head;
}

TEST(Content, FindsEveryRowByItsKeyAndNoOther) {
  PartWriter writer;
  base::Random random(1, base::Id128(), "content", "");
  constexpr int kRows = 20'000;
  for (int i = 0; i < kRows; ++i) {
    const std::string key = base::StrCat("k", (i * 7919) % kRows * 2);
    writer.Add(key, {Cell(std::string_view(key)), Cell(static_cast<double>(i)), Cell(i % 2 == 0)});
  }
  std::vector<std::string> parts = writer.Take();
  EXPECT_GT(parts.size(), 2u);
  for (const std::string& part : parts) EXPECT_LT(part.size(), kPartBytes + 100);
  const auto content = Content::Make(HeadOf(4, kRows), parts);
  ASSERT_TRUE(content.ok()) << content.status();
  expr::Scratch scratch;
  for (int i = 0; i < 200; ++i) {
    scratch.Start(1'000'000);
    const uint64_t number = random.Below(2 * kRows);
    const expr::Value row = (*content)->Find(base::StrCat("k", number), scratch);
    ASSERT_EQ(row.size(), number % 2 == 0 ? 4u : 0u) << number;
    if (row.size() != 4) continue;
    EXPECT_EQ(row.Field("c1").AsText(), base::StrCat("k", number));
  }
}

TEST(Content, EmptyCellsAreNoFields) {
  PartWriter writer;
  writer.Add("a", {Cell(), Cell(true)});
  const auto content = *Content::Make(HeadOf(3, 1), writer.Take());
  expr::Scratch scratch;
  scratch.Start(1000);
  const expr::Value row = content->Find("a", scratch);
  EXPECT_EQ(row.size(), 2u);
  EXPECT_TRUE(row.Field("c1").is_error());
  EXPECT_TRUE(row.Field("c2").IsTrue());
}

TEST(Content, BytesThatAreNoRowsAreRefused) {
  PartWriter writer;
  writer.Add("a", {Cell(1.0)});
  const std::string part = writer.Take()[0];
  EXPECT_TRUE(Content::Make(HeadOf(2, 1), {part}).ok());
  EXPECT_FALSE(Content::Make(HeadOf(2, 2), {part}).ok());
  EXPECT_FALSE(Content::Make(HeadOf(0, 1), {part}).ok());
  for (size_t cut = 1; cut < part.size(); ++cut) {
    EXPECT_FALSE(Content::Make(HeadOf(2, 1), {part.substr(0, cut)}).ok()) << cut;
  }
  std::string wrong = part;
  wrong[2] = 9;
  EXPECT_FALSE(Content::Make(HeadOf(2, 1), {wrong}).ok());
}

TEST(Content, WhatIsNotThereIsAnEmptyRow) {
  expr::Scratch scratch;
  scratch.Start(1000);
  const expr::Value row = Lookup({}, "products", "a", scratch);
  EXPECT_TRUE(row.Is(expr::Kind::kMap));
  EXPECT_EQ(row.size(), 0u);
}

}  // namespace
}  // namespace batuta::table
