#include "engine/live_dialing.h"

#include "gtest/gtest.h"

namespace outdial::engine {
namespace {

using What = DialingVerdict::What;

constexpr MonotonicTime kConnected = absl::InfiniteDuration();
const MonotonicTime kSent = absl::Seconds(1000);

// Sent at kSent, may ring for 30 s, nothing heard yet.
LiveDialing Sent() {
  LiveDialing dialing;
  dialing.record.set_dial_timeout(30000);
  dialing.created = kSent;
  dialing.last_heard = kSent;
  return dialing;
}

void Hear(const NodeFact& fact, MonotonicTime at, LiveDialing* dialing) {
  dialing->facts.Add(fact, at);
  dialing->last_heard = at;
}

TEST(JudgeTest, UnheardDialingIsAskedForAndNotGivenUp) {
  const LiveDialing dialing = Sent();
  const DialingVerdict verdict = Judge(dialing, kConnected, kSent);
  EXPECT_EQ(verdict.what, What::kWait);
  EXPECT_EQ(verdict.at, kSent + kAskAfter);
  EXPECT_EQ(Judge(dialing, kConnected, kSent + absl::Hours(5)).what, What::kAskNode);
}

TEST(JudgeTest, MissingDialingEndsUnseenAfterItsLastWords) {
  LiveDialing dialing = Sent();
  dialing.missing_since = kSent + absl::Seconds(100);
  EXPECT_EQ(Judge(dialing, kConnected, dialing.missing_since).what, What::kWait);
  EXPECT_EQ(Judge(dialing, kConnected, dialing.missing_since + kLastWordsDelay).what,
            What::kEndUnseen);
}

TEST(JudgeTest, HangupWaitsForTheResponseButNotForEver) {
  LiveDialing dialing = Sent();
  Hear(ChannelCreated{{}, "PJSIP/x-1"}, kSent, &dialing);
  Hear(ChannelHungUp{{}, 17, "User busy", 486}, kSent + absl::Seconds(1), &dialing);
  const DialingVerdict verdict = Judge(dialing, kConnected, kSent + absl::Seconds(1));
  EXPECT_EQ(verdict.what, What::kWait);
  EXPECT_EQ(verdict.at, kSent + absl::Seconds(1) + kLastWordsDelay);
  EXPECT_EQ(Judge(dialing, kConnected, verdict.at).what, What::kEnd);
  Hear(OriginateResponse{{}, false, 0, ""}, kSent + absl::Seconds(1), &dialing);
  EXPECT_EQ(Judge(dialing, kConnected, kSent + absl::Seconds(1)).what, What::kEnd);
}

TEST(JudgeTest, CallThatIsTooLongIsHungUpAgainAndAgain) {
  LiveDialing dialing = Sent();
  dialing.max_call_length = absl::Seconds(20);
  Hear(ChannelUp{{}}, kSent + absl::Seconds(5), &dialing);
  const MonotonicTime end = kSent + absl::Seconds(25);
  EXPECT_EQ(Judge(dialing, kConnected, end - absl::Seconds(1)).what, What::kWait);
  EXPECT_EQ(Judge(dialing, kConnected, end).what, What::kHangUp);
  dialing.hangup_sent = end;
  EXPECT_EQ(Judge(dialing, kConnected, end).what, What::kWait);
  EXPECT_EQ(Judge(dialing, kConnected, end + absl::Seconds(10)).what, What::kHangUp);
}

TEST(JudgeTest, UnwantedCallIsHungUpOnceItsChannelIsThere) {
  LiveDialing dialing = Sent();
  dialing.hangup_wanted = true;
  EXPECT_EQ(Judge(dialing, kConnected, kSent).what, What::kWait);
  Hear(ChannelCreated{{}, "PJSIP/x-1"}, kSent, &dialing);
  EXPECT_EQ(Judge(dialing, kConnected, kSent).what, What::kHangUp);
}

TEST(JudgeTest, LostNodeKeepsItsDialingsForAWhile) {
  LiveDialing dialing = Sent();
  const MonotonicTime lost = kSent + absl::Seconds(3);
  const DialingVerdict verdict = Judge(dialing, lost, lost);
  EXPECT_EQ(verdict.what, What::kWait);
  EXPECT_EQ(verdict.at, lost + kLostNodeLimit);
  EXPECT_EQ(Judge(dialing, lost, verdict.at).what, What::kEndUnseen);
}

}  // namespace
}  // namespace outdial::engine
