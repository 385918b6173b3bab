#include "cli/text_table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace outdial::cli {
namespace {

TEST(TextTableTest, WidthIsThatOfTheTerminal) {
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("день"), 4u);
  EXPECT_EQ(DisplayWidth("日本"), 4u);
  EXPECT_EQ(DisplayWidth("e\xCC\x81"), 1u);
}

TEST(TextTableTest, ControlCharactersAndInvalidBytesAreShownNotSent) {
  EXPECT_EQ(Printable("a\x1b[2J\n\xFF"), "a\\x1b[2J\\x0a\\xff");
  EXPECT_EQ(Printable("\xE2\x80\xAE"
                      "x"),
            "\\u202ex");
}

TEST(TextTableTest, ColumnsAlignAndLongCellsAreCutButTheLast) {
  std::ostringstream out;
  TextTable table({"A", "B"}, &out);
  table.Add({"日本", "x"});
  table.Add({std::string(60, 'y'), std::string(60, 'z')});
  table.Finish();
  EXPECT_EQ(out.str(), "A" + std::string(41, ' ') + "B\n" + "日本" + std::string(38, ' ') + "x\n" +
                           std::string(39, 'y') + "…  " + std::string(60, 'z') + "\n");
}

TEST(TextTableTest, RowsAreReleasedBeforeTheEnd) {
  std::ostringstream out;
  TextTable table({"A"}, &out);
  for (size_t i = 0; i <= TextTable::kRowsHeldBack; ++i) table.Add({"x"});
  EXPECT_NE(out.str(), "");
}

}  // namespace
}  // namespace outdial::cli
