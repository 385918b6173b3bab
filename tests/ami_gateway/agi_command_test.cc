#include "ami_gateway/agi_command.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outdial::ami {
namespace {

using ::testing::EndsWith;
using ::testing::SizeIs;

TEST(AgiCommandTest, QuotesTheValue) {
  EXPECT_EQ(SetVariableCommand("OUTDETAIL", "a b,${X}"), "SET VARIABLE OUTDETAIL \"a b,${X}\"\n");
  EXPECT_EQ(SetVariableCommand("OUTDETAIL", ""), "SET VARIABLE OUTDETAIL \"\"\n");
  EXPECT_EQ(SetVariableCommand("X", "say \"hi\" \\"), "SET VARIABLE X \"say \\\"hi\\\" \\\\\"\n");
}

TEST(AgiCommandTest, IsOneLineWhateverTheValueHolds) {
  const std::string value("a\nHANGUP\r\n\0\t\x7F", 13);
  EXPECT_EQ(SetVariableCommand("X", value), "SET VARIABLE X \"a HANGUP     \"\n");
}

TEST(AgiCommandTest, FitsIntoAsterisksLine) {
  const std::string command = SetVariableCommand("OUTDETAIL", std::string(100'000, '"'));
  EXPECT_LT(command.size(), 2047U);
  EXPECT_THAT(command, EndsWith("\\\"\"\n"));
}

TEST(AgiCommandTest, ALongValueEndsWithAWholeCharacter) {
  std::string value(kMaxAgiValueBytes - 1, 'a');
  value += "\xE2\x82\xAC";  // a euro sign, the last two bytes of which are too many
  EXPECT_EQ(SetVariableCommand("X", value),
            "SET VARIABLE X \"" + std::string(kMaxAgiValueBytes - 1, 'a') + "\"\n");
}

// The lines are those of Asterisk 22.
TEST(AgiCommandTest, KnowsAsterisksAnswers) {
  EXPECT_EQ(ReadAgiReply("200 result=1"), AgiReply::kDone);
  EXPECT_EQ(ReadAgiReply("HANGUP"), AgiReply::kNotice);
  EXPECT_EQ(ReadAgiReply("510 Invalid or unknown command"), AgiReply::kRefused);
  EXPECT_EQ(ReadAgiReply("511 Command Not Permitted on a dead channel or intercept routine"),
            AgiReply::kRefused);
  EXPECT_EQ(ReadAgiReply("520-Invalid command syntax.  Proper usage follows:"), AgiReply::kRefused);
  EXPECT_EQ(ReadAgiReply(""), AgiReply::kRefused);
  EXPECT_EQ(ReadAgiReply("agi_arg_1: x"), AgiReply::kRefused);
}

}  // namespace
}  // namespace outdial::ami
