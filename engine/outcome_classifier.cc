#include "engine/outcome_classifier.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "engine/hangup_cause.h"
#include "engine/moment.h"

namespace outdial::engine {
namespace {

// Control frame codes, as Reason of OriginateResponse holds them.
constexpr int kReasonTimeout = 3;
constexpr int kReasonBusy = 5;
constexpr int kReasonCongestion = 8;

constexpr int kCauseUnknown = 0;
constexpr int kCauseNormal = 16;
constexpr int kCauseBusy = 17;

// A destination that can't be run ends the call within milliseconds of the answer.
constexpr absl::Duration kRightAfterAnswer = absl::Seconds(1);

// How a dial that nobody answered ended.
struct Unanswered {
  v1::Outcome outcome;
  std::optional<v1::DialResult> res_dial;
  absl::string_view detail;
};

constexpr Unanswered kNotSent{v1::OUTCOME_NOT_SENT, v1::DIAL_RESULT_FAILED,
                              "No channel was made: check trunk, tech name and registration"};
constexpr Unanswered kStopped{v1::OUTCOME_STOPPED, v1::DIAL_RESULT_FAILED,
                              "Ended by the campaign's stop"};
constexpr Unanswered kBusy{v1::OUTCOME_BUSY, v1::DIAL_RESULT_BUSY, "Busy"};
constexpr Unanswered kRangOut{v1::OUTCOME_NO_ANSWER, v1::DIAL_RESULT_TIMEOUT,
                              "Rang until the dial timeout"};
constexpr Unanswered kNoAnswer{v1::OUTCOME_NO_ANSWER, v1::DIAL_RESULT_FAILED, "No answer"};
constexpr Unanswered kRejected{v1::OUTCOME_REJECTED, v1::DIAL_RESULT_FAILED, "Rejected"};
constexpr Unanswered kInvalid{v1::OUTCOME_INVALID_NUMBER, v1::DIAL_RESULT_FAILED,
                              "Unallocated or invalid number"};
constexpr Unanswered kCongestion{v1::OUTCOME_NETWORK_FAILURE, v1::DIAL_RESULT_CONGESTION,
                                 "Congestion"};
constexpr Unanswered kNetworkFailure{v1::OUTCOME_NETWORK_FAILURE, v1::DIAL_RESULT_FAILED,
                                     "Network failure"};
constexpr Unanswered kSilence{v1::OUTCOME_NETWORK_FAILURE, v1::DIAL_RESULT_FAILED,
                              "No ringing within the dial timeout: the trunk does not reply"};
constexpr Unanswered kFailedSomehow{v1::OUTCOME_UNKNOWN, v1::DIAL_RESULT_FAILED,
                                    "Failed, and nothing said why"};
constexpr Unanswered kUnseen{v1::OUTCOME_UNKNOWN, std::nullopt,
                             "Nobody saw what became of it: the node was out of sight"};

struct CodeMeaning {
  int code;
  const Unanswered* meaning;
};

// SIP codes that mean something else than the failure of their class. 401 and 407 are no
// rejection by the called person: the trunk lacks credentials.
constexpr CodeMeaning kSipMeanings[] = {
    {403, &kRejected}, {404, &kInvalid},  {408, &kNoAnswer},       {410, &kInvalid},
    {416, &kInvalid},  {433, &kRejected}, {480, &kNoAnswer},       {484, &kInvalid},
    {485, &kInvalid},  {486, &kBusy},     {487, &kNoAnswer},       {503, &kCongestion},
    {600, &kBusy},     {604, &kInvalid},  {606, &kNetworkFailure},
};

// Q.850 causes that mean something else than a failure of the network.
constexpr CodeMeaning kCauseMeanings[] = {
    {1, &kInvalid},     {17, &kBusy},       {18, &kNoAnswer}, {19, &kNoAnswer},
    {20, &kNoAnswer},   {21, &kRejected},   {22, &kInvalid},  {28, &kInvalid},
    {34, &kCongestion}, {42, &kCongestion}, {52, &kRejected}, {54, &kRejected},
};

template <size_t kSize>
const Unanswered* FindMeaning(const CodeMeaning (&meanings)[kSize], int code) {
  const CodeMeaning* found =
      std::find_if(std::begin(meanings), std::end(meanings),
                   [code](const CodeMeaning& meaning) { return meaning.code == code; });
  return found == std::end(meanings) ? nullptr : found->meaning;
}

bool TimedOut(const DialingFacts& facts) { return facts.response_reason == kReasonTimeout; }

// A SIP status that says no. The 480 of a dial timeout is Asterisk's own and none.
bool HasSipFailure(const DialingFacts& facts) {
  return facts.sip_code.value_or(0) >= 300 && !TimedOut(facts);
}

bool IsBusy(const DialingFacts& facts) {
  return facts.dial_status == "BUSY" || facts.response_reason == kReasonBusy ||
         facts.hangup_cause == kCauseBusy || facts.sip_code == 486 || facts.sip_code == 600 ||
         facts.recorded == "BUSY";
}

// Whether anything told that it was over, rather than that nothing more was heard of it.
bool EndSeen(const DialingFacts& facts) {
  return facts.hangup_cause.has_value() || facts.response_success == false;
}

bool FarEndHeard(const DialingFacts& facts) { return facts.ringing || facts.progress; }

Unanswered MeaningOfSip(int code) {
  if (const Unanswered* meaning = FindMeaning(kSipMeanings, code)) return *meaning;
  return code >= 600 ? kRejected : kNetworkFailure;
}

Unanswered MeaningOfCause(int cause) {
  const Unanswered* meaning = FindMeaning(kCauseMeanings, cause);
  return meaning == nullptr ? kNetworkFailure : *meaning;
}

// What the call detail record alone says. FAILED is all kinds of failures.
Unanswered MeaningOfRecord(const DialingFacts& facts) {
  if (facts.recorded == "NO ANSWER") return kNoAnswer;
  if (facts.recorded == "CONGESTION") return kCongestion;
  return facts.recorded.empty() ? kUnseen : kFailedSomehow;
}

// When neither SIP nor Q.850 said anything: a Local channel, a hangup by somebody on the node, or
// a node that went down.
Unanswered MeaningOfTheRest(const DialingFacts& facts) {
  if (facts.dial_status == "CONGESTION" || facts.response_reason == kReasonCongestion) {
    return kCongestion;
  }
  if (facts.dial_status == "CHANUNAVAIL") return kNetworkFailure;
  if (facts.dial_status == "NOANSWER" && facts.ringing) return kNoAnswer;
  const bool end_seen = facts.hangup_cause.has_value() || facts.response_success.has_value();
  return end_seen ? kFailedSomehow : MeaningOfRecord(facts);
}

// What says most comes first. Reason comes before the SIP code, since after a timeout Asterisk
// makes up a 480; and a timeout without a sign of the far end, though it looks the same otherwise,
// is a trunk that does not reply.
Unanswered ClassifyUnanswered(const DialingFacts& facts) {
  if (facts.surely_no_channel()) return kNotSent;
  if (IsBusy(facts)) return kBusy;
  if (TimedOut(facts)) return FarEndHeard(facts) || facts.facts_missed ? kRangOut : kSilence;
  if (HasSipFailure(facts)) return MeaningOfSip(*facts.sip_code);
  if (facts.stopped_by_campaign && EndSeen(facts)) return kStopped;
  const int cause = facts.hangup_cause.value_or(kCauseUnknown);
  if (cause != kCauseUnknown && cause != kCauseNormal) return MeaningOfCause(cause);
  return MeaningOfTheRest(facts);
}

// Answered, and surely at once hung up by Asterisk itself with cause 0: an unknown application, an
// extension that ended at once, or a node at its maxcalls or maxload. An application that ended by
// itself looks the same but for the time that it took.
bool DestinationFailed(const DialingFacts& facts) {
  const bool entered = facts.queue_joined || facts.parked;
  return facts.hangup_cause == kCauseUnknown && !facts.hangup_requested && !entered &&
         !facts.stopped_by_campaign && !facts.facts_missed && facts.hung_up_at.has_value() &&
         SpanBetween(*facts.answered_at, *facts.hung_up_at).most <= kRightAfterAnswer;
}

// Somebody who answered and surely got no agent in time was abandoned, whoever ended the call and
// however soon: a person who hangs up while waiting was kept waiting.
v1::Outcome ClassifyAnswered(const DialingFacts& facts, const DialingTerms& terms) {
  if (DestinationFailed(facts)) return v1::OUTCOME_DESTINATION_FAILED;
  if (terms.has_agents) {
    if (!facts.agent_connected_at.has_value()) {
      return facts.facts_missed ? v1::OUTCOME_UNKNOWN : v1::OUTCOME_ABANDONED;
    }
    if (SpanBetween(*facts.answered_at, *facts.agent_connected_at).least > terms.abandon_after) {
      return v1::OUTCOME_ABANDONED;
    }
  }
  if (!facts.stopped_by_campaign) return v1::OUTCOME_HANDLED;
  return EndSeen(facts) ? v1::OUTCOME_STOPPED : v1::OUTCOME_UNKNOWN;
}

TrunkSign SignOf(const DialingFacts& facts, v1::Outcome outcome) {
  switch (outcome) {
    case v1::OUTCOME_NETWORK_FAILURE:
      return TrunkSign::kFailed;
    case v1::OUTCOME_NOT_SENT:
      // What never reached the node, or what it refused to read, never reached the trunk.
      return facts.response_success.has_value() ? TrunkSign::kFailed : TrunkSign::kNone;
    case v1::OUTCOME_STOPPED:
    case v1::OUTCOME_UNKNOWN:
      return facts.answered() || FarEndHeard(facts) ? TrunkSign::kWorks : TrunkSign::kNone;
    default:
      return TrunkSign::kWorks;
  }
}

void DescribeUnanswered(const DialingFacts& facts, Classification* result) {
  const Unanswered unanswered = ClassifyUnanswered(facts);
  result->outcome = unanswered.outcome;
  result->res_dial = unanswered.res_dial;
  result->res_dial_detail = std::string(unanswered.detail);
  if (facts.unsent) result->res_dial_detail = "Not sent: the node was not connected";
  if (facts.refused.has_value()) {
    result->res_dial_detail = absl::StrCat("Refused by the node: ", *facts.refused);
  }
  if (HasSipFailure(facts)) {
    result->sip_code = static_cast<uint32_t>(*facts.sip_code);
    absl::StrAppend(&result->res_dial_detail, " (SIP ", *facts.sip_code, ")");
  }
}

}  // namespace

Classification Classify(const DialingFacts& facts, const DialingTerms& terms) {
  Classification result;
  if (facts.answered()) {
    result.outcome = ClassifyAnswered(facts, terms);
    result.res_dial = v1::DIAL_RESULT_ANSWERED;
    result.res_dial_detail = "Answered";
  } else {
    DescribeUnanswered(facts, &result);
  }
  if (facts.hangup_cause.has_value()) {
    result.status = v1::DIALING_STATUS_HUNG_UP;
    result.res_hangup = static_cast<uint32_t>(std::max(*facts.hangup_cause, 0));
    result.res_hangup_detail = std::string(HangupCauseText(*facts.hangup_cause));
  }
  result.try_counts = !facts.surely_no_channel();
  result.trunk_sign = SignOf(facts, result.outcome);
  return result;
}

}  // namespace outdial::engine
