// What an operator sets for the engine. The server fills it from the configuration file.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace outdial::engine {

// A pair of caps. They hold always, whatever a mode would like.
struct Cap {
  int max_calls = 30;           // calls in progress at once
  double calls_per_second = 5;  // new calls
};

struct NodeConfig {
  std::string name;
  Cap cap;
};

struct EngineConfig {
  std::vector<NodeConfig> nodes;  // names are unique
  Cap trunk_cap;                  // of each trunk that trunk_caps does not name
  std::map<std::string, Cap> trunk_caps;
  Cap server_cap{.max_calls = 1000, .calls_per_second = 100};

  std::string default_tech = "PJSIP";
  // What is dialled instead of a tech, both in lower case keys: `sip` -> `PJSIP`.
  std::map<std::string, std::string> tech_alias{{"sip", "PJSIP"}};
  bool allow_local_channels = false;
  // Compared without case.
  std::vector<std::string> allowed_applications{
      "Queue", "Park", "Playback", "Echo", "Wait", "Hangup", "AMD", "ConfBridge", "MusicOnHold"};
  std::vector<std::string> allowed_contexts;
  // Hosts that a sip: or sips: address may name; empty: none.
  std::vector<std::string> allowed_sip_hosts;

  // Bounds on what clients can make: records of each small kind, not deleted.
  int max_records_per_kind = 100000;

  // Seeds uuids. The server takes it from the system; tests fix it.
  uint64_t seed = 0;
};

}  // namespace outdial::engine
