// Responses that Outdial gives in Asterisk's place, in Asterisk's form.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "ami_gateway/ami_frame_parser.h"
#include "ami_gateway/ami_message.h"

namespace outdial::ami {

// `Response`, the ActionID of `action` if it has one, then `rest`; as bytes for the wire. What
// can't stand in a value becomes a space.
std::string AmiReply(const AmiMessage& action, absl::string_view response,
                     const std::vector<AmiHeader>& rest);
std::string AmiErrorReply(const AmiMessage& action, absl::string_view message);

// Why Asterisk looks at no action in this frame; nullopt: it does.
std::optional<absl::string_view> AmiFrameError(const AmiFrame& frame);

}  // namespace outdial::ami
