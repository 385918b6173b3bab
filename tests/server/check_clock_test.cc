#include "server/check_clock.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outdial::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

absl::Time At(absl::string_view text) {
  absl::Time time;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, nullptr));
  return time;
}

std::string Message(const absl::Status& status) { return std::string(status.message()); }

const absl::Time kWritten = At("2026-11-22T10:00:00Z");

TEST(CheckClockTest, TakesAClockThatGoesOn) {
  EXPECT_TRUE(CheckClock(At("2026-11-22T10:00:01Z"), kWritten, false).ok());
  EXPECT_TRUE(CheckClock(At("2026-11-22T10:00:01Z"), absl::InfinitePast(), false).ok());
}

TEST(CheckClockTest, TakesAClockThatWasCorrected) {
  EXPECT_TRUE(CheckClock(kWritten - kMaxClockSetBack, kWritten, false).ok());
}

TEST(CheckClockTest, RefusesAClockBehindTheStoreUnlessToldSo) {
  const absl::Time now = kWritten - kMaxClockSetBack - absl::Seconds(1);
  const absl::Status status = CheckClock(now, kWritten, false);
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(Message(status),
              AllOf(HasSubstr("2026-11-22T09:49:59Z"), HasSubstr("2026-11-22T10:00:00Z"),
                    HasSubstr("--accept-clock")));
  EXPECT_TRUE(CheckClock(now, kWritten, true).ok());
}

TEST(CheckClockTest, RefusesAClockThatWasNeverSet) {
  for (const bool accept_older : {false, true}) {
    const absl::Status status =
        CheckClock(absl::UnixEpoch() + absl::Seconds(5), absl::InfinitePast(), accept_older);
    EXPECT_TRUE(absl::IsFailedPrecondition(status));
    EXPECT_THAT(Message(status), HasSubstr("1970-01-01T00:00:05Z"));
  }
}

}  // namespace
}  // namespace outdial::server
