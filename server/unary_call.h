// The one path of every action that changes something, and that of the few unary reads.
#pragma once

#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "server/services.h"

namespace outdial::server {

// Posts `request` to the loop and answers with its reply. Request and Response are a pair of
// engine::Action and engine::ActionResult.
template <class Request, class Response>
grpc::ServerUnaryReactor* RunAction(const ServiceDeps& deps, grpc::CallbackServerContext* context,
                                    const Request* request, Response* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  CallGate* gate = deps.gate;
  if (absl::Status admitted = gate->Admit(*context); !admitted.ok()) {
    reactor->Finish(gate->End(MethodOf<Request>(), admitted));
    return reactor;
  }
  // Both `reactor` and `response` live until Finish, also when the client is long gone.
  deps.control->Post(*request,
                     [gate, reactor, response](absl::StatusOr<engine::ActionResult> result) {
                       const absl::Status status = result.status();
                       if (status.ok()) *response = std::get<Response>(*std::move(result));
                       reactor->Finish(gate->End(MethodOf<Request>(), status));
                     });
  return reactor;
}

// Answers with what `read` puts into the response, on this thread. `read`: () -> absl::Status.
template <class Request, class Read>
grpc::ServerUnaryReactor* RunRead(const ServiceDeps& deps, grpc::CallbackServerContext* context,
                                  Read read) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  absl::Status status = deps.gate->Admit(*context);
  if (status.ok()) status = read();
  reactor->Finish(deps.gate->End(MethodOf<Request>(), status));
  return reactor;
}

}  // namespace outdial::server
