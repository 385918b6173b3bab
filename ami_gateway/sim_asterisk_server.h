// The simulated Asterisk behind a TCP port.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "ami_gateway/sim_config.h"
#include "ami_gateway/sim_counters.h"
#include "ami_gateway/sim_faults.h"
#include "engine/ports.h"

namespace outdial::ami {

struct SimServerOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 0;  // 0: any free one
  // Time of the simulated world: an accelerated clock makes everything in it faster. Outlives the
  // server.
  engine::Clock* clock = nullptr;
};

// Runs an AsteriskModel on a thread of its own. All methods are thread-safe after Start and wait
// for that thread; none may be called from it.
class SimAsteriskServer {
 public:
  SimAsteriskServer(SimAsteriskConfig config, SimServerOptions options);
  // Closes everything and joins the thread.
  ~SimAsteriskServer();

  // Once. UNAVAILABLE: the address can't be had.
  absl::Status Start();
  // The port that is listened on; 0 before Start.
  uint16_t port() const;

  SimCounters Counters();
  // INVALID_ARGUMENT: see SimFaults::Check.
  absl::Status SetFaults(const SimFaults& faults);
  void DropConnections(SimClose how);
  void Restart(const SimRestart& restart);
  // Time of the simulated world.
  void Stall(absl::Duration duration);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace outdial::ami
