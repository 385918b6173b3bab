#include "cli/csv_reader.h"

#include <gmock/gmock.h>

#include <sstream>

namespace outdial::cli {
namespace {

using testing::ElementsAre;

std::vector<CsvRow> ReadRows(const std::string& text, char delimiter = ',') {
  std::istringstream in(text);
  CsvReader reader(&in, delimiter);
  std::vector<CsvRow> rows;
  for (CsvRow row; reader.Next(&row);) rows.push_back(row);
  EXPECT_EQ(reader.bytes_read(), text.size());
  return rows;
}

TEST(CsvReaderTest, ReadsCrLfBlankLinesAndAMissingLastNewline) {
  const auto rows = ReadRows(
      "\xEF\xBB\xBF"
      "a,b\r\n\r\n \n1,\"x\"\"y\"");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_THAT(rows[0].cells, ElementsAre("a", "b"));
  EXPECT_THAT(rows[1].cells, ElementsAre("1", "x\"y"));
  EXPECT_EQ(rows[1].line, 4u);
}

TEST(CsvReaderTest, AnUnclosedQuoteCostsOnlyItsLine) {
  const auto rows = ReadRows("a\n\"open\nb\nc\n");
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[1].line, 2u);
  EXPECT_NE(rows[1].error, "");
  EXPECT_THAT(rows[2].cells, ElementsAre("b"));
  EXPECT_THAT(rows[3].cells, ElementsAre("c"));
  EXPECT_EQ(rows[3].line, 4u);
}

TEST(CsvReaderTest, ALoneCarriageReturnIsRefused) {
  const auto rows = ReadRows("a\rb\nc\n");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_NE(rows[0].error, "");
  EXPECT_THAT(rows[1].cells, ElementsAre("c"));
}

TEST(CsvReaderTest, ALineOfTheLimitIsReadAndALongerOneRefused) {
  const std::string longest(CsvReader::kMaxRowBytes, 'x');
  const auto rows = ReadRows(longest + "\n" + longest + "x\nb\n");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].error, "");
  EXPECT_NE(rows[1].error, "");
  EXPECT_THAT(rows[2].cells, ElementsAre("b"));
}

TEST(CsvReaderTest, OtherDelimiter) {
  EXPECT_THAT(ReadRows("a;b,c\n", ';')[0].cells, ElementsAre("a", "b,c"));
}

}  // namespace
}  // namespace outdial::cli
