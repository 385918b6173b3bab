// The gRPC server: listener, services, health, reflection, limits.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "server/config.h"
#include "server/services.h"

namespace outdial::server {

// Largest request; a larger one is RESOURCE_EXHAUSTED.
inline constexpr int kMaxRequestBytes = 4 * 1024 * 1024;

// Bounds of memory, streams and silence, the same for whatever stands in for the server.
void SetServerLimits(grpc::ServerBuilder* builder);

// Thread-safe.
class GrpcFront {
 public:
  // Listens on config.listen. INVALID_ARGUMENT: a TLS file can't be read or used. UNAVAILABLE: the
  // address can't be bound.
  static absl::StatusOr<std::unique_ptr<GrpcFront>> Start(const Config& config,
                                                          const ServiceDeps& deps);

  int port() const { return port_; }

  // What the standard health service answers, for the server as a whole and each service.
  void SetServing(bool serving);

  // Takes no more calls, waits up to `patience` for those in progress, then cancels the rest.
  void Shutdown(absl::Duration patience);

 private:
  GrpcFront() = default;

  std::vector<std::unique_ptr<grpc::Service>> services_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace outdial::server
