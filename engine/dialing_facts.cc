#include "engine/dialing_facts.h"

#include <algorithm>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace outdial::engine {
namespace {

// The far end's HangupRequest carries no cause, or that of its refusal. Asterisk 22 itself sends a
// SoftHangupRequest, whose Cause is a flag and no Q.850 cause, with 16 whenever a dialplan ends:
// also when the destination could not be run.
constexpr int kDialplanEnded = 16;

constexpr absl::string_view kRecordedAnswer = "ANSWERED";

void KeepFirst(const Moment& at, std::optional<Moment>* first) {
  *first = first->has_value() ? First(**first, at) : at;
}

// Takes in one fact. Facts that tell nothing about how a dialing ends are let pass.
struct Adder {
  DialingFacts& facts;
  const Moment& at;

  void Answered() { KeepFirst(at, &facts.answered_at); }
  // Found to be so, since nobody knows when.
  void FoundAnswered() { KeepFirst(Moment::Before(at.latest), &facts.answered_at); }

  void operator()(const OriginateUnsent&) { facts.unsent = true; }
  void operator()(const OriginateRefused& fact) { facts.refused = fact.message; }
  void operator()(const OriginateResponse& fact) {
    facts.response_success = fact.success;
    facts.response_reason = fact.reason;
    if (fact.success) Answered();
  }
  void operator()(const ChannelListed& fact) {
    facts.channel_seen = true;
    if (fact.up) FoundAnswered();
  }
  void operator()(const ChannelCreated&) { facts.channel_seen = true; }
  void operator()(const DialBegun&) { facts.channel_seen = true; }
  void operator()(const ChannelRinging&) { facts.channel_seen = facts.ringing = true; }
  void operator()(const ChannelProgress&) { facts.channel_seen = facts.progress = true; }
  void operator()(const ChannelUp&) {
    facts.channel_seen = true;
    Answered();
  }
  void operator()(const DialEnded& fact) {
    facts.channel_seen = true;
    facts.dial_status = fact.dial_status;
    if (fact.dial_status == "ANSWER") Answered();
  }
  void operator()(const HangupRequested& fact) {
    facts.channel_seen = true;
    if (fact.cause != kDialplanEnded) facts.hangup_requested = true;
    if (fact.tech_cause.has_value()) facts.sip_code = fact.tech_cause;
  }
  void operator()(const ChannelHungUp& fact) {
    facts.channel_seen = true;
    facts.hangup_cause = fact.cause;
    if (fact.tech_cause.has_value()) facts.sip_code = fact.tech_cause;
    KeepFirst(at, &facts.hung_up_at);
  }
  void operator()(const CallRecorded& fact) {
    facts.channel_seen = true;
    if (facts.recorded != kRecordedAnswer) facts.recorded = fact.disposition;
    if (fact.disposition == kRecordedAnswer) FoundAnswered();
  }
  // An application runs only on an answered channel: EarlyMedia is never set.
  void operator()(const QueueJoined&) {
    facts.queue_joined = true;
    Answered();
  }
  void operator()(const AgentConnected&) {
    facts.queue_joined = true;
    Answered();
    KeepFirst(at, &facts.agent_connected_at);
  }
  void operator()(const CallParked&) {
    facts.parked = true;
    Answered();
  }
  void operator()(const NodeDisconnected&) { facts.facts_missed = true; }
  template <class Other>
  void operator()(const Other&) {}
};

}  // namespace

void DialingFacts::Add(const NodeFact& fact, const Moment& at) {
  std::visit(Adder{*this, at}, fact);
}

bool DialingFacts::surely_no_channel() const {
  if (channel_seen || answered()) return false;
  if (unsent || refused.has_value()) return true;
  // Newchannel comes before OriginateResponse, unless it was missed.
  return response_success.has_value() && !*response_success && !facts_missed;
}

bool DialingFacts::ended() const { return hangup_cause.has_value() || surely_no_channel(); }

bool DialingFacts::complete() const {
  // Only the Reason of OriginateResponse tells a timeout from a refusal, and only for calls that
  // nobody answered.
  return ended() && (surely_no_channel() || answered() || response_success.has_value());
}

DialingFacts FactsOf(const v1::Dialing& dialing, const Now& now) {
  const auto moment = [&now](const std::string& text) -> std::optional<Moment> {
    const absl::StatusOr<absl::Time> wall = ParseRecordTime(text);
    if (!wall.ok()) return std::nullopt;
    return Moment::Before(now.mono - std::max(now.wall - *wall, absl::ZeroDuration()));
  };
  DialingFacts facts;
  facts.facts_missed = true;
  facts.channel_seen = dialing.has_channel_name() || dialing.has_tm_dial_begin();
  facts.queue_joined = dialing.has_queue();
  if (dialing.has_tm_answer()) facts.answered_at = moment(dialing.tm_answer());
  if (dialing.has_tm_agent_connect()) {
    facts.agent_connected_at = moment(dialing.tm_agent_connect());
  }
  return facts;
}

}  // namespace outdial::engine
