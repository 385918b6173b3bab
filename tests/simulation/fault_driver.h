// Makes things go wrong in a simulated world, at moments drawn from its seed.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "ami_gateway/sim_random.h"
#include "engine/now.h"
#include "tests/simulation/crash_point.h"
#include "tests/simulation/fault_tally.h"
#include "tests/simulation/scenario.h"
#include "tests/simulation/simulated_node.h"
#include "tests/simulation/simulated_server.h"
#include "tests/simulation/virtual_clock.h"

namespace outdial::simulation {

// One thread; the pointers outlive it.
class FaultDriver {
 public:
  struct Hooks {
    // How many calls are up on a node: what there is to lose.
    std::function<size_t(const std::string& node)> calls_on;
    // Somebody stops what is dialled by force.
    std::function<void()> stop_by_force;
  };

  FaultDriver(const Scenario* scenario, VirtualClock* clock, std::vector<SimulatedNode*> nodes,
              SimulatedServer* server, FaultTally* tally, Hooks hooks);

  engine::MonotonicTime NextDue() const { return std::min(next_at_, strike_at_); }
  void Advance();
  // From now on all goes well.
  void End();
  // Where the server, which is about to start again, dies the next time; absent: nowhere yet.
  std::optional<PlannedCrash> CrashOfNextLife();

 private:
  void HitConnection();
  void Overload(SimulatedNode& node);
  // While a node has calls that it did not start yet, or none that can be hung up, its connection
  // is cut, it is killed, or the server dies.
  void Strike();
  void CutOff(SimulatedNode& node);
  void HitEvents();
  void CutConnection(SimulatedNode& node);
  void HitServer();
  void HitClock();
  void Heal();
  // The node with the most calls.
  SimulatedNode& Busiest() const;
  void Wait();

  const Scenario* scenario_;
  VirtualClock* clock_;
  const std::vector<SimulatedNode*> nodes_;
  SimulatedServer* server_;
  FaultTally* tally_;
  const Hooks hooks_;
  ami::SimRandom random_;
  engine::MonotonicTime next_at_ = absl::InfiniteDuration();
  engine::MonotonicTime strike_at_ = absl::InfiniteDuration();
  SimulatedNode* overloaded_ = nullptr;
};

}  // namespace outdial::simulation
