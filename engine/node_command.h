// What the engine tells the AMI gateway to do, after the commit that made it durable.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "engine/uuid.h"

namespace outdial::engine {

// Sent at most once, ever. The gateway answers with OriginateAccepted, OriginateRefused or
// OriginateUnsent, or with NodeDisconnected when it can't know.
struct Originate {
  DialingUuid dialing;  // the ChannelId, and the ActionID's core
  std::string channel;
  // Either application (with data) or exten, context and priority.
  std::string application;
  std::string data;
  std::string exten;
  std::string context;
  std::string priority;
  absl::Duration timeout;
  std::string caller_id;  // empty: none
  // One `Variable` header each, in this order. Names may be `PJSIP_HEADER(add,...)`: the engine
  // alone makes those.
  std::vector<std::pair<std::string, std::string>> variables;
};

struct Hangup {
  DialingUuid dialing;
  int cause = 16;  // Q.850
};

// Ask for all channels (CoreShowChannels); answered by ChannelListed facts and NodeSynced, or the
// connection ends.
struct ListChannels {};

// Tell everything about the node again: NodeConnected, its state, NodeSynced; when it is not
// connected, NodeDisconnected with the reason, if there was an attempt yet. Lists that were asked
// for before are not answered by a NodeSynced of their own. A newly loaded engine asks for it.
struct Resync {};

struct NodeCommand {
  std::string node;
  std::variant<Originate, Hangup, ListChannels, Resync> command;
};

}  // namespace outdial::engine
