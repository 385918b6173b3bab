// Watches which node an Originate is given to.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "engine/now.h"
#include "tests/simulation/call_watch.h"
#include "tests/simulation/event_fold.h"
#include "tests/simulation/simulated_node.h"
#include "tests/simulation/violations.h"
#include "tests/simulation/virtual_clock.h"

namespace outdial::simulation {

// What is free goes elsewhere: a node that is out of sight gets no calls, nor does one that has
// done nothing for a while of what it was told. One thread; the pointers outlive it.
class SendWatch {
 public:
  SendWatch(const VirtualClock* clock, const CallWatch* calls, const EventFold* fold,
            Violations* violations)
      : clock_(clock), calls_(calls), fold_(fold), violations_(violations) {}

  // An Originate leaves for `node`, from an engine that runs since then.
  void OnOriginate(const SimulatedNode& node, const std::string& dialing,
                   engine::MonotonicTime engine_since);

 private:
  using Sent = std::deque<std::pair<engine::MonotonicTime, std::string>>;

  // Forgets what was heard of, and all before that.
  void DropHeard(Sent* sent) const;

  const VirtualClock* clock_;
  const CallWatch* calls_;
  const EventFold* fold_;
  Violations* violations_;
  std::map<std::string, Sent> sent_;  // by node, oldest first
};

}  // namespace outdial::simulation
