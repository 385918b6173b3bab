// What only the whole configuration shows.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/config.h"

namespace outdial::server {
namespace {

using Problems = std::vector<std::string>;

// An address of a door that has no TLS. `instead`: what else there is to do.
void CheckPlain(const Config& config, absl::string_view key,
                const std::optional<ListenAddress>& address, absl::string_view instead,
                Problems* problems) {
  if (!address.has_value() || address->is_loopback() || config.insecure) return;
  problems->push_back(absl::StrCat(key, ": ", address->ToString(),
                                   " can be reached from outside and has no TLS: ", instead,
                                   "listen on 127.0.0.1, or give --insecure"));
}

// An address of a door that listens on addresses alone: a name may stand for several.
void CheckNumeric(absl::string_view key, const std::optional<ListenAddress>& address,
                  Problems* problems) {
  if (!address.has_value() || address->is_numeric()) return;
  problems->push_back(absl::StrCat(key, ": `", address->host,
                                   "` is a name: give an IP address, such as 127.0.0.1"));
}

void CheckAddresses(const Config& config, Problems* problems) {
  const bool tls = !config.tls.cert_file.empty();
  if (!config.listen.is_loopback() && !tls && !config.insecure) {
    problems->push_back(absl::StrCat(
        "listen: ", config.listen.ToString(),
        " can be reached from outside: configure tls, listen on 127.0.0.1, or give --insecure"));
  }
  CheckPlain(config, "metrics_listen", config.metrics_listen, "", problems);
  CheckPlain(config, "ami_listen", config.ami.listen, "use ami_tls_listen, ", problems);
  CheckNumeric("ami_listen", config.ami.listen, problems);
  CheckNumeric("ami_tls_listen", config.ami.tls_listen, problems);
  CheckNumeric("agi_listen", config.ami.agi_listen, problems);
  for (const AmiNodePort& port : config.ami.node_ports) {
    CheckNumeric(absl::StrCat("ami_listen of ", port.node), port.listen, problems);
    CheckPlain(config, absl::StrCat("ami_listen of ", port.node), port.listen, "", problems);
  }
  CheckPlain(config, "agi_listen", config.ami.agi_listen, "", problems);
  if (config.ami.tls_listen.has_value() && !tls) {
    problems->push_back(
        "ami_tls_listen: needs a certificate: configure `tls` with cert and key, or use ami_listen "
        "on 127.0.0.1");
  }
}

void CheckAsterisk(const Config& config, Problems* problems) {
  const bool simulate = config.simulate.enabled;
  if (simulate && !config.nodes.empty()) {
    problems->push_back(
        "--simulate brings its own Asterisk: leave `asterisk` out of the configuration, or "
        "--simulate off the command line");
  }
  // With users of our own there is a door that needs no Asterisk: lists can be filled before the
  // first one is there.
  if (!simulate && config.nodes.empty() && !config.ami.is_standalone()) {
    problems->push_back(absl::StrCat(
        "asterisk: no Asterisk is configured: name one in the configuration (--config FILE), or "
        "start with --simulate",
        config.ami.is_open() ? "; AMI clients are sent to it unless ami_users names theirs" : ""));
  }
  if (!simulate && config.simulate.accelerate != 1) {
    problems->push_back("--accelerate works with --simulate only: real time can't be hurried");
  }
}

void CheckAmiMode(const AmiConfig& ami, Problems* problems) {
  if (!ami.is_standalone()) return;
  if (!ami.access.empty()) {
    problems->push_back(
        "ami_users and ami_access exclude each other: keep ami_users where clients log in here and "
        "get no Asterisk, ami_access where they log in at an Asterisk through this server");
  }
  for (const AmiNodePort& port : ami.node_ports) {
    problems->push_back(absl::StrCat(
        "ami_listen of ", port.node,
        ": with ami_users no client gets an Asterisk: use the ami_listen of the server, or leave "
        "ami_users out"));
  }
}

}  // namespace

absl::Status CheckConfig(const Config& config) {
  Problems problems;
  CheckAddresses(config, &problems);
  CheckAmiMode(config.ami, &problems);
  CheckAsterisk(config, &problems);
  if (problems.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(problems, "\n"));
}

}  // namespace outdial::server
