// The second front door: AMI clients connect here as they would to Asterisk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ami_gateway/ami_client_session.h"
#include "ami_gateway/ami_gateway.h"
#include "ami_gateway/out_backend.h"

namespace outdial::ami {

// One address that is listened on.
struct AmiListenAddress {
  std::string host = "127.0.0.1";
  uint16_t port = 0;  // 0: any free one
  bool tls = false;
  // Transparent mode: the one node that clients of this address get. Empty: the first in the
  // configuration that can be reached, those that are in use before the others.
  std::string node = {};
};

// Who may use Out* actions, and see Out* events, in transparent mode: nobody but these.
struct AmiAccess {
  std::vector<std::string> logins;    // Asterisk's, compared without case, as Asterisk does
  std::vector<std::string> networks;  // `192.0.2.0/24`; empty: from wherever they may connect
  bool use = false;
  bool see = false;
};

// Durations are of real time.
struct AmiListenerOptions {
  std::vector<AmiListenAddress> listen;
  std::string tls_cert_file;  // PEM, for addresses with TLS
  std::string tls_key_file;
  // Who may connect at all.
  std::vector<std::string> networks = {"127.0.0.0/8", "::1/128"};
  std::vector<NodeAddress> nodes;  // transparent mode: where clients go
  std::vector<AmiUser> users;      // not empty: standalone mode
  std::vector<AmiAccess> access;   // transparent mode
  // Whether the node of that name is in use right now; called on the listener's thread.
  std::function<bool(const std::string& name)> node_is_ready;

  size_t max_clients = 1000;
  size_t max_unauthenticated = 50;  // as Asterisk's authlimit
  // Without a login by then, a TLS handshake included, a client is closed.
  absl::Duration auth_timeout = absl::Seconds(30);
  // Failed logins of one source (an IPv6 one counts by its /64) within login_window, after which it
  // is not let in for login_ban: more than one script with an old password makes, since it shuts
  // out all that come from there, fewer than a guesser needs.
  size_t max_failed_logins = 30;
  absl::Duration login_window = absl::Minutes(1);
  absl::Duration login_ban = absl::Minutes(1);
  // What may wait for a client that reads slowly; more drops it. Its node is read no further from
  // half of it on: what fills the rest are Out* events.
  size_t max_waiting_bytes = 8 * 1024 * 1024;
  // The same for all clients together; more drops the one for which most waits.
  size_t max_total_waiting_bytes = 128 * 1024 * 1024;
  // A client whose socket takes nothing for so long is dropped.
  absl::Duration write_timeout = absl::Seconds(30);
  absl::Duration node_connect_timeout = absl::Seconds(3);
};

// Start, the destructor and the ports belong to one thread; Publish is thread-safe. All callbacks
// and log lines come on the listener's own threads.
class AmiListener {
 public:
  // `backend` must outlive the listener.
  AmiListener(AmiListenerOptions options, OutBackend* backend, GatewayLog log);
  // Closes every connection and joins the threads.
  ~AmiListener();

  // UNAVAILABLE: an address can't be listened on. INVALID_ARGUMENT: a TLS file can't be read or
  // used, a network is none, or an address is for a node that there is not.
  absl::Status Start();

  // Of each address, in the order of the options. After Start.
  std::vector<uint16_t> ports() const;

  // Events up to this sequence are durable and may be told. Never blocks.
  void Publish(uint64_t last_event);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace outdial::ami
