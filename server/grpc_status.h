// Errors as gRPC clients get them: the status code and message, and google.rpc details.
#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace outdial::server {

// Values that the message names, for ErrorInfo.metadata.
using ErrorMetadata = std::map<std::string, std::string>;

// The same code and message, with an ErrorInfo (domain `outdial`, the engine's reason and
// `metadata`), a BadRequest where fields are wrong, and a RetryInfo where trying again helps
// (UNAVAILABLE, RESOURCE_EXHAUSTED). All of it together stays under 7 KiB, since a client drops
// trailers above 8 KiB and the error with them: a message that is too long is cut, and of very
// many wrong fields the first are named and the rest counted.
grpc::Status ToGrpcStatus(const absl::Status& status, const ErrorMetadata& metadata = {});

}  // namespace outdial::server
