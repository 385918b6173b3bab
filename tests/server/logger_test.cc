#include "server/logger.h"

#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spdlog/sinks/ostream_sink.h"

namespace outdial::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using Level = engine::LogLine::Level;

std::string Text(const engine::LogLine& line, bool unmasked = false) {
  return FormatLine(line, LogOptions::Format::kText, unmasked);
}

TEST(FormatLineTest, PutsTheEventFirstAndQuotesWhatIsNotPlain) {
  EXPECT_EQ(Text({Level::kInfo,
                  "dialing_ended",
                  {{"node", "a"}, {"cause", "17"}, {"detail", "user busy"}, {"empty", ""}}}),
            "dialing_ended node=a cause=17 detail=\"user busy\" empty=\"\"");
}

TEST(FormatLineTest, NoValueBreaksTheLine) {
  EXPECT_EQ(Text({Level::kInfo, "x", {{"reason", "a\r\nb \"c\" \xff"}}}),
            "x reason=\"a\\r\\nb \\\"c\\\" \xef\xbf\xbd\"");
}

TEST(FormatLineTest, MasksPeopleUnlessDebugging) {
  const engine::LogLine line{
      Level::kInfo, "x", {{"number", "+15550100"}, {"udata", "abc"}, {"dialing", "d1"}}};
  EXPECT_EQ(Text(line), "x number=***00 udata=*** dialing=d1");
  EXPECT_EQ(Text(line, /*unmasked=*/true), "x number=+15550100 udata=abc dialing=d1");
}

TEST(FormatLineTest, NeverShowsASecret) {
  const engine::LogLine line{Level::kInfo, "x", {{"secret", "hunter2"}, {"token", "t"}}};
  EXPECT_EQ(Text(line, /*unmasked=*/true), "x secret=*** token=***");
}

TEST(FormatLineTest, JsonIsOneObjectALine) {
  EXPECT_EQ(FormatLine({Level::kWarning, "cap_raised", {{"cap", "a \"b\""}}},
                       LogOptions::Format::kJson, false),
            R"("level":"warning","event":"cap_raised","cap":"a \"b\"")");
}

TEST(LoggerTest, LeavesOutWhatIsBelowItsLevel) {
  std::ostringstream out;
  Logger logger({}, std::make_shared<spdlog::sinks::ostream_sink_mt>(out));
  logger.Log({Level::kDebug, "frame", {}});
  logger.Info("started", {{"port", "1"}});
  EXPECT_THAT(out.str(), HasSubstr("info started port=1\n"));
  EXPECT_THAT(out.str(), Not(HasSubstr("frame")));
}

TEST(LoggerTest, FormatCharactersInAValueAreJustCharacters) {
  std::ostringstream out;
  Logger logger({}, std::make_shared<spdlog::sinks::ostream_sink_mt>(out));
  logger.Info("x", {{"value", "{} {0} %v"}});
  EXPECT_THAT(out.str(), HasSubstr("value=\"{} {0} %v\""));
}

}  // namespace
}  // namespace outdial::server
