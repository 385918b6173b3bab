#include "tests/ami_gateway/fact_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace outdial::ami {
namespace {

std::string Id(const engine::DialingUuid& dialing) {
  return absl::StrCat(" ", dialing.ToString().substr(32));
}

std::string Optional(const char* name, const std::optional<int>& value) {
  return value.has_value() ? absl::StrCat(" ", name, "=", *value) : "";
}

struct ToText {
  using Text = std::string;

  Text operator()(const engine::NodeConnected& f) const {
    return absl::StrCat("NodeConnected version=", f.version, f.may_originate ? " originates" : "",
                        f.sees_calls ? " calls" : "", f.sees_queues ? " queues" : "",
                        f.boot_time ? " boot" : "",
                        f.problems.empty() ? "" : " problems=", absl::StrJoin(f.problems, "|"));
  }
  Text operator()(const engine::NodeSynced&) const { return "NodeSynced"; }
  Text operator()(const engine::NodeDisconnected& f) const {
    return absl::StrCat("NodeDisconnected", f.refused ? " refused: " : ": ", f.reason);
  }
  Text operator()(const engine::ChannelListed& f) const {
    return absl::StrCat("ChannelListed", Id(f.dialing), f.up ? " up" : "");
  }
  Text operator()(const engine::OriginateAccepted& f) const {
    return absl::StrCat("OriginateAccepted", Id(f.dialing));
  }
  Text operator()(const engine::OriginateRefused& f) const {
    return absl::StrCat("OriginateRefused", Id(f.dialing), " ", f.message);
  }
  Text operator()(const engine::OriginateUnsent& f) const {
    return absl::StrCat("OriginateUnsent", Id(f.dialing));
  }
  Text operator()(const engine::OriginateResponse& f) const {
    return absl::StrCat("OriginateResponse", Id(f.dialing), f.success ? " success" : " failure",
                        " reason=", f.reason);
  }
  Text operator()(const engine::ChannelCreated& f) const {
    return absl::StrCat("ChannelCreated", Id(f.dialing), " ", f.channel_name);
  }
  Text operator()(const engine::CallRecorded& f) const {
    return absl::StrCat("CallRecorded", Id(f.dialing), " ", f.disposition);
  }
  Text operator()(const engine::DialBegun& f) const {
    return absl::StrCat("DialBegun", Id(f.dialing));
  }
  Text operator()(const engine::ChannelRinging& f) const {
    return absl::StrCat("ChannelRinging", Id(f.dialing));
  }
  Text operator()(const engine::ChannelProgress& f) const {
    return absl::StrCat("ChannelProgress", Id(f.dialing));
  }
  Text operator()(const engine::ChannelUp& f) const {
    return absl::StrCat("ChannelUp", Id(f.dialing));
  }
  Text operator()(const engine::DialEnded& f) const {
    return absl::StrCat("DialEnded", Id(f.dialing), " ", f.dial_status);
  }
  Text operator()(const engine::HangupRequested& f) const {
    return absl::StrCat("HangupRequested", Id(f.dialing), Optional("cause", f.cause),
                        Optional("tech", f.tech_cause));
  }
  Text operator()(const engine::ChannelHungUp& f) const {
    return absl::StrCat("ChannelHungUp", Id(f.dialing), " cause=", f.cause, " (", f.cause_text, ")",
                        Optional("tech", f.tech_cause));
  }
  Text operator()(const engine::QueueJoined& f) const {
    return absl::StrCat("QueueJoined", Id(f.dialing), " ", f.queue);
  }
  Text operator()(const engine::QueueLeft& f) const {
    return absl::StrCat("QueueLeft", Id(f.dialing), " ", f.queue);
  }
  Text operator()(const engine::QueueAbandoned& f) const {
    return absl::StrCat("QueueAbandoned", Id(f.dialing), " ", f.queue);
  }
  Text operator()(const engine::AgentConnected& f) const {
    return absl::StrCat("AgentConnected", Id(f.dialing), " ", f.queue, " ", f.interface);
  }
  Text operator()(const engine::CallParked& f) const {
    return absl::StrCat("CallParked", Id(f.dialing), " ", f.lot);
  }
  Text operator()(const engine::QueueSeen& f) const { return absl::StrCat("QueueSeen ", f.queue); }
  Text operator()(const engine::QueueMemberSeen& f) const {
    return absl::StrCat("QueueMemberSeen ", f.queue, " ", f.interface, " ", f.name,
                        " state=", f.device_state, f.paused ? " paused" : "",
                        f.in_call ? " in_call" : "", f.last_call ? " called" : "",
                        " wrapup=", absl::ToInt64Seconds(f.wrapup));
  }
  Text operator()(const engine::QueueMemberGone& f) const {
    return absl::StrCat("QueueMemberGone ", f.queue, " ", f.interface);
  }
  Text operator()(const engine::QueueCallerSeen& f) const {
    return absl::StrCat("QueueCallerSeen ", f.queue, " ", f.channel_id);
  }
  Text operator()(const engine::QueueCallerGone& f) const {
    return absl::StrCat("QueueCallerGone ", f.queue, " ", f.channel_id);
  }
  Text operator()(const engine::AgentCompleted& f) const {
    return absl::StrCat("AgentCompleted ", f.queue, " ", f.interface);
  }
  Text operator()(const engine::ParkingSeen& f) const {
    return absl::StrCat("ParkingSeen ", f.lot, " free=", f.free_spaces);
  }
};

}  // namespace

std::string FactText(const engine::NodeFact& fact) { return std::visit(ToText{}, fact); }

}  // namespace outdial::ami
