#include "engine/live_dialing.h"

#include <algorithm>

namespace outdial::engine {

namespace {

using What = DialingVerdict::What;

// A hangup that showed no effect is asked for again after this.
constexpr absl::Duration kHangupRepeat = absl::Seconds(10);

// When its channel is to be hung up; infinite: not. One that rings longer than it may was asked for
// since: otherwise it may have been answered in time, and nobody has read that yet.
MonotonicTime HangupTime(const LiveDialing& dialing) {
  MonotonicTime at = absl::InfiniteDuration();
  if (dialing.facts.answered()) {
    at = dialing.facts.answered_at->latest + dialing.max_call_length;
  } else if (dialing.listed_at >= GiveUpTime(dialing)) {
    at = GiveUpTime(dialing) + kListPatience;
  }
  if (dialing.hangup_wanted && dialing.facts.channel_seen) at = -absl::InfiniteDuration();
  return std::max(at, dialing.hangup_sent + kHangupRepeat);
}

// When it is given up, since its node has been out of sight since then. Whatever shows itself
// later is hung up, so its limits are left room in full: only a call that would be hung up anyway
// is closed before kLostNodeLimit.
MonotonicTime LostEnd(const LiveDialing& dialing, MonotonicTime node_lost_at) {
  const MonotonicTime may_ring_until = GiveUpTime(dialing);
  MonotonicTime end = node_lost_at + kLostNodeLimit;
  if (dialing.facts.answered()) {
    const MonotonicTime answered = dialing.facts.answered_at->latest;
    end = std::min(end, answered + dialing.max_call_length + kGiveUpMargin);
  } else {
    end = std::min(end, may_ring_until + dialing.max_call_length);
  }
  const MonotonicTime soonest = node_lost_at + kGiveUpMargin;  // the node may be back at once
  if (dialing.hangup_wanted) end = soonest;
  return std::max({end, soonest, may_ring_until});
}

// The verdict `what` once `at` has come, else wait for it.
DialingVerdict At(MonotonicTime at, What what, MonotonicTime now) {
  if (at <= now) return {what, now};
  return {What::kWait, at};
}

}  // namespace

MonotonicTime GiveUpTime(const LiveDialing& dialing) {
  return dialing.created + absl::Milliseconds(dialing.record.dial_timeout()) + kGiveUpMargin;
}

DialingVerdict Judge(const LiveDialing& dialing, MonotonicTime node_lost_at, MonotonicTime now) {
  const DialingFacts& facts = dialing.facts;
  if (facts.complete()) return {What::kEnd, now};
  if (facts.ended()) return At(dialing.last_heard + kLastWordsDelay, What::kEnd, now);
  // The dial failed, so the channel is gone, though its Hangup was not seen.
  if (facts.response_success == false) {
    return At(dialing.last_heard + kLastWordsDelay, What::kEndUnseen, now);
  }
  if (dialing.missing_since != absl::InfiniteDuration()) {
    return At(dialing.missing_since + kLastWordsDelay, What::kEndUnseen, now);
  }
  if (node_lost_at != absl::InfiniteDuration()) {
    const DialingVerdict end = At(LostEnd(dialing, node_lost_at), What::kEndUnseen, now);
    if (end.what == What::kEndUnseen || GiveUpTime(dialing) <= now) return end;
    return {What::kWait, GiveUpTime(dialing)};  // no agent is kept for it from then on
  }
  const DialingVerdict hang_up = At(HangupTime(dialing), What::kHangUp, now);
  if (hang_up.what == What::kHangUp) return hang_up;
  // A dialing that was answered, or that was just heard of, is asked for in turn only.
  const MonotonicTime ask_at =
      facts.answered() ? dialing.last_heard + kAskAfter
                       : std::max(std::min(GiveUpTime(dialing), dialing.last_heard + kAskAfter),
                                  dialing.last_heard + kLastWordsDelay);
  const DialingVerdict ask = At(ask_at, What::kAskNode, now);
  if (ask.what == What::kAskNode) return ask;
  return {What::kWait, std::min(hang_up.at, ask.at)};
}

}  // namespace outdial::engine
