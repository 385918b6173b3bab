#include "server/simulation.h"

#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ami_gateway/sim_config.h"

namespace outdial::server {
namespace {

constexpr absl::Duration kWrapup = absl::Seconds(5);

// Nobody else is to log in as the server.
std::string MakeSecret() {
  std::random_device random;
  return absl::StrCat(absl::Hex(random(), absl::kZeroPad8), absl::Hex(random(), absl::kZeroPad8));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Simulation>> Simulation::Start(const SimulationConfig& config,
                                                              engine::Clock* clock) {
  auto simulation = std::unique_ptr<Simulation>(new Simulation());
  ami::NodeAddress& node = simulation->node_;
  node.name = kNodeName;
  node.host = "127.0.0.1";
  node.username = "outdial";
  node.secret = MakeSecret();

  ami::SimAsteriskConfig asterisk =
      ami::CallCenterSimConfig(node.username, node.secret, kQueue, config.agents, kWrapup);
  asterisk.users.push_back({.name = kUser, .secret = kSecret});
  asterisk.seed = config.seed;
  asterisk.population.seed = config.seed;
  ami::SimServerOptions options;
  options.host = node.host;
  options.clock = clock;
  simulation->server_ =
      std::make_unique<ami::SimAsteriskServer>(std::move(asterisk), std::move(options));
  if (absl::Status status = simulation->server_->Start(); !status.ok()) return status;
  node.port = simulation->server_->port();
  return simulation;
}

}  // namespace outdial::server
