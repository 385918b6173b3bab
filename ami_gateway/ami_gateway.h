// The gateway to the Asterisk nodes: one connection each, on one thread of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "engine/node_event.h"
#include "engine/ports.h"

namespace outdial::ami {

struct TlsOptions {
  bool enabled = false;
  std::string ca_file;  // empty: the system's
  bool verify = true;   // the peer's certificate and name
};

// One Asterisk's manager interface.
struct NodeAddress {
  std::string name;
  std::string host;
  uint16_t port = 5038;
  std::string username;
  std::string secret;
  bool plain_login = false;  // false: MD5 challenge, and nothing else when that fails
  TlsOptions tls;
  // Of real time. An answer that comes later than this ends the connection, and so does a node that
  // reads nothing for as long.
  absl::Duration answer_timeout = absl::Seconds(10);
  // A Ping goes out this often: a node that answers nothing any more is left after both together.
  absl::Duration ping_interval = absl::Seconds(15);
  // The node's file of call detail records (Master.csv), when it is on this machine; empty: none.
  std::string cdr_csv{};
};

// Durations are of real time.
struct GatewayOptions {
  std::vector<NodeAddress> nodes;
  absl::Duration connect_timeout = absl::Seconds(5);
  // How long FullyBooted is awaited before it is taken as one that the login may not see.
  absl::Duration fully_booted_wait = absl::Seconds(3);
  absl::Duration backoff_min = absl::Milliseconds(200);
  absl::Duration backoff_max = absl::Seconds(30);  // also of a login that was refused
  uint64_t seed = 0;                               // of the jitter of the back-off
  // Read back: wall time of the clock, for Uptime -> boot_time.
  engine::Clock* clock = nullptr;
};

// Facts for the log: level is "debug", "info", "warning" or "error".
using GatewayLog =
    std::function<void(const std::string& level, const std::string& name,
                       const std::vector<std::pair<std::string, std::string>>& fields)>;

// What nodes tell, in their order; what was read at once is told at once.
using NodeEventSink = std::function<void(std::vector<engine::NodeEvent> events)>;

// Send is thread-safe and never blocks. All callbacks come on the gateway's own thread, which they
// must not hold up; they may still come until the destructor returns.
class AmiGateway : public engine::NodeTransport {
 public:
  AmiGateway(GatewayOptions options, NodeEventSink on_events, GatewayLog log);
  // Closes every connection and joins the thread. Calls in Asterisk live on.
  ~AmiGateway() override;

  void Start();
  void Send(const engine::NodeCommand& command) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace outdial::ami
