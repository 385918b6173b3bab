#include "engine/now.h"

#include <string>

#include "engine/random.h"
#include "gtest/gtest.h"

namespace outdial::engine {
namespace {

absl::Time Parsed(absl::string_view text) {
  const absl::StatusOr<absl::Time> time = ParseRecordTime(text);
  EXPECT_TRUE(time.ok()) << text;
  return time.value_or(absl::InfinitePast());
}

TEST(RecordTimeTest, HasNineDigitsAndZ) {
  const absl::Time time = absl::FromUnixSeconds(1477146885) + absl::Nanoseconds(339299560);
  EXPECT_EQ(FormatRecordTime(time), "2016-10-22T14:34:45.339299560Z");
  EXPECT_EQ(FormatRecordTime(absl::UnixEpoch()), "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(FormatRecordTime(absl::UnixEpoch() - absl::Nanoseconds(1)),
            "1969-12-31T23:59:59.999999999Z");
}

TEST(RecordTimeTest, WritesEveryDayAsAbseilDoes) {
  Random random(11);
  for (int i = 0; i < 20000; ++i) {
    const int64_t second = static_cast<int64_t>(random.Below(315569520000)) - 62167219200;
    const absl::Time time =
        absl::FromUnixSeconds(second) + absl::Nanoseconds(random.Below(1000000000));
    const std::string expected =
        absl::FormatTime("%E4Y-%m-%dT%H:%M:%E9SZ", time, absl::UTCTimeZone());
    ASSERT_EQ(FormatRecordTime(time), expected);
    ASSERT_EQ(Parsed(expected), time);
  }
}

TEST(RecordTimeTest, KeepsToFourDigitYears) {
  EXPECT_EQ(FormatRecordTime(absl::InfinitePast()), "0000-01-01T00:00:00.000000000Z");
  EXPECT_EQ(FormatRecordTime(absl::InfiniteFuture()), "9999-12-31T23:59:59.000000000Z");
}

TEST(RecordTimeTest, ReadsEveryFormOfRfc3339) {
  const absl::Time time = absl::FromUnixSeconds(1477146885);
  EXPECT_EQ(Parsed("2016-10-22T14:34:45Z"), time);
  EXPECT_EQ(Parsed("2016-10-22t14:34:45z"), time);
  EXPECT_EQ(Parsed("2016-10-22 14:34:45Z"), time);
  EXPECT_EQ(Parsed("2016-10-22T16:34:45+02:00"), time);
  EXPECT_EQ(Parsed("2016-10-22T09:04:45-05:30"), time);
  EXPECT_EQ(Parsed("2016-10-22T14:34:45.5Z"), time + absl::Milliseconds(500));
  EXPECT_EQ(Parsed("2016-10-22T14:34:45.1234567899Z"), time + absl::Nanoseconds(123456789));
  EXPECT_EQ(Parsed("2016-12-31T23:59:60Z"), Parsed("2017-01-01T00:00:00Z"));
}

TEST(RecordTimeTest, RefusesWhatIsNoTime) {
  for (const char* text : {"",
                           "now",
                           "2016-10-22",
                           "2016-10-22T14:34:45",
                           "2016-10-22T14:34Z",
                           "2016-13-01T00:00:00Z",
                           "2016-00-01T00:00:00Z",
                           "2016-01-00T00:00:00Z",
                           "2015-02-29T00:00:00Z",
                           "1900-02-29T00:00:00Z",
                           "2016-04-31T00:00:00Z",
                           "2016-10-22T24:00:00Z",
                           "2016-10-22T14:60:45Z",
                           "2016-10-22T14:34:61Z",
                           "2016-10-22T14:34:45.Z",
                           "2016-10-22T14:34:45+24:00",
                           "2016-10-22T14:34:45+02:60",
                           "2016-10-22T14:34:45+0200",
                           "2016-10-22T14:34:45Z ",
                           "2016-10-22T14:34:45ZZ",
                           "+016-10-22T14:34:45Z",
                           "2016-10-22T14:34:4xZ",
                           "2016-1a-22T14:34:45Z"}) {
    EXPECT_FALSE(ParseRecordTime(text).ok()) << text;
  }
}

}  // namespace
}  // namespace outdial::engine
