#include "server/ami_front.h"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace outdial::server {
namespace {

std::vector<ami::AmiListenAddress> ListenOf(const AmiConfig& config) {
  std::vector<ami::AmiListenAddress> listen;
  const auto add = [&listen](const ListenAddress& address, bool tls, const std::string& node) {
    listen.push_back({address.host, address.port, tls, node});
  };
  if (config.listen.has_value()) add(*config.listen, false, "");
  if (config.tls_listen.has_value()) add(*config.tls_listen, true, "");
  for (const AmiNodePort& port : config.node_ports) add(port.listen, false, port.node);
  return listen;
}

// What a listener says, with the door that it is about.
absl::Status AboutDoor(absl::string_view door, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(
      status.code(), absl::StrCat(door, ": ", status.message(),
                                  absl::IsUnavailable(status) ? "; is another server there?" : ""));
}

bool IsReady(const StatusBoard& board, const std::string& name) {
  const std::optional<v1::Node> node = board.FindNode(name);
  return node.has_value() &&
         (node->state() == v1::NODE_STATE_READY || node->state() == v1::NODE_STATE_DEGRADED);
}

}  // namespace

AmiFront::AmiFront(const AmiConfig& config, const ServiceDeps& deps, Metrics* metrics)
    : standalone_(config.is_standalone()),
      nobody_has_access_(config.access.empty()),
      backend_(deps, metrics),
      listen_(ListenOf(config)),
      agi_host_(config.agi_listen.has_value() ? config.agi_listen->host : "") {}

absl::StatusOr<std::unique_ptr<AmiFront>> AmiFront::Start(const Config& config,
                                                          const ServiceDeps& deps, Metrics* metrics,
                                                          ami::GatewayLog log) {
  auto front = std::unique_ptr<AmiFront>(new AmiFront(config.ami, deps, metrics));
  absl::Status status = front->StartAmi(config, deps.board, log);
  if (status.ok()) status = front->StartAgi(config.ami, log);
  if (!status.ok()) return status;
  return front;
}

absl::Status AmiFront::StartAmi(const Config& config, const StatusBoard* board,
                                const ami::GatewayLog& log) {
  if (listen_.empty()) return absl::OkStatus();
  ami::AmiListenerOptions options;
  options.listen = listen_;
  options.tls_cert_file = config.tls.cert_file;
  options.tls_key_file = config.tls.key_file;
  options.networks = config.ami.networks;
  options.nodes = config.nodes;
  options.users = config.ami.users;
  options.access = config.ami.access;
  options.node_is_ready = [board](const std::string& name) { return IsReady(*board, name); };
  ami_ = std::make_unique<ami::AmiListener>(std::move(options), &backend_, log);
  return AboutDoor("AMI clients", ami_->Start());
}

absl::Status AmiFront::StartAgi(const AmiConfig& config, const ami::GatewayLog& log) {
  if (!config.agi_listen.has_value()) return absl::OkStatus();
  ami::AgiListenerOptions options;
  options.host = agi_host_;
  options.port = config.agi_listen->port;
  options.networks = config.agi_networks;
  agi_ = std::make_unique<ami::AgiListener>(std::move(options), &backend_, log);
  return AboutDoor("agi_listen", agi_->Start());
}

int AmiFront::ami_port() const { return ami_ == nullptr ? 0 : ami_->ports().front(); }

int AmiFront::agi_port() const { return agi_ == nullptr ? 0 : agi_->port(); }

void AmiFront::Publish(uint64_t last_event) {
  if (ami_ != nullptr) ami_->Publish(last_event);
}

void AmiFront::LogStart(Logger* logger) const {
  const std::vector<uint16_t> ports = ami_ == nullptr ? std::vector<uint16_t>() : ami_->ports();
  for (size_t i = 0; i < ports.size(); ++i) {
    const ami::AmiListenAddress& address = listen_[i];
    std::vector<std::pair<std::string, std::string>> fields = {
        {"address", ListenAddress{address.host, ports[i]}.ToString()},
        {"mode", standalone_ ? "standalone" : "transparent"},
        {"tls", address.tls ? "yes" : "no"}};
    if (!address.node.empty()) fields.emplace_back("node", address.node);
    logger->Info("ami_listening", fields);
  }
  if (agi_ != nullptr) {
    logger->Info("agi_listening", {{"address", ListenAddress{agi_host_, agi_->port()}.ToString()}});
  }
  if (ami_ == nullptr && (standalone_ || !nobody_has_access_)) {
    logger->Warning("ami_not_listening",
                    {{"detail", absl::StrCat(standalone_ ? "ami_users" : "ami_access",
                                             " has no effect: no AMI client can connect until "
                                             "ami_listen or ami_tls_listen says where")}});
  }
  if (ami_ != nullptr && !standalone_ && nobody_has_access_) {
    logger->Warning("ami_access_missing",
                    {{"detail",
                      "nobody may use Out* actions or see Out* events: name the logins that may "
                      "in ami_access, or give ami_users for clients that need no Asterisk"}});
  }
}

}  // namespace outdial::server
