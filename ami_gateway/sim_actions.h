// What the actions of the simulated Asterisk take and give, as pure functions.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ami_gateway/ami_classes.h"
#include "ami_gateway/ami_message.h"
#include "ami_gateway/sim_calls.h"
#include "ami_gateway/sim_channel.h"
#include "engine/now.h"

namespace outdial::ami {

// INVALID_ARGUMENT, with Asterisk's own text, for what it refuses up front; `write`: the classes
// of the user. `Async` is not looked at: every Originate is answered at once.
absl::StatusOr<SimOrder> ParseSimOrder(const AmiMessage& action, AmiClasses write);

// Whether Asterisk has that module, with or without `.so`.
bool HasSimModule(absl::string_view name);

// Rows of CoreShowChannels and of Status.
AmiMessage DescribeShownChannel(const SimChannel& channel, const engine::Now& now);
AmiMessage DescribeStatus(const SimChannel& channel, const engine::Now& now);

}  // namespace outdial::ami
