#include "engine/rate_window.h"

#include <vector>

#include "engine/random.h"
#include "gtest/gtest.h"

namespace outdial::engine {
namespace {

// A call that is sent at the moment it is decided on.
void Begin(RateWindow& window, MonotonicTime now, double rate) {
  window.Start(rate);
  window.Sent(now);
}

// Starts as many calls as it allows, asking at random moments, for `length`.
std::vector<MonotonicTime> StartsOf(double rate, absl::Duration length) {
  Random random(4);
  RateWindow window;
  std::vector<MonotonicTime> starts;
  MonotonicTime now;
  while (now < length) {
    if (window.NextStart(rate) <= now) {
      Begin(window, now, rate);
      starts.push_back(now);
    } else {
      now += absl::Milliseconds(random.Below(40));
    }
  }
  return starts;
}

TEST(RateWindowTest, HoldsInEverySecond) {
  const std::vector<MonotonicTime> starts = StartsOf(5, absl::Minutes(2));
  for (size_t i = 5; i < starts.size(); ++i) {
    EXPECT_GE(starts[i] - starts[i - 5], absl::Seconds(1));
  }
  EXPECT_GT(starts.size(), 570U);
}

TEST(RateWindowTest, LetsABurstOfOneSecondGoAtOnce) {
  RateWindow window;
  const MonotonicTime now = absl::Seconds(10);
  for (int i = 0; i < 5; ++i) {
    EXPECT_LE(window.NextStart(5), now);
    Begin(window, now, 5);
  }
  EXPECT_EQ(window.NextStart(5), now + absl::Seconds(1));
}

TEST(RateWindowTest, SpreadsHighRatesOverTheSecond) {
  const std::vector<MonotonicTime> starts = StartsOf(500, absl::Seconds(20));
  for (size_t i = 500; i < starts.size(); ++i) {
    EXPECT_GE(starts[i] - starts[i - 500], absl::Seconds(1));
  }
  for (size_t i = 50; i < starts.size(); ++i) {
    EXPECT_GE(starts[i] - starts[i - 50], absl::Milliseconds(75)) << i;
  }
  EXPECT_GT(starts.size(), 9500U);
}

TEST(RateWindowTest, KeepsRatesBelowOneAndFractions) {
  RateWindow slow;
  Begin(slow, absl::ZeroDuration(), 0.1);
  EXPECT_EQ(slow.NextStart(0.1), absl::Seconds(10));
  const std::vector<MonotonicTime> starts = StartsOf(2.5, absl::Seconds(100));
  EXPECT_LE(starts.size(), 252U);
  EXPECT_GT(starts.size(), 230U);
}

TEST(RateWindowTest, FollowsAChangedRate) {
  RateWindow window;
  for (int i = 0; i < 5; ++i) Begin(window, absl::ZeroDuration(), 5);
  EXPECT_EQ(window.NextStart(1), absl::Seconds(1));
  EXPECT_LE(window.NextStart(6), absl::ZeroDuration());
}

TEST(RateWindowTest, IsIdleOnceEverythingIsLongAgo) {
  RateWindow window;
  EXPECT_TRUE(window.IsIdle(absl::ZeroDuration()));
  Begin(window, absl::ZeroDuration(), 0.5);
  EXPECT_FALSE(window.IsIdle(absl::Seconds(1.9)));
  EXPECT_TRUE(window.IsIdle(absl::Seconds(2)));
}

}  // namespace
}  // namespace outdial::engine
