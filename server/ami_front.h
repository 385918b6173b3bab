// The doors for AMI clients and dialplans, as the configuration asks for them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ami_gateway/agi_listener.h"
#include "ami_gateway/ami_listener.h"
#include "server/ami_backend.h"
#include "server/config.h"
#include "server/logger.h"
#include "server/metrics.h"
#include "server/services.h"

namespace outdial::server {

// Publish is thread-safe, the rest belongs to one thread.
class AmiFront {
 public:
  // Listens on what `config` names, which may be nothing. What `deps` names, and `metrics`, outlive
  // the front; `log` is called on the doors' own threads. UNAVAILABLE: an address can't be listened
  // on. INVALID_ARGUMENT: a file of `tls` can't be used.
  static absl::StatusOr<std::unique_ptr<AmiFront>> Start(const Config& config,
                                                         const ServiceDeps& deps, Metrics* metrics,
                                                         ami::GatewayLog log);
  // Closes every connection. Answers that are not handed over yet are lost, so whoever posts them
  // should have ended.
  ~AmiFront() = default;

  // Of the first AMI address, and of FastAGI; 0: there is none.
  int ami_port() const;
  int agi_port() const;

  // Events up to here are durable, and the answers to their changes are handed over.
  void Publish(uint64_t last_event);

  // One line for each address, and what a person should know who set them.
  void LogStart(Logger* logger) const;

 private:
  AmiFront(const AmiConfig& config, const ServiceDeps& deps, Metrics* metrics);

  absl::Status StartAmi(const Config& config, const StatusBoard* board, const ami::GatewayLog& log);
  absl::Status StartAgi(const AmiConfig& config, const ami::GatewayLog& log);

  const bool standalone_;
  const bool nobody_has_access_;
  AmiBackend backend_;
  std::vector<ami::AmiListenAddress> listen_;
  std::string agi_host_;
  std::unique_ptr<ami::AmiListener> ami_;
  std::unique_ptr<ami::AgiListener> agi_;
};

}  // namespace outdial::server
