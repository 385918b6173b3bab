// Makes things go wrong in a simulated world, at moments drawn from its seed.
#pragma once

#include <functional>
#include <vector>

#include "absl/time/time.h"
#include "ami_gateway/sim_random.h"
#include "engine/now.h"
#include "tests/simulation/scenario.h"
#include "tests/simulation/simulated_node.h"
#include "tests/simulation/simulated_server.h"
#include "tests/simulation/virtual_clock.h"

namespace outdial::simulation {

// One thread; the pointers outlive it.
class FaultDriver {
 public:
  // `kill` ends the server's process and everything that it held.
  FaultDriver(const Scenario* scenario, const VirtualClock* clock,
              std::vector<SimulatedNode*> nodes, SimulatedServer* server,
              std::function<void()> kill);

  engine::MonotonicTime NextDue() const { return next_at_; }
  void Advance();
  // From now on all goes well.
  void End();

 private:
  void HitConnection();
  void HitEvents();
  void HitServer();
  void Heal();
  void Wait();

  const Scenario* scenario_;
  const VirtualClock* clock_;
  const std::vector<SimulatedNode*> nodes_;
  SimulatedServer* server_;
  std::function<void()> kill_;
  ami::SimRandom random_;
  engine::MonotonicTime next_at_ = absl::InfiniteDuration();
};

}  // namespace outdial::simulation
