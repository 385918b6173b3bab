// What every gRPC call passes first: who may come in, and whether the server still takes calls.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "grpcpp/server_context.h"
#include "server/metrics.h"

namespace outdial::server {

// Thread-safe.
class CallGate {
 public:
  // With `tokens`, a call must carry one of them as `authorization: Bearer TOKEN`; without, every
  // call comes in. `metrics` must outlive the gate.
  CallGate(std::vector<std::string> tokens, Metrics* metrics)
      : tokens_(std::move(tokens)), metrics_(metrics) {}

  // UNAUTHENTICATED: no valid token. UNAVAILABLE: the server is stopping.
  absl::Status Admit(const grpc::ServerContextBase& context) const;

  // From here on no call is admitted, and streams end themselves with DrainStatus.
  void Drain() { draining_ = true; }
  bool draining() const { return draining_; }
  static absl::Status DrainStatus();

  // Turns the end of a call into what the client gets, and counts it.
  grpc::Status End(absl::string_view method, const absl::Status& status) const;

 private:
  bool HasValidToken(const grpc::ServerContextBase& context) const;

  std::vector<std::string> tokens_;
  Metrics* metrics_;
  std::atomic<bool> draining_ = false;
};

// `OutPlanCreate` for OutPlanCreateRequest.
template <class Request>
absl::string_view MethodOf() {
  absl::string_view name = Request::descriptor()->name();
  name.remove_suffix(sizeof("Request") - 1);
  return name;
}

}  // namespace outdial::server
