#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "server/clock.h"
#include "server/zone_lookup.h"

namespace outdial::server {
namespace {

TEST(ScaledClockTest, BothTimesRunByTheFactor) {
  ScaledClock clock(1000);
  const absl::Duration real_begin = ReadMonotonic();
  const engine::Now begin = clock.Read();
  engine::Now end = clock.Read();
  while (end.mono - begin.mono < absl::Seconds(1)) end = clock.Read();
  const absl::Duration real = ReadMonotonic() - real_begin;
  EXPECT_GE(real * 1000, end.mono - begin.mono);
  EXPECT_EQ(end.wall - begin.wall, end.mono - begin.mono);
}

TEST(ScaledClockTest, RealDurationUndoesTheFactor) {
  ScaledClock clock(20);
  EXPECT_EQ(clock.RealDuration(absl::Seconds(60)), absl::Seconds(3));
  EXPECT_EQ(clock.RealDuration(absl::InfiniteDuration()), absl::InfiniteDuration());
}

TEST(ScaledClockTest, GoesOnWhereTimeHadRunAhead) {
  const absl::Time ahead = absl::Now() + absl::Hours(5);
  EXPECT_GE(ScaledClock(100, ahead).Read().wall, ahead);
  EXPECT_LT(ScaledClock(100, ahead).Read().wall, ahead + absl::Hours(1));
}

TEST(ScaledClockTest, NeverBeginsBehindTheTrueTime) {
  const absl::Time now = absl::Now();
  EXPECT_GE(ScaledClock(100, now - absl::Hours(5)).Read().wall, now);
}

TEST(SystemClockTest, NeverGoesBack) {
  SystemClock clock;
  engine::Now last = clock.Read();
  for (int i = 0; i < 1000; ++i) {
    const engine::Now now = clock.Read();
    ASSERT_GE(now.mono, last.mono);
    last = now;
  }
}

TEST(SystemZonesTest, FindsZonesByTheirName) {
  SystemZones zones;
  EXPECT_TRUE(zones.Find("UTC").has_value());
  const auto berlin = zones.Find("Europe/Berlin");
  ASSERT_TRUE(berlin.has_value());
  EXPECT_EQ(zones.Find("Europe/Berlin")->name(), berlin->name());
  EXPECT_FALSE(zones.Find("Europe/Nowhere").has_value());
}

TEST(SystemZonesTest, NamesNoFiles) {
  SystemZones zones;
  for (const char* name : {"", "/etc/localtime", "../../etc/localtime", "Europe/../UTC",
                           "file:/etc/localtime", "libc:localtime", ":UTC"}) {
    EXPECT_FALSE(zones.Find(name).has_value()) << name;
  }
  EXPECT_FALSE(zones.Find(std::string(100, 'a')).has_value());
}

}  // namespace
}  // namespace outdial::server
