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
  dialing->facts.Add(fact, Moment::At(at));
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

TEST(JudgeTest, ChannelThatRingsOnAlthoughItMayNotIsAskedForAndThenHungUp) {
  LiveDialing dialing = Sent();
  Hear(ChannelRinging{{}}, kSent + absl::Seconds(1), &dialing);
  const MonotonicTime give_up = GiveUpTime(dialing);
  EXPECT_EQ(Judge(dialing, kConnected, give_up).what, What::kAskNode);
  Hear(ChannelListed{{}, "PJSIP/x-1", false}, give_up, &dialing);
  dialing.listed_at = give_up;
  EXPECT_EQ(Judge(dialing, kConnected, give_up + kListPatience).what, What::kHangUp);
  Hear(ChannelListed{{}, "PJSIP/x-1", true}, give_up, &dialing);
  EXPECT_NE(Judge(dialing, kConnected, give_up + kListPatience).what, What::kHangUp);
}

TEST(JudgeTest, ChannelThatWasNotAskedForInTimeIsNotHungUp) {
  LiveDialing dialing = Sent();
  // This process stood still for an hour, and what follows in its socket is read next.
  const MonotonicTime late = GiveUpTime(dialing) + absl::Hours(1);
  Hear(ChannelRinging{{}}, late, &dialing);
  EXPECT_NE(Judge(dialing, kConnected, late).what, What::kHangUp);
  EXPECT_EQ(Judge(dialing, kConnected, late + kLastWordsDelay).what, What::kAskNode);
  dialing.listed_at = late + kLastWordsDelay;
  EXPECT_EQ(Judge(dialing, kConnected, dialing.listed_at).what, What::kHangUp);
}

// When a dialing whose node is lost is given up, whatever it is looked at for in between.
MonotonicTime LostEnd(const LiveDialing& dialing, MonotonicTime lost) {
  MonotonicTime now = lost;
  while (true) {
    const DialingVerdict verdict = Judge(dialing, lost, now);
    if (verdict.what == What::kEndUnseen) return now;
    EXPECT_EQ(verdict.what, What::kWait);
    EXPECT_GT(verdict.at, now);
    if (verdict.what != What::kWait || verdict.at <= now) return now;
    now = verdict.at;
  }
}

TEST(JudgeTest, LostNodeKeepsItsDialingsForAWhile) {
  const LiveDialing dialing = Sent();
  const MonotonicTime lost = kSent + absl::Seconds(3);
  // Until it may ring no longer an agent is kept for it.
  EXPECT_EQ(Judge(dialing, lost, lost).at, GiveUpTime(dialing));
  EXPECT_EQ(LostEnd(dialing, lost), lost + kLostNodeLimit);
}

TEST(JudgeTest, LostNodeKeepsNoDialingBeyondItsOwnLength) {
  const MonotonicTime lost = kSent + absl::Seconds(3);
  LiveDialing dialing = Sent();
  dialing.max_call_length = absl::Seconds(300);
  // It may have been answered as late as it may ring.
  EXPECT_EQ(LostEnd(dialing, lost), GiveUpTime(dialing) + absl::Seconds(300));
  const MonotonicTime answered = kSent + absl::Seconds(2);
  Hear(ChannelUp{{}}, answered, &dialing);
  EXPECT_EQ(LostEnd(dialing, lost), answered + absl::Seconds(300) + kGiveUpMargin);
  // Its hangup was not done when the node was lost, which may be back at once.
  const MonotonicTime late = answered + absl::Seconds(320);
  EXPECT_EQ(LostEnd(dialing, late), late + kGiveUpMargin);
}

TEST(JudgeTest, LostNodeKeepsNoDialingOfAForcedStop) {
  LiveDialing dialing = Sent();
  dialing.hangup_wanted = true;
  EXPECT_EQ(LostEnd(dialing, kSent + absl::Seconds(3)), GiveUpTime(dialing));
  Hear(ChannelUp{{}}, kSent + absl::Seconds(2), &dialing);
  const MonotonicTime lost = kSent + absl::Hours(1);
  EXPECT_EQ(LostEnd(dialing, lost), lost + kGiveUpMargin);
}

}  // namespace
}  // namespace outdial::engine
