#include "engine/trunk_breaker.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace outdial::engine {
namespace {

constexpr MonotonicTime kNow = absl::Seconds(1000);

class TrunkBreakerTest : public ::testing::Test {
 protected:
  static DialingUuid Dialing(int number) {
    return *DialingUuid::Parse(absl::StrCat("0192b7c4-5d2e-7a31-9c5b-00000000", 1000 + number));
  }
  bool MayStart(MonotonicTime now) const { return breaker_.NextStart("gw") <= now; }
  void Report(int number, TrunkSign sign, MonotonicTime now = kNow) {
    breaker_.Report("gw", Dialing(number), sign, now);
  }
  // Five failures in a row at `kNow`.
  void Fail() {
    for (int i = 0; i < TrunkBreaker::kFailuresToRest; ++i) {
      ASSERT_TRUE(MayStart(kNow));
      breaker_.Start("gw", Dialing(i));
      Report(i, TrunkSign::kFailed);
    }
  }
  void Probe(int number, MonotonicTime now) {
    ASSERT_TRUE(MayStart(now));
    breaker_.Start("gw", Dialing(number));
  }

  TrunkBreaker breaker_;
};

TEST_F(TrunkBreakerTest, RestsAfterFiveFailuresInARow) {
  Fail();
  EXPECT_TRUE(breaker_.Rests("gw"));
  EXPECT_EQ(breaker_.NextStart("gw"), kNow + absl::Seconds(30));
  EXPECT_FALSE(breaker_.Rests("other"));
  EXPECT_EQ(breaker_.NextStart("other"), -absl::InfiniteDuration());
}

TEST_F(TrunkBreakerTest, CountsOnlyFailuresInARow) {
  for (int i = 0; i < 20; ++i) {
    Report(i, i % 5 == 4 ? TrunkSign::kWorks : TrunkSign::kFailed);
    Report(i, TrunkSign::kNone);
  }
  EXPECT_FALSE(breaker_.Rests("gw"));
}

TEST_F(TrunkBreakerTest, LetsOneCallProbeAfterTheRest) {
  Fail();
  Probe(10, kNow + absl::Seconds(30));
  EXPECT_EQ(breaker_.NextStart("gw"), absl::InfiniteDuration());
}

TEST_F(TrunkBreakerTest, WorksAgainOnceTheProbeRings) {
  Fail();
  Probe(10, kNow + absl::Seconds(30));
  Report(10, TrunkSign::kWorks);
  EXPECT_FALSE(breaker_.Rests("gw"));
  EXPECT_TRUE(MayStart(kNow));
}

TEST_F(TrunkBreakerTest, DoublesItsRestUpToTenMinutes) {
  Fail();
  MonotonicTime now = kNow;
  for (const int rest_s : {30, 60, 120, 240, 480, 600, 600}) {
    EXPECT_EQ(breaker_.NextStart("gw"), now + absl::Seconds(rest_s));
    now += absl::Seconds(rest_s);
    Probe(10, now);
    Report(10, TrunkSign::kFailed, now);
  }
}

TEST_F(TrunkBreakerTest, BeginsAnewWithAShortRest) {
  Fail();
  Probe(10, kNow + absl::Seconds(30));
  Report(10, TrunkSign::kFailed, kNow + absl::Seconds(30));
  Report(11, TrunkSign::kWorks);
  Fail();
  EXPECT_EQ(breaker_.NextStart("gw"), kNow + absl::Seconds(30));
}

TEST_F(TrunkBreakerTest, ProbesAgainWhenAProbeToldNothing) {
  Fail();
  const MonotonicTime later = kNow + absl::Seconds(30);
  Probe(10, later);
  Report(10, TrunkSign::kNone, later);
  EXPECT_TRUE(MayStart(later));
}

TEST_F(TrunkBreakerTest, FailureOfAnEarlierCallDoesNotLengthenTheRest) {
  Fail();
  Report(9, TrunkSign::kFailed, kNow + absl::Seconds(20));
  EXPECT_EQ(breaker_.NextStart("gw"), kNow + absl::Seconds(30));
  Probe(10, kNow + absl::Seconds(30));
  Report(8, TrunkSign::kNone);
  EXPECT_EQ(breaker_.NextStart("gw"), absl::InfiniteDuration());
}

TEST_F(TrunkBreakerTest, NeverHoldsBackCallsWithoutATrunk) {
  for (int i = 0; i < 20; ++i) breaker_.Report("", Dialing(i), TrunkSign::kFailed, kNow);
  EXPECT_FALSE(breaker_.Rests(""));
}

}  // namespace
}  // namespace outdial::engine
