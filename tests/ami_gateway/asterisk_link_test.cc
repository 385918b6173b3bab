#include "ami_gateway/asterisk_link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <variant>
#include <vector>

#include "absl/time/time.h"

namespace outdial::ami {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kDialing[] = "01890a5d-ac96-774b-bcce-b302099a8057";

class AsteriskLinkTest : public testing::Test {
 protected:
  engine::Now now() const { return {mono_, absl::FromUnixSeconds(1700000000)}; }
  void Originate() {
    engine::Originate originate;
    originate.dialing = *engine::DialingUuid::Parse(kDialing);
    link_.Command({"node", originate}, now());
  }
  // What the peer says first; it is answered.
  void Greet() {
    AmiFrame banner;
    banner.kind = AmiFrame::Kind::kBanner;
    banner.banner = "Asterisk Call Manager/11.0.0";
    link_.OnFrame(banner, now());
  }

  engine::MonotonicTime mono_ = absl::Seconds(1000);
  std::vector<engine::NodeFact> facts_;
  AsteriskLink link_{
      {.username = "outdial", .secret = "secret"},
      ReconnectBackoff(absl::Seconds(1), absl::Seconds(30), 1),
      {.fact = [this](AmiFact fact) { facts_.push_back(std::move(fact.fact)); }, .log = {}}};
};

TEST_F(AsteriskLinkTest, OriginateWithoutAConnectionIsUnsent) {
  Originate();
  ASSERT_THAT(facts_, SizeIs(1));
  EXPECT_EQ(std::get<engine::OriginateUnsent>(facts_[0]).dialing.ToString(), kDialing);
}

TEST_F(AsteriskLinkTest, OriginateOnAConnectionThatHasEndedIsUnsent) {
  link_.OnConnected(now());
  link_.End("cut");
  Originate();
  ASSERT_THAT(facts_, SizeIs(1));
  EXPECT_TRUE(std::holds_alternative<engine::OriginateUnsent>(facts_[0]));
  EXPECT_FALSE(link_.has_writes());
}

TEST_F(AsteriskLinkTest, WhatWaitedIsNotSentOnTheNextConnection) {
  link_.OnConnected(now());
  Greet();
  ASSERT_TRUE(link_.has_writes());
  link_.End("cut");
  link_.OnLost(*link_.end());
  link_.OnConnected(now());
  EXPECT_FALSE(link_.end().has_value());
  EXPECT_FALSE(link_.has_writes());
}

TEST_F(AsteriskLinkTest, ABatchIsGivenOnce) {
  link_.OnConnected(now());
  Greet();
  EXPECT_THAT(link_.TakeBatch(now()), HasSubstr("Challenge"));
  EXPECT_FALSE(link_.has_writes());
}

TEST_F(AsteriskLinkTest, ASocketThatTakesNothingEndsTheConnection) {
  link_.OnConnected(now());
  Greet();
  link_.TakeBatch(now());
  mono_ = link_.NextDeadline();
  link_.OnTimer(now());
  ASSERT_TRUE(link_.end().has_value());
  EXPECT_EQ(link_.end()->reason, "the node read nothing for 10s");
}

TEST_F(AsteriskLinkTest, TheFirstReasonCounts) {
  link_.OnConnected(now());
  link_.End("first");
  link_.End("second");
  EXPECT_EQ(link_.end()->reason, "first");
}

TEST_F(AsteriskLinkTest, ANodeThatStaysAwayIsToldOnceAndAgainWhenAsked) {
  link_.OnLost({.reason = "no route"});
  link_.OnLost({.reason = "no route"});
  EXPECT_THAT(facts_, SizeIs(1));
  link_.Command({"node", engine::Resync{}}, now());
  ASSERT_THAT(facts_, SizeIs(2));
  EXPECT_EQ(std::get<engine::NodeDisconnected>(facts_[1]).reason, "no route");
  link_.OnLost({.reason = "connection refused"});
  EXPECT_THAT(facts_, SizeIs(3));
}

}  // namespace
}  // namespace outdial::ami
