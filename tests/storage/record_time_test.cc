#include "storage/record_time.h"

#include <cstdint>
#include <string>

#include "engine/now.h"
#include "gtest/gtest.h"

namespace outdial::storage {
namespace {

TEST(RecordTimeTest, KeepsAllNineDigits) {
  EXPECT_EQ(ParseRecordNanos("2016-10-22T14:34:45.339299560Z"), 1477146885339299560);
  EXPECT_EQ(FormatRecordNanos(1477146885339299560), "2016-10-22T14:34:45.339299560Z");
}

TEST(RecordTimeTest, AgreesWithTheEngineFromEndToEnd) {
  for (const int64_t nanos :
       {int64_t{0}, int64_t{-1}, int64_t{1}, int64_t{951868799999999999},  // end of a leap February
        int64_t{-9214560000000000000}, int64_t{9214646399999999999}}) {
    const std::string text = engine::FormatRecordTime(absl::FromUnixNanos(nanos));
    EXPECT_EQ(FormatRecordNanos(nanos), text);
    EXPECT_EQ(ParseRecordNanos(text), nanos) << text;
  }
}

TEST(RecordTimeTest, RefusesEveryOtherForm) {
  for (const char* text : {"", "2016-10-22T14:34:45Z", "2016-10-22T14:34:45.339299560",
                           "2016-10-22 14:34:45.339299560Z", "2016-13-22T14:34:45.339299560Z",
                           "2015-02-29T14:34:45.339299560Z", "2016-10-22T24:34:45.339299560Z",
                           "2016-10-22T14:34:60.339299560Z", "1500-10-22T14:34:45.339299560Z",
                           "9999-10-22T14:34:45.339299560Z", "2016-10-22T14:34:45.33929956xZ"}) {
    EXPECT_FALSE(ParseRecordNanos(text).has_value()) << text;
  }
}

TEST(RecordTimeTest, RoundsUpToMicroseconds) {
  EXPECT_EQ(MicrosRoundedUp(absl::FromUnixNanos(1000)), 1);
  EXPECT_EQ(MicrosRoundedUp(absl::FromUnixNanos(1001)), 2);
  EXPECT_EQ(MicrosRoundedUp(absl::FromUnixNanos(-1001)), -1);
}

}  // namespace
}  // namespace outdial::storage
