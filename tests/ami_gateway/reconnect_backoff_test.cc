#include "ami_gateway/reconnect_backoff.h"

#include "gtest/gtest.h"

namespace outdial::ami {
namespace {

constexpr absl::Duration kMin = absl::Milliseconds(200);
constexpr absl::Duration kMax = absl::Seconds(30);

TEST(ReconnectBackoffTest, DoublesUpToItsBoundWithJitter) {
  ReconnectBackoff backoff(kMin, kMax, 1);
  absl::Duration step = kMin;
  for (int i = 0; i < 20; ++i) {
    const absl::Duration wait = backoff.Next(false);
    EXPECT_GE(wait, step / 2) << i;
    EXPECT_LE(wait, step) << i;
    step = std::min(step * 2, kMax);
  }
}

TEST(ReconnectBackoffTest, BeginsAnewAfterReset) {
  ReconnectBackoff backoff(kMin, kMax, 1);
  for (int i = 0; i < 20; ++i) backoff.Next(false);
  backoff.Reset();
  EXPECT_LE(backoff.Next(false), kMin);
}

TEST(ReconnectBackoffTest, RefusedLoginWaitsLongAtOnce) {
  ReconnectBackoff backoff(kMin, kMax, 1);
  EXPECT_GE(backoff.Next(true), kMax / 2);
}

TEST(ReconnectBackoffTest, SeedsDiffer) {
  EXPECT_NE(ReconnectBackoff(kMin, kMax, 1).Next(false),
            ReconnectBackoff(kMin, kMax, 2).Next(false));
}

}  // namespace
}  // namespace outdial::ami
