#include "ami_gateway/node_event_translator.h"

#include <map>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/time/time.h"
#include "ami_gateway/dial_action.h"

namespace outdial::ami {
namespace {

using engine::DialingUuid;
using engine::NodeFact;
using Fact = std::optional<NodeFact>;

// Channel states as Asterisk numbers them; these two matter of a channel that is dialled.
constexpr int kChannelStateRinging = 5;
constexpr int kChannelStateUp = 6;

std::string Text(const AmiMessage& event, absl::string_view header) {
  return std::string(event.Get(header));
}

bool IsSet(const AmiMessage& event, absl::string_view header) {
  return event.GetInt(header).value_or(0) != 0;
}

std::optional<absl::Time> EpochSeconds(const AmiMessage& event, absl::string_view header) {
  int64_t seconds = 0;
  if (!absl::SimpleAtoi(event.Get(header), &seconds) || seconds <= 0) return std::nullopt;
  return absl::FromUnixSeconds(seconds);
}

// ---- The life of a channel. Each function gets the dialing that the event's channel belongs to.

Fact OnChannelListed(const AmiMessage& event, const DialingUuid& dialing) {
  return engine::ChannelListed{dialing, Text(event, "Channel"),
                               event.GetInt("ChannelState") == kChannelStateUp};
}

Fact OnNewchannel(const AmiMessage& event, const DialingUuid& dialing) {
  return engine::ChannelCreated{dialing, Text(event, "Channel")};
}

Fact OnNewstate(const AmiMessage& event, const DialingUuid& dialing) {
  const std::optional<int> state = event.GetInt("ChannelState");
  if (state == kChannelStateRinging) return engine::ChannelRinging{dialing};
  if (state == kChannelStateUp) return engine::ChannelUp{dialing};
  return std::nullopt;
}

Fact OnDialBegin(const AmiMessage&, const DialingUuid& dialing) {
  return engine::DialBegun{dialing};
}

Fact OnDialState(const AmiMessage& event, const DialingUuid& dialing) {
  const absl::string_view status = event.Get("DialStatus");
  if (status == "RINGING") return engine::ChannelRinging{dialing};
  if (status == "PROGRESS" || status == "PROCEEDING") return engine::ChannelProgress{dialing};
  return std::nullopt;
}

Fact OnDialEnd(const AmiMessage& event, const DialingUuid& dialing) {
  return engine::DialEnded{dialing, Text(event, "DialStatus")};
}

Fact OnHangupRequest(const AmiMessage& event, const DialingUuid& dialing) {
  return engine::HangupRequested{dialing, event.GetInt("Cause"), event.GetInt("TechCause")};
}

Fact OnHangup(const AmiMessage& event, const DialingUuid& dialing) {
  return engine::ChannelHungUp{dialing, event.GetInt("Cause").value_or(0), Text(event, "Cause-txt"),
                               event.GetInt("TechCause")};
}

Fact OnParkedCall(const AmiMessage& event, const DialingUuid& dialing) {
  return engine::CallParked{dialing, Text(event, "Parkinglot")};
}

Fact OnAgentConnect(const AmiMessage& event, const DialingUuid& dialing) {
  return engine::AgentConnected{dialing, Text(event, "Queue"), Text(event, "Interface")};
}

Fact OnQueueAbandon(const AmiMessage& event, const DialingUuid& dialing) {
  return engine::QueueAbandoned{dialing, Text(event, "Queue")};
}

// ---- Events that count whosever channel it is

// By ActionID: the Uniqueid of a refused duplicate is that of the call that is alive.
Fact OnOriginateResponse(const AmiMessage& event) {
  const std::optional<DialingUuid> dialing = DialingOfActionId(event.Get("ActionID"));
  if (!dialing.has_value()) return std::nullopt;
  return engine::OriginateResponse{*dialing,
                                   absl::EqualsIgnoreCase(event.Get("Response"), "Success"),
                                   event.GetInt("Reason").value_or(0), Text(event, "Channel")};
}

Fact OnQueueJoin(const AmiMessage& event) {
  const std::string uniqueid = Text(event, "Uniqueid");
  if (const std::optional<DialingUuid> dialing = DialingOfUniqueid(uniqueid)) {
    return engine::QueueJoined{*dialing, Text(event, "Queue")};
  }
  return engine::QueueCallerSeen{Text(event, "Queue"), uniqueid};
}

Fact OnQueueLeave(const AmiMessage& event) {
  const std::string uniqueid = Text(event, "Uniqueid");
  if (const std::optional<DialingUuid> dialing = DialingOfUniqueid(uniqueid)) {
    return engine::QueueLeft{*dialing, Text(event, "Queue")};
  }
  return engine::QueueCallerGone{Text(event, "Queue"), uniqueid};
}

Fact OnQueueParams(const AmiMessage& event) { return engine::QueueSeen{Text(event, "Queue")}; }

// QueueMember, the list item, names the same things otherwise than the live events do.
Fact OnQueueMember(const AmiMessage& event) {
  const bool listed = event.Find("Location").has_value();
  engine::QueueMemberSeen member;
  member.queue = Text(event, "Queue");
  member.interface = Text(event, listed ? "Location" : "Interface");
  member.name = Text(event, listed ? "Name" : "MemberName");
  member.device_state = event.GetInt("Status").value_or(0);
  member.paused = IsSet(event, "Paused");
  member.in_call = IsSet(event, "InCall");
  member.last_call = EpochSeconds(event, "LastCall");
  member.wrapup = absl::Seconds(event.GetInt("Wrapuptime").value_or(0));
  return member;
}

Fact OnQueueMemberRemoved(const AmiMessage& event) {
  return engine::QueueMemberGone{Text(event, "Queue"), Text(event, "Interface")};
}

Fact OnAgentComplete(const AmiMessage& event) {
  return engine::AgentCompleted{Text(event, "Queue"), Text(event, "Interface")};
}

using AnyReader = Fact (*)(const AmiMessage&);
using DialingReader = Fact (*)(const AmiMessage&, const DialingUuid&);

// Events that count whosever channel it is.
const std::map<absl::string_view, AnyReader>& AnyReaders() {
  static const auto* const kReaders = new std::map<absl::string_view, AnyReader>{
      {"AgentComplete", OnAgentComplete},
      {"OriginateResponse", OnOriginateResponse},
      {"QueueCallerJoin", OnQueueJoin},
      {"QueueCallerLeave", OnQueueLeave},
      {"QueueEntry", OnQueueJoin},
      {"QueueMember", OnQueueMember},
      {"QueueMemberAdded", OnQueueMember},
      {"QueueMemberPause", OnQueueMember},
      {"QueueMemberRemoved", OnQueueMemberRemoved},
      {"QueueMemberStatus", OnQueueMember},
      {"QueueParams", OnQueueParams},
  };
  return *kReaders;
}

// Events that count when the channel that one header names is a dialing's.
struct OfDialing {
  absl::string_view channel_header;
  DialingReader read;
};

const std::map<absl::string_view, OfDialing>& DialingReaders() {
  static const auto* const kReaders = new std::map<absl::string_view, OfDialing>{
      {"AgentConnect", {"Uniqueid", OnAgentConnect}},
      {"CoreShowChannel", {"Uniqueid", OnChannelListed}},
      // The dialled channel is the destination; the channel that dials, where there is one, may
      // be a dialing too, one that was answered long ago.
      {"DialBegin", {"DestUniqueid", OnDialBegin}},
      {"DialEnd", {"DestUniqueid", OnDialEnd}},
      {"DialState", {"DestUniqueid", OnDialState}},
      {"Hangup", {"Uniqueid", OnHangup}},
      {"HangupRequest", {"Uniqueid", OnHangupRequest}},
      {"Newchannel", {"Uniqueid", OnNewchannel}},
      {"Newstate", {"Uniqueid", OnNewstate}},
      {"ParkedCall", {"ParkeeUniqueid", OnParkedCall}},
      {"QueueCallerAbandon", {"Uniqueid", OnQueueAbandon}},
      {"SoftHangupRequest", {"Uniqueid", OnHangupRequest}},
  };
  return *kReaders;
}

}  // namespace

std::optional<NodeFact> TranslateNodeEvent(const AmiMessage& event) {
  const absl::string_view name = event.Get("Event");
  if (const auto any = AnyReaders().find(name); any != AnyReaders().end()) {
    return any->second(event);
  }
  const auto of_dialing = DialingReaders().find(name);
  if (of_dialing == DialingReaders().end()) return std::nullopt;
  const auto& [channel_header, read] = of_dialing->second;
  const std::optional<DialingUuid> dialing = DialingOfUniqueid(event.Get(channel_header));
  if (!dialing.has_value()) return std::nullopt;
  return read(event, *dialing);
}

}  // namespace outdial::ami
