#include "cli/top_table.h"

#include <gmock/gmock.h>

namespace outdial::cli {
namespace {

using testing::ElementsAre;

std::vector<std::string> Texts(const std::vector<TopLine>& lines) {
  std::vector<std::string> texts;
  for (const TopLine& line : lines) texts.push_back(PlainText(line));
  return texts;
}

std::vector<std::string> LaidOut(size_t width) {
  return Texts(LayOut(
      {{.title = "NAME", .min_width = 6},
       {.title = "N", .is_right = true},
       {.title = "MORE", .drop_order = 1},
       {.title = "WHY", .min_width = 4, .drop_order = 2}},
      {{{"a long name"}, {"10"}, {"more"}, {"because of it"}}, {{"b"}, {"7"}, {""}, {""}}}, width));
}

TEST(TopTableTest, ColumnsAreAsWideAsTheyMustBe) {
  EXPECT_THAT(LaidOut(100), ElementsAre("NAME          N  MORE  WHY",
                                        "a long name  10  more  because of it",  //
                                        "b             7"));
}

TEST(TopTableTest, TheWidestThatMayBeCutAreCutFirst) {
  EXPECT_THAT(LaidOut(30), ElementsAre("NAME        N  MORE  WHY",        //
                                       "a long n…  10  more  because …",  //
                                       "b           7"));
}

TEST(TopTableTest, ThenColumnsAreLeftOut) {
  EXPECT_THAT(LaidOut(20), ElementsAre("NAME         N  MORE",  //
                                       "a long na…  10  more",  //
                                       "b            7"));
  EXPECT_THAT(LaidOut(12), ElementsAre("NAME       N", "a long …  10", "b          7"));
}

TEST(TopTableTest, ALineIsCutWithinItsLastSpan) {
  const TopLine line = {{"abc", TopStyle::kGood}, {"defgh", TopStyle::kBad}, {"i"}};
  EXPECT_EQ(PlainText(CutLine(line, 9)), "abcdefghi");
  EXPECT_EQ(PlainText(CutLine(line, 8)), "abcdefg…");
  EXPECT_EQ(PlainText(CutLine(line, 4)), "abc…");
  EXPECT_EQ(PlainText(CutLine(line, 3)), "ab…");
  EXPECT_EQ(PlainText(CutLine(line, 1)), "…");
}

TEST(TopTableTest, WideCharactersCountTwice) {
  EXPECT_EQ(PlainText(CutLine({{"日本語"}}, 5)), "日本…");
  EXPECT_EQ(PlainText(CutLine({{"日本語"}}, 4)), "日…");
}

}  // namespace
}  // namespace outdial::cli
