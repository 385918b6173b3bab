// From an Out* message of a client to the call that it asks for.
#pragma once

#include <string>
#include <variant>

#include "ami_gateway/ami_client_session.h"
#include "ami_gateway/ami_frame_parser.h"

namespace outdial::ami {

// The call, or the reply that refuses it: the message breaks a limit of Asterisk's, there is no
// such action, or a header can't be read.
using OutCallOrReply = std::variant<OutCall, std::string>;

// `frame` names an action that begins with `Out`.
OutCallOrReply ReadOutCall(const AmiFrame& frame);

}  // namespace outdial::ami
