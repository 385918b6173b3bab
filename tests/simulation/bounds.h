// What must hold in a simulated world, as its clients set it up.
#pragma once

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "engine/engine_config.h"
#include "engine/now.h"

namespace outdial::simulation {

// The least retry delay that may be in force: a change may take effect as soon as it is asked for,
// and a call that begins now may have been decided a while ago.
class DelayBound {
 public:
  void Ask(absl::Duration delay) { delays_.push_back({delay, absl::InfiniteDuration()}); }
  // It is `delay` now, for certain.
  void Settle(absl::Duration delay, engine::MonotonicTime now) {
    for (auto& [each, until] : delays_) until = std::min(until, now + kLongestOrder);
    Ask(delay);
    std::erase_if(delays_, [now](const auto& each) { return each.second < now; });
  }
  // Infinite: no campaign was made.
  absl::Duration Least(engine::MonotonicTime now) const {
    absl::Duration least = absl::InfiniteDuration();
    for (const auto& [each, until] : delays_) {
      if (until >= now) least = std::min(least, each);
    }
    return least;
  }

 private:
  // From the decision to dial to the beginning of the call.
  static constexpr absl::Duration kLongestOrder = absl::Minutes(2);
  std::vector<std::pair<absl::Duration, engine::MonotonicTime>> delays_;  // and until when
};

// Of one campaign. Where a record was changed on the way, the loosest of its values: a call in
// progress keeps to the values that it was decided under.
struct CampaignBounds {
  DelayBound retry_delay;
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
