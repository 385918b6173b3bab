// The doors for AMI clients and for dialplans, as an operator sets them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ami_gateway/agi_listener.h"
#include "ami_gateway/ami_listener.h"
#include "server/listen_address.h"
#include "server/yaml_map.h"

namespace outdial::server {

// A port whose clients all get the same node.
struct AmiNodePort {
  std::string node;
  ListenAddress listen;
};

struct AmiConfig {
  std::optional<ListenAddress> listen;      // in plain text, as are those of node_ports
  std::optional<ListenAddress> tls_listen;  // with the certificate of ServerTls
  std::vector<AmiNodePort> node_ports;
  std::vector<std::string> networks = ami::AmiListenerOptions().networks;
  // Not empty: standalone mode, with these users and no Asterisk behind them. Empty: transparent
  // mode, in which an Asterisk judges the logins and `access` adds what is ours.
  std::vector<ami::AmiUser> users;
  std::vector<ami::AmiAccess> access;
  std::optional<ListenAddress> agi_listen;
  std::vector<std::string> agi_networks = ami::AgiListenerOptions().networks;

  // Whether AMI clients have a door at all.
  bool is_open() const {
    return listen.has_value() || tls_listen.has_value() || !node_ports.empty();
  }
  bool is_standalone() const { return !users.empty(); }
};

// Reads the keys of these doors.
void ReadAmi(YamlMap& top, AmiConfig* ami);
// Reads those that stand with a node.
void ReadNodeAmi(YamlMap& node, const std::string& name, AmiConfig* ami);

}  // namespace outdial::server
