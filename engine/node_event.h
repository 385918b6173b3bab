// What the AMI gateway tells the engine about a node, one fact each, in the order in which the
// node said them. The gateway translates; it draws no conclusions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "engine/moment.h"
#include "engine/now.h"
#include "engine/uuid.h"

namespace outdial::engine {

// ---- The connection

// The login is through, FullyBooted was seen. What follows until NodeSynced is the node's state:
// ChannelListed, QueueSeen, QueueMemberSeen and QueueCallerSeen, mixed with live facts.
struct NodeConnected {
  // When that Asterisk started, from FullyBooted's Uptime, accurate to about a second; absent
  // when the login may not see it. A later value than before means: it restarted.
  std::optional<absl::Time> boot_time;
  std::string version;
  // What this login lacks, each with its remedy; empty: nothing.
  std::vector<std::string> problems;
  bool may_originate = false;
  bool sees_calls = false;   // events of class call
  bool sees_queues = false;  // events of class agent
};
// All lists of the node's state are complete. Sent after each NodeConnected, and again after each
// ListChannels command (then only for channels).
struct NodeSynced {};
// The connection is gone or was never made. Facts may have been missed from here on.
struct NodeDisconnected {
  std::string reason;
  bool refused = false;  // credentials or permission: an operator must act
};

// ---- Channels of dialings (other channels are left out by the gateway)

// A channel that exists, from CoreShowChannels.
struct ChannelListed {
  DialingUuid dialing;
  std::string channel_name;
  bool up = false;  // state Up: it was answered
};
// `Response: Success` of an Originate: queued, nothing more.
struct OriginateAccepted {
  DialingUuid dialing;
};
// `Response: Error` of an Originate: certain that no channel is made.
struct OriginateRefused {
  DialingUuid dialing;
  std::string message;
};
// The Originate was never handed to a socket: certain that no channel is made.
struct OriginateUnsent {
  DialingUuid dialing;
};
// Event OriginateResponse, matched by ActionID.
struct OriginateResponse {
  DialingUuid dialing;
  bool success = false;
  int reason = 0;  // control frame code; with PJSIP 0 for every failure but a timeout (3)
  std::string channel;
};
struct ChannelCreated {  // Newchannel
  DialingUuid dialing;
  std::string channel_name;
};
struct DialBegun {  // DialBegin
  DialingUuid dialing;
};
// DialState RINGING or Newstate Ringing.
struct ChannelRinging {
  DialingUuid dialing;
};
// DialState PROGRESS or PROCEEDING: the far end is there, with or without ringing.
struct ChannelProgress {
  DialingUuid dialing;
};
struct ChannelUp {  // Newstate Up
  DialingUuid dialing;
};
struct DialEnded {  // DialEnd
  DialingUuid dialing;
  std::string dial_status;  // ANSWER, BUSY, CONGESTION, NOANSWER, CANCEL, ...
};
struct HangupRequested {  // HangupRequest or SoftHangupRequest
  DialingUuid dialing;
  std::optional<int> cause;
  std::optional<int> tech_cause;
};
struct ChannelHungUp {  // Hangup
  DialingUuid dialing;
  int cause = 0;  // Q.850
  std::string cause_text;
  std::optional<int> tech_cause;  // SIP status code
};

// A call detail record, from a file that the node keeps: what is left of a call that ended while
// nobody watched. A channel may have several, also while it exists.
struct CallRecorded {
  DialingUuid dialing;
  std::string disposition;  // ANSWERED, NO ANSWER, BUSY, CONGESTION, FAILED
};

// ---- What happens to an answered call

struct QueueJoined {  // QueueCallerJoin
  DialingUuid dialing;
  std::string queue;
};
struct QueueLeft {  // QueueCallerLeave
  DialingUuid dialing;
  std::string queue;
};
struct QueueAbandoned {  // QueueCallerAbandon: the caller hung up, or the queue timed out
  DialingUuid dialing;
  std::string queue;
};
struct AgentConnected {  // AgentConnect
  DialingUuid dialing;
  std::string queue;
  std::string interface;
};
struct CallParked {  // ParkedCall
  DialingUuid dialing;
  std::string lot;
};

// ---- Queues and their agents

// A queue exists, from QueueParams.
struct QueueSeen {
  std::string queue;
};
// State of one member, from QueueMember, QueueMemberStatus, QueueMemberPause, QueueMemberAdded.
struct QueueMemberSeen {
  std::string queue;
  std::string interface;
  std::string name;
  int device_state = 0;  // Asterisk's: 0 unknown, 1 not in use, 2 in use, 3 busy, 4 invalid,
                         // 5 unavailable, 6 ringing, 7 ring+in use, 8 on hold
  bool paused = false;
  bool in_call = false;
  std::optional<absl::Time> last_call;  // end of its last call, the node's clock
  absl::Duration wrapup;                // how long it is not free after a call
};
struct QueueMemberGone {  // QueueMemberRemoved
  std::string queue;
  std::string interface;
};
// A caller that is no dialing waits (QueueEntry, QueueCallerJoin) or no longer (QueueCallerLeave).
struct QueueCallerSeen {
  std::string queue;
  std::string channel_id;
};
struct QueueCallerGone {
  std::string queue;
  std::string channel_id;
};
// A member's call ended now (AgentComplete); its wrap-up begins.
struct AgentCompleted {
  std::string queue;
  std::string interface;
};
// Free spaces of a parking lot, from Parkinglot and ParkedCall events.
struct ParkingSeen {
  std::string lot;
  int free_spaces = 0;
};

using NodeFact =
    std::variant<NodeConnected, NodeSynced, NodeDisconnected, ChannelListed, OriginateAccepted,
                 OriginateRefused, OriginateUnsent, OriginateResponse, ChannelCreated, DialBegun,
                 ChannelRinging, ChannelProgress, ChannelUp, DialEnded, HangupRequested,
                 ChannelHungUp, CallRecorded, QueueJoined, QueueLeft, QueueAbandoned,
                 AgentConnected, CallParked, QueueSeen, QueueMemberSeen, QueueMemberGone,
                 QueueCallerSeen, QueueCallerGone, AgentCompleted, ParkingSeen>;

struct NodeEvent {
  std::string node;  // name in the configuration
  NodeFact fact;
  // When it happened; absent: it tells of no moment, or of this one.
  std::optional<Moment> happened = std::nullopt;
  // Absent: it came just now. Else it is about a dialing, and came then, while the store could not
  // be written; all that it tells of its node was told anew since.
  std::optional<Now> came = std::nullopt;
};

// The dialing that a fact is about; nil: it is about a node or a queue.
DialingUuid DialingOf(const NodeFact& fact);

}  // namespace outdial::engine
