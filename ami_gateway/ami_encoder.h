// Writes AMI messages.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ami_gateway/ami_frame_parser.h"
#include "ami_gateway/ami_message.h"

namespace outdial::ami {

// The bytes of a message, its closing blank line included. Pure. Never emits a byte that a reader
// would take for the end of a line or of the message.
// INVALID_ARGUMENT: no headers; a name that is empty or holds a colon or a control character; a
// value that holds CR, LF or NUL; more lines, longer lines or more bytes than `limits` allow. The
// message names the header, never the value: it may be secret.
absl::StatusOr<std::string> EncodeAmiMessage(const AmiMessage& message,
                                             const AmiFrameLimits& limits = kAmiActionLimits);

// `value` with a space for each byte that no value may hold: CR, LF and NUL.
std::string WithoutLineEnds(absl::string_view value);

}  // namespace outdial::ami
