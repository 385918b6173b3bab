#include "engine/cap_limiter.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace outdial::engine {
namespace {

CampaignUuid Campaign(int number) {
  return *CampaignUuid::Parse(absl::StrCat("0192b7c4-5d2e-7a31-9c5b-00000000000", number));
}
DestinationUuid Destination(int number) {
  return *DestinationUuid::Parse(absl::StrCat("0192b7c4-5d2e-7a31-9c5c-00000000000", number));
}

EngineConfig Config() {
  EngineConfig config;
  config.nodes = {{.name = "n1", .cap = {.max_calls = 3, .calls_per_second = 100}},
                  {.name = "n2", .cap = {.max_calls = 3, .calls_per_second = 100}}};
  config.trunk_cap = {.max_calls = 50, .calls_per_second = 100};
  config.trunk_caps["small"] = {.max_calls = 1, .calls_per_second = 100};
  config.trunk_caps["slow"] = {.max_calls = 50, .calls_per_second = 2};
  config.server_cap = {.max_calls = 5, .calls_per_second = 100};
  return config;
}

CallPlace Place(std::string node = "n1", std::string trunk = "gw") {
  return {.node = std::move(node),
          .trunk = std::move(trunk),
          .campaign = Campaign(1),
          .destination = Destination(1)};
}

constexpr MonotonicTime kNow = absl::Seconds(50);

// A call that is sent at the moment it is decided on.
CapVerdict Begin(CapLimiter& limiter, const CallPlace& place, const RecordCaps& caps,
                 MonotonicTime now) {
  CapVerdict verdict = limiter.Acquire(place, caps, now);
  if (verdict.allowed) limiter.Sent(1, now);
  return verdict;
}

TEST(CapLimiterTest, StartsThatNobodyRemembersUseUpEveryRate) {
  CapLimiter limiter(Config());
  limiter.ForgetStarts(kNow);
  const CapVerdict verdict = limiter.Check(Place("n1", "slow"), {}, kNow);
  EXPECT_FALSE(verdict.allowed);
  EXPECT_EQ(verdict.reason, v1::WAIT_REASON_RATE_CAP);
  EXPECT_EQ(verdict.retry_at, kNow + absl::Seconds(1));
  EXPECT_TRUE(Begin(limiter, Place("n1", "slow"), {}, verdict.retry_at).allowed);

  const RecordCaps one_in_ten_seconds{.campaign_calls_per_second = 0.1};
  EXPECT_EQ(limiter.Check(Place(), one_in_ten_seconds, kNow).retry_at, kNow + absl::Seconds(10));
}

TEST(CapLimiterTest, NamesTheCapThatIsReached) {
  CapLimiter limiter(Config());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Begin(limiter, Place(), {}, kNow).allowed);
  const CapVerdict verdict = limiter.Check(Place(), {}, kNow);
  EXPECT_FALSE(verdict.allowed);
  EXPECT_EQ(verdict.reason, v1::WAIT_REASON_CALL_CAP);
  EXPECT_EQ(verdict.detail, "node n1: at most 3 calls in progress");
  EXPECT_EQ(verdict.retry_at, absl::InfiniteDuration());
  EXPECT_TRUE(limiter.Check(Place("n2"), {}, kNow).allowed);
}

TEST(CapLimiterTest, HoldsEachKindOfCap) {
  CapLimiter limiter(Config());
  ASSERT_TRUE(Begin(limiter, Place("n1", "small"), {}, kNow).allowed);
  EXPECT_EQ(limiter.Check(Place("n2", "small"), {}, kNow).detail,
            "trunk small: at most 1 calls in progress");
  EXPECT_EQ(limiter.Check(Place(), {.campaign_max_calls = 1}, kNow).detail,
            "campaign: at most 1 calls in progress");
  EXPECT_EQ(limiter.Check(Place(), {.destination_max_calls = 1}, kNow).detail,
            "destination: at most 1 calls in progress");
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(Begin(limiter, Place(), {}, kNow).allowed);
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(Begin(limiter, Place("n2"), {}, kNow).allowed);
  EXPECT_EQ(limiter.Check(Place("n2"), {}, kNow).detail, "server: at most 5 calls in progress");
}

TEST(CapLimiterTest, RefusedCallCountsNowhere) {
  CapLimiter limiter(Config());
  ASSERT_TRUE(Begin(limiter, Place("n1", "small"), {}, kNow).allowed);
  ASSERT_FALSE(Begin(limiter, Place("n2", "small"), {}, kNow).allowed);
  EXPECT_EQ(limiter.ServerCalls(), 1);
  EXPECT_EQ(limiter.NodeCalls("n2"), 0);
  EXPECT_EQ(limiter.TrunkCalls("small"), 1);
  EXPECT_EQ(limiter.CampaignCalls(Campaign(1)), 1);
  EXPECT_EQ(limiter.DestinationCalls(Destination(1)), 1);
}

TEST(CapLimiterTest, GivesBackWhatEnded) {
  CapLimiter limiter(Config());
  ASSERT_TRUE(Begin(limiter, Place("n1", "small"), {}, kNow).allowed);
  limiter.Release(Place("n1", "small"));
  EXPECT_EQ(limiter.ServerCalls(), 0);
  EXPECT_TRUE(Begin(limiter, Place("n1", "small"), {}, kNow).allowed);
}

TEST(CapLimiterTest, SaysWhenTheRateAllowsTheNextCall) {
  CapLimiter limiter(Config());
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(Begin(limiter, Place("n1", "slow"), {}, kNow).allowed);
  const CapVerdict verdict = limiter.Check(Place("n1", "slow"), {}, kNow);
  EXPECT_EQ(verdict.reason, v1::WAIT_REASON_RATE_CAP);
  EXPECT_EQ(verdict.detail, "trunk slow: at most 2 new calls a second");
  EXPECT_EQ(verdict.retry_at, kNow + absl::Seconds(1));
  EXPECT_TRUE(limiter.Check(Place("n1", "slow"), {}, verdict.retry_at).allowed);
}

TEST(CapLimiterTest, ACallCountsAgainstTheRateFromWhenItIsSent) {
  CapLimiter limiter(Config());
  const CallPlace place = Place("n1", "slow");
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(limiter.Acquire(place, {}, kNow).allowed);
  EXPECT_FALSE(limiter.TakeSendingAwaited());
  const CapVerdict unsent = limiter.Acquire(place, {}, kNow + absl::Minutes(1));
  EXPECT_EQ(unsent.reason, v1::WAIT_REASON_RATE_CAP);
  EXPECT_EQ(unsent.retry_at, absl::InfiniteDuration());
  EXPECT_TRUE(limiter.TakeSendingAwaited());
  EXPECT_FALSE(limiter.TakeSendingAwaited());

  const MonotonicTime sent = kNow + absl::Minutes(2);
  limiter.Sent(1, sent);
  EXPECT_EQ(limiter.Check(place, {}, sent).retry_at, sent + absl::Seconds(1));
  limiter.Sent(1, sent + absl::Milliseconds(300));
  EXPECT_TRUE(limiter.Acquire(place, {}, sent + absl::Seconds(1)).allowed);
  limiter.Sent(1, sent + absl::Seconds(1));
  EXPECT_EQ(limiter.Check(Place("n2", "slow"), {}, sent + absl::Seconds(1)).retry_at,
            sent + absl::Milliseconds(1300));
}

TEST(CapLimiterTest, NamesTheCapThatHoldsLongest) {
  CapLimiter limiter(Config());
  ASSERT_TRUE(Begin(limiter, Place(), {.campaign_calls_per_second = 0.1}, kNow).allowed);
  const CapVerdict by_rate =
      limiter.Check(Place(), {.campaign_calls_per_second = 0.1}, kNow + absl::Seconds(1));
  EXPECT_EQ(by_rate.detail, "campaign: at most 0.1 new calls a second");
  const CapVerdict by_both =
      limiter.Check(Place(), {.campaign_calls_per_second = 0.1, .destination_max_calls = 1}, kNow);
  EXPECT_EQ(by_both.reason, v1::WAIT_REASON_CALL_CAP);
}

TEST(CapLimiterTest, CountsAdoptedCallsBeyondTheCap) {
  CapLimiter limiter(Config());
  for (int i = 0; i < 4; ++i) limiter.Adopt(Place());
  EXPECT_EQ(limiter.NodeCalls("n1"), 4);
  EXPECT_FALSE(limiter.Check(Place(), {}, kNow).allowed);
  for (int i = 0; i < 4; ++i) limiter.Release(Place());
  EXPECT_TRUE(limiter.Check(Place(), {}, kNow).allowed);
}

TEST(CapLimiterTest, AdoptedCallsTakeNothingOfTheRate) {
  CapLimiter limiter(Config());
  for (int i = 0; i < 2; ++i) limiter.Adopt(Place("n1", "slow"));
  EXPECT_TRUE(limiter.Check(Place("n2", "slow"), {}, kNow).allowed);
}

TEST(CapLimiterTest, GivesANodeOutsideTheConfigurationNoCalls) {
  CapLimiter limiter(Config());
  EXPECT_FALSE(limiter.Check(Place("gone"), {}, kNow).allowed);
  limiter.Adopt(Place("gone"));
  limiter.Release(Place("gone"));
}

TEST(CapLimiterTest, LeavesCallsWithoutATrunkToTheOtherCaps) {
  CapLimiter limiter(Config());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Begin(limiter, Place("n1", ""), {}, kNow).allowed);
  EXPECT_EQ(limiter.TrunkCalls(""), 0);
}

TEST(CapLimiterTest, RemembersTheRateOfACampaignWithoutCallsAmongThousands) {
  EngineConfig config = Config();
  config.server_cap = {.max_calls = 100000, .calls_per_second = 1e6};
  config.nodes[0].cap = config.server_cap;
  CapLimiter limiter(config);
  const RecordCaps slow{.campaign_calls_per_second = 0.1};
  ASSERT_TRUE(Begin(limiter, Place("n1", ""), slow, kNow).allowed);
  limiter.Release(Place("n1", ""));
  for (int i = 0; i < 5000; ++i) {
    const CallPlace other = Place("n1", absl::StrCat("trunk", i));
    ASSERT_TRUE(Begin(limiter, other, {}, kNow).allowed);
    limiter.Release(other);
  }
  EXPECT_FALSE(limiter.Check(Place("n1", ""), slow, kNow + absl::Seconds(9)).allowed);
  EXPECT_TRUE(limiter.Check(Place("n1", ""), slow, kNow + absl::Seconds(10)).allowed);
}

}  // namespace
}  // namespace outdial::engine
