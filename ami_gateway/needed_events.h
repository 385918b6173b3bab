// The events that Outdial asks an Asterisk for.
#pragma once

#include "absl/strings/string_view.h"

namespace outdial::ami {

// Classes that hold them; a login subscribes to no others.
inline constexpr absl::string_view kNeededEventClasses = "system,call,agent";

// Names, for filters in the node. What isn't named here doesn't reach Outdial from a node that
// lets it filter.
inline constexpr absl::string_view kNeededEvents[] = {
    // Dialings.
    "OriginateResponse",
    "Newchannel",
    "Newstate",
    "DialBegin",
    "DialState",
    "DialEnd",
    "HangupRequest",
    "SoftHangupRequest",
    "Hangup",
    // Queues and their agents.
    "QueueCallerJoin",
    "QueueCallerLeave",
    "QueueCallerAbandon",
    "AgentConnect",
    "AgentComplete",
    "QueueMemberAdded",
    "QueueMemberRemoved",
    "QueueMemberStatus",
    "QueueMemberPause",
    // Parking.
    "ParkedCall",
    "ParkedCallGiveUp",
    "ParkedCallTimeOut",
    "UnParkedCall",
    // The node.
    "FullyBooted",
    "Shutdown",
};

}  // namespace outdial::ami
