// The challenge login of AMI.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace outdial::ami {

// The `Key` that answers a challenge: MD5 of the challenge and the secret, in lower case hex. It
// keeps the secret off the wire and is no protection beyond that; TLS is. UNAVAILABLE: this
// OpenSSL has MD5 switched off.
absl::StatusOr<std::string> ChallengeKey(absl::string_view challenge, absl::string_view secret);

}  // namespace outdial::ami
