#include "connect/csv.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include <fstream>

namespace batuta::connect {
namespace {

using testing::ElementsAre;

std::string WriteFile(const std::string& name, const std::string& text) {
  const std::string path = testing::TempDir() + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

std::vector<CsvRow> ReadAll(const std::string& path, char delimiter = ',') {
  auto file = TextFile::Open(path);
  EXPECT_TRUE(file.ok()) << file.status();
  CsvReader reader(*file, delimiter);
  std::vector<CsvRow> rows;
  CsvRow row;
  while (true) {
    const auto more = reader.Next(row);
    EXPECT_TRUE(more.ok()) << more.status();
    if (!more.ok() || !*more) return rows;
    rows.push_back(row);
  }
}

std::vector<CsvRow> ReadText(const std::string& text, char delimiter = ',') {
  return ReadAll(WriteFile("csv_test.csv", text), delimiter);
}

TEST(Csv, QuotedFieldsHoldDelimitersQuotesAndLineEnds) {
  const auto rows = ReadText("a,\"b,c\",\"say \"\"hi\"\"\"\n1,\"two\nlines\",\n");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_THAT(rows[0].fields, ElementsAre("a", "b,c", "say \"hi\""));
  EXPECT_THAT(rows[1].fields, ElementsAre("1", "two\nlines", ""));
  EXPECT_EQ(rows[1].line, 2U);
}

TEST(Csv, TheLastLineNeedsNoEnd) {
  const auto rows = ReadText("a,b\nc,d");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_THAT(rows[1].fields, ElementsAre("c", "d"));
}

TEST(Csv, WindowsLineEndsByteOrderMarksAndEmptyLinesAreTaken) {
  const auto rows = ReadText(
      "\xEF\xBB\xBF"
      "a;b\r\n\r\n1;2\r\n",
      ';');
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_THAT(rows[0].fields, ElementsAre("a", "b"));
  EXPECT_THAT(rows[1].fields, ElementsAre("1", "2"));
  EXPECT_EQ(rows[1].line, 3U);
}

TEST(Csv, ABrokenRowIsToldAndTheNextOneIsRead) {
  const auto rows = ReadText("\"a\"b,c\n\xFF,1\nfine,2\n");
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].problem, "bad_quote");
  EXPECT_EQ(rows[1].problem, "not_utf8");
  EXPECT_EQ(rows[2].problem, "");
  EXPECT_THAT(rows[2].fields, ElementsAre("fine", "2"));
}

TEST(Csv, AQuoteThatIsNeverClosedIsToldWithItsLine) {
  const auto rows = ReadText("a,b\n\"open,1\nmore\n");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].problem, "unclosed_quote");
  EXPECT_EQ(rows[1].line, 2U);
}

TEST(Csv, ALineWithoutEndIsBounded) {
  std::string text(3 * TextFile::kMaxLineBytes, 'x');
  text += "\na,b\n";
  const auto rows = ReadText(text);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].problem, "too_long");
  EXPECT_THAT(rows[1].fields, ElementsAre("a", "b"));
}

TEST(Csv, GoesOnAtAnyRowPlainOrCompressed) {
  const std::string text = "h\n\"1\n1\"\n2\n3\n";
  const std::string packed = testing::TempDir() + "csv_test.csv.gz";
  gzFile gz = gzopen(packed.c_str(), "wb");
  ASSERT_EQ(gzwrite(gz, text.data(), static_cast<unsigned>(text.size())),
            static_cast<int>(text.size()));
  gzclose(gz);
  for (const std::string& path : {WriteFile("csv_resume.csv", text), packed}) {
    const auto all = ReadAll(path);
    ASSERT_EQ(all.size(), 4U);
    for (size_t i = 0; i < all.size(); ++i) {
      auto file = TextFile::Open(path);
      CsvReader reader(*file, ',');
      const uint64_t lines = i + 1 < all.size() ? all[i + 1].line - 1 : 5;
      ASSERT_TRUE(reader.Resume(all[i].offset, lines).ok());
      CsvRow row;
      const auto more = reader.Next(row);
      ASSERT_TRUE(more.ok());
      ASSERT_EQ(*more, i + 1 < all.size());
      if (!*more) continue;
      EXPECT_EQ(row.fields, all[i + 1].fields);
      EXPECT_EQ(row.line, all[i + 1].line);
      EXPECT_EQ(row.offset, all[i + 1].offset);
    }
  }
}

TEST(TextFile, ACompressedFileThatIsCutShortIsAnError) {
  const std::string whole = testing::TempDir() + "cut.gz";
  gzFile gz = gzopen(whole.c_str(), "wb");
  for (int i = 0; i < 5000; ++i) gzprintf(gz, "%d,%d\n", i, i * 7919);
  gzclose(gz);
  std::ifstream in(whole, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), {});
  auto file = TextFile::Open(WriteFile("cut2.gz", bytes.substr(0, bytes.size() / 2)));
  ASSERT_TRUE(file.ok());
  std::string line;
  absl::StatusOr<bool> more = true;
  while (more.ok() && *more) more = file->NextLine(line);
  EXPECT_EQ(more.status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace batuta::connect
