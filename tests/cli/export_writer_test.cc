#include "cli/export_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "cli/csv_reader.h"
#include "cli/csv_writer.h"
#include "outdial/v1/dialing_service.pb.h"
#include "outdial/v1/dl.pb.h"

namespace outdial::cli {
namespace {

using ::testing::Contains;
using ::testing::Not;

TEST(CsvWriterTest, WhatIsWrittenIsReadAgain) {
  const std::vector<std::string> cells = {"plain",   "with, comma", "with \"quotes\"",
                                          "a\nline", " spaces ",    ""};
  std::stringstream text;
  WriteCsvRow({"a", "b", "c", "d", "e", "f"}, &text);
  WriteCsvRow(cells, &text);
  CsvReader reader(&text, ',');
  CsvRow row;
  ASSERT_TRUE(reader.Next(&row));
  ASSERT_TRUE(reader.Next(&row));
  EXPECT_EQ(row.error, "");
  EXPECT_EQ(row.cells, cells);
}

TEST(CsvCellsTest, AnEntryHasAColumnForEachNumber) {
  v1::Dl dl;
  dl.set_uuid("u");
  dl.set_name("Ann");
  dl.add_number("5550100");
  dl.set_outcome(v1::OUTCOME_NO_ANSWER);
  v1::Variable* variable = dl.add_variables();
  variable->set_name("a");
  variable->set_value("1");
  const std::vector<std::string> titles = CsvTitles(*v1::Dl::descriptor());
  const std::vector<std::string> cells = CsvCells(dl);
  ASSERT_EQ(titles.size(), cells.size());
  const auto cell = [&](const std::string& title) {
    return cells[static_cast<size_t>(std::find(titles.begin(), titles.end(), title) -
                                     titles.begin())];
  };
  EXPECT_EQ(cell("name"), "Ann");
  EXPECT_EQ(cell("number1"), "5550100");
  EXPECT_EQ(cell("number8"), "");
  EXPECT_EQ(cell("outcome"), "no-answer");
  EXPECT_EQ(cell("res_dial"), "");
  EXPECT_EQ(cell("variables"), "a=1");
}

TEST(CsvCellsTest, AResultHasTheColumnsOfItsDialing) {
  v1::Result result;
  result.set_position("r1");
  result.mutable_dialing()->set_dial_addr("5550100");
  const std::vector<std::string> titles = CsvTitles(*v1::Result::descriptor());
  EXPECT_EQ(titles.front(), "position");
  EXPECT_THAT(titles, Contains("dial_addr"));
  EXPECT_THAT(titles, Not(Contains("campaign")));
  const std::vector<std::string> cells = CsvCells(result);
  EXPECT_EQ(cells.size(), titles.size());
  EXPECT_THAT(cells, Contains("5550100"));
}

}  // namespace
}  // namespace outdial::cli
