// What an operator sets, from a YAML file, with flags on top of it.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ami_gateway/ami_gateway.h"
#include "engine/engine_config.h"
#include "server/ami_config.h"
#include "server/listen_address.h"
#include "server/logger.h"

namespace outdial::server {

// Of the gRPC listener and of ami_tls_listen. Empty cert: no TLS.
struct ServerTls {
  std::string cert_file;
  std::string key_file;
  std::string client_ca_file;  // not empty: gRPC clients must show a certificate of it
};

// What `--simulate` runs.
struct SimulationConfig {
  bool enabled = false;
  uint64_t seed = 1;
  int agents = 10;
  // Simulated seconds per real one, for the simulated Asterisk and the server's clock together.
  double accelerate = 1;
};

struct Config {
  ListenAddress listen{"127.0.0.1", 50051};
  std::string data_dir = "outdial-data";
  std::optional<ListenAddress> metrics_listen;
  AmiConfig ami;
  std::vector<ami::NodeAddress> nodes;
  // `engine.nodes` has the same names in the same order.
  engine::EngineConfig engine;
  absl::Duration keep_events_for = absl::Hours(24 * 7);
  uint64_t keep_events_bytes = uint64_t{4} << 30;
  absl::Duration keep_results_for = absl::InfiniteDuration();
  uint64_t keep_results_bytes = std::numeric_limits<uint64_t>::max();
  ServerTls tls;
  std::vector<std::string> tokens;  // empty: no token is asked for
  LogOptions log;
  SimulationConfig simulate;
  bool insecure = false;
  // Start although the clock is behind the newest event of the store.
  bool accept_clock = false;
};

// Reads the text of a configuration file. INVALID_ARGUMENT: the message holds one line per
// problem, `name:LINE: KEY: what is wrong, and how to put it right`, all of them at once. Secrets
// are read from the files and environment variables that it names, and never shown.
absl::StatusOr<Config> ParseConfig(absl::string_view text, const std::string& name);

// As ParseConfig, from a file. NOT_FOUND: it can't be read.
absl::StatusOr<Config> ReadConfigFile(const std::string& path);

// What only the whole shows, after the flags: an address that is not loopback without TLS or
// --insecure, no Asterisk where one is needed, keys that exclude each other. INVALID_ARGUMENT: one
// line per problem.
absl::Status CheckConfig(const Config& config);

// One line for each cap above its default, for the log.
std::vector<std::string> RaisedCaps(const engine::EngineConfig& engine);

}  // namespace outdial::server
