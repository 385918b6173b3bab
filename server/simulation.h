// The simulated Asterisk inside the server: a call center to dial without any telephony.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "ami_gateway/ami_gateway.h"
#include "ami_gateway/sim_asterisk_server.h"
#include "engine/ports.h"
#include "server/config.h"

namespace outdial::server {

// Queue `sales` with `agents` agents, trunk `trunk` and any other, people drawn from the seed; on
// a free port of loopback, over the same wire as a real one. Belongs to one thread.
class Simulation {
 public:
  static constexpr char kNodeName[] = "simulated";
  static constexpr char kQueue[] = "sales";
  // Context of the simulated extensions.
  static constexpr char kContext[] = "outbound";
  // The login of AMI clients, with all rights: what is simulated needs no protection. That of the
  // server itself has a secret that nobody knows.
  static constexpr char kUser[] = "demo";
  static constexpr char kSecret[] = "demo";

  // Runs until it is destroyed. `clock` is its time too, and outlives it. UNAVAILABLE: no port.
  static absl::StatusOr<std::unique_ptr<Simulation>> Start(const SimulationConfig& config,
                                                           engine::Clock* clock);

  // How the gateway connects to it.
  const ami::NodeAddress& node() const { return node_; }

 private:
  Simulation() = default;

  ami::NodeAddress node_;
  std::unique_ptr<ami::SimAsteriskServer> server_;
};

}  // namespace outdial::server
