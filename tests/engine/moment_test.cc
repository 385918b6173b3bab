#include "engine/moment.h"

#include "gtest/gtest.h"

namespace outdial::engine {
namespace {

const absl::Time kNoon = absl::FromUnixSeconds(1800000000);

// Read at `latest` seconds, not before `earliest`.
Moment Read(double earliest, double latest, std::optional<double> stamp = std::nullopt) {
  Moment moment{absl::Seconds(latest), absl::Seconds(earliest), std::nullopt};
  if (stamp.has_value()) moment.stamp = kNoon + absl::Seconds(*stamp);
  return moment;
}

TEST(SpanBetweenTest, IsAsWideAsTheTimesOfReadingLeaveOpen) {
  const Span span = SpanBetween(Read(9.5, 13), Read(12, 13));
  EXPECT_EQ(span.least, absl::Seconds(-1));
  EXPECT_EQ(span.most, absl::Seconds(3.5));
}

TEST(SpanBetweenTest, MayBeAnyLengthAfterWhatWasFoundOnly) {
  const Span span = SpanBetween(Moment::Before(absl::Seconds(10)), Moment::At(absl::Seconds(12)));
  EXPECT_EQ(span.least, absl::Seconds(2));
  EXPECT_EQ(span.most, absl::InfiniteDuration());
}

TEST(SpanBetweenTest, IsExactBetweenStamps) {
  const Span span = SpanBetween(Read(9.5, 13, 0.25), Read(9.5, 13, 2.75));
  EXPECT_EQ(span.least, absl::Seconds(2.5));
  EXPECT_EQ(span.most, absl::Seconds(2.5));
  EXPECT_EQ(SpanBetween(Read(9.5, 13, 0.25), Read(9.5, 13)).most, absl::Seconds(3.5));
}

TEST(SpanBetweenTest, DoesNotBelieveAClockThatWasSetInBetween) {
  for (const double set_by : {-3600.0, 3600.0}) {
    const Span span = SpanBetween(Read(9.9, 10, 0), Read(29.9, 30, 20 + set_by));
    EXPECT_EQ(span.least, absl::Seconds(19.9)) << set_by;
    EXPECT_EQ(span.most, absl::Seconds(20.1)) << set_by;
  }
}

TEST(FirstTest, KnowsLeastOfTwoSignsInEitherOrder) {
  const Moment up = Read(9, 10, 3);
  const Moment end = Read(9.5, 9.8, 2);
  for (const Moment& first : {First(up, end), First(end, up)}) {
    EXPECT_EQ(first.earliest, absl::Seconds(9));
    EXPECT_EQ(first.latest, absl::Seconds(9.8));
    EXPECT_EQ(first.stamp, kNoon + absl::Seconds(2));
  }
  EXPECT_EQ(First(Read(9, 10), up).stamp, up.stamp);
  EXPECT_EQ(First(up, Read(9, 10)).stamp, up.stamp);
}

}  // namespace
}  // namespace outdial::engine
