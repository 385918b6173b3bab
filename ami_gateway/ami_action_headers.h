// The headers of an action as Asterisk reads them.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "ami_gateway/ami_message.h"

namespace outdial::ami {

// The first value under this name, from its first byte above the space on; nullopt: there is no
// such header. Lives as long as the message.
std::optional<absl::string_view> ActionHeader(const AmiMessage& action, absl::string_view name);

// The first `Action` that says anything; empty: there is none.
absl::string_view ActionName(const AmiMessage& action);

// What an answer carries back, a CR in it made a space; nullopt: nothing.
std::optional<std::string> ActionId(const AmiMessage& action);

}  // namespace outdial::ami
