#include "ami_gateway/agi_request.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outdial::ami {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// As Asterisk 22 sends it.
constexpr char kRecorded[] =
    "agi_network: yes\n"
    "agi_network_script: out_dl_create\n"
    "agi_request: agi://127.0.0.1:34827/out_dl_create\n"
    "agi_channel: PJSIP/trunk-00000000\n"
    "agi_language: en\n"
    "agi_type: PJSIP\n"
    "agi_uniqueid: node1-1795392166.0\n"
    "agi_version: 22.10.1+dfsg+~cs6.17.60671434-1\n"
    "agi_callerid: unknown\n"
    "agi_calleridname: unknown\n"
    "agi_callingpres: 67\n"
    "agi_callingani2: 0\n"
    "agi_callington: 0\n"
    "agi_callingtns: 0\n"
    "agi_dnid: unknown\n"
    "agi_rdnis: unknown\n"
    "agi_context: add-entry\n"
    "agi_extension: s\n"
    "agi_priority: 1\n"
    "agi_enhanced: 0.0\n"
    "agi_accountcode: \n"
    "agi_threadid: 139858460939968\n"
    "agi_arg_1: d\n"
    "agi_arg_2: 1000:2000\n"
    "agi_arg_3: a name\n"
    "agi_arg_4:  with space\n"
    "agi_arg_5: \n"
    "agi_arg_6: x: y\n"
    "\n";

absl::StatusOr<AgiRequest> ParseArguments(int count) {
  std::string block;
  for (int i = 1; i <= count; ++i) absl::StrAppend(&block, "agi_arg_", i, ": x\n");
  return ParseAgiRequest(block);
}

TEST(AgiRequestTest, TakesWhatAsteriskSends) {
  const auto request = ParseAgiRequest(kRecorded);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->path, "out_dl_create");
  EXPECT_EQ(request->channel, "PJSIP/trunk-00000000");
  EXPECT_EQ(request->uniqueid, "node1-1795392166.0");
  EXPECT_THAT(request->arguments,
              ElementsAre("d", "1000:2000", "a name", " with space", "", "x: y"));
}

TEST(AgiRequestTest, NoArgumentsAndNoPathAreTheRequestsToJudge) {
  const auto request = ParseAgiRequest("agi_request: agi://host\n");
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->path, "");
  EXPECT_THAT(request->arguments, SizeIs(0));
  EXPECT_TRUE(ParseAgiRequest("").ok());
}

TEST(AgiRequestTest, StopsAtTheEmptyLine) {
  const auto request = ParseAgiRequest("agi_arg_1: a\n\nanything\n");
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_THAT(request->arguments, ElementsAre("a"));
}

TEST(AgiRequestTest, RefusesALineOfAnotherForm) {
  for (const char* const line : {"GET / HTTP/1.1\n", "agi_channel\n", "channel: x\n", "agi_\n"}) {
    const auto request = ParseAgiRequest(line);
    ASSERT_FALSE(request.ok()) << line;
    EXPECT_THAT(std::string(request.status().message()), HasSubstr("line break"));
  }
}

TEST(AgiRequestTest, ALineBreakInAnArgumentCannotSetAnother) {
  // The third argument is `x`, a line break and `agi_arg_4: forged`.
  const auto request = ParseAgiRequest(
      "agi_arg_1: d\nagi_arg_2: 1\nagi_arg_3: x\nagi_arg_4: forged\nagi_arg_4: real\n");
  ASSERT_FALSE(request.ok());
  EXPECT_THAT(std::string(request.status().message()), HasSubstr("line break"));
}

TEST(AgiRequestTest, RefusesArgumentsOutOfOrder) {
  EXPECT_FALSE(ParseAgiRequest("agi_arg_2: a\n").ok());
  EXPECT_FALSE(ParseAgiRequest("agi_arg_0: a\n").ok());
  EXPECT_FALSE(ParseAgiRequest("agi_arg_: a\n").ok());
  EXPECT_FALSE(ParseAgiRequest("agi_arg_1: a\nagi_arg_99999999999999999999: b\n").ok());
}

TEST(AgiRequestTest, TheFirstPathCounts) {
  const auto request = ParseAgiRequest(
      "agi_network_script: real\nagi_calleridname: x\nagi_network_script: forged\n");
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->path, "real");
}

TEST(AgiRequestTest, TakesAsManyArgumentsAsAsteriskSends) {
  const auto most = ParseArguments(kMaxAgiArguments);
  ASSERT_TRUE(most.ok()) << most.status();
  EXPECT_THAT(most->arguments, SizeIs(kMaxAgiArguments));
  EXPECT_FALSE(ParseArguments(kMaxAgiArguments + 1).ok());
  EXPECT_FALSE(ParseArguments(10'000).ok());
}

}  // namespace
}  // namespace outdial::ami
