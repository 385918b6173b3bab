// What must hold in a simulated world, as its clients set it up.
#pragma once

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "engine/engine_config.h"

namespace outdial::simulation {

// Of one campaign. Where a record was changed on the way, the loosest of its values: a call in
// progress keeps to the values that it was decided under.
struct CampaignBounds {
  absl::Duration retry_delay = absl::InfiniteDuration();
  absl::Duration max_call_length = absl::InfiniteDuration();
  std::optional<engine::Cap> cap;  // absent: none
  std::string destination;
  std::string queue;  // agents that its calls go to; empty: none
  bool progressive = false;
};

struct Bounds {
  engine::Cap server;
  std::map<std::string, engine::Cap> nodes;
  engine::Cap trunk;                        // of each trunk
  std::map<std::string, int> destinations;  // max_calls by uuid
  std::map<std::string, CampaignBounds> campaigns;
  std::map<std::string, int> agents;  // members by queue, all nodes together
};

}  // namespace outdial::simulation
