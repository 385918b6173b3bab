// What the actions of the simulated Asterisk take and give, as pure functions.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ami_gateway/ami_message.h"
#include "ami_gateway/sim_calls.h"
#include "ami_gateway/sim_channel.h"
#include "ami_gateway/sim_classes.h"
#include "engine/now.h"

namespace outdial::ami {

// `EventMask`: `on`, `off`, or classes. An unknown class is none, so that `bogus` means off.
// nullopt: empty.
std::optional<SimClasses> ParseSimEventMask(absl::string_view text);

// INVALID_ARGUMENT, with Asterisk's own text, for what it refuses up front; `write`: the classes
// of the user. `Async` is not looked at: every Originate is answered at once.
absl::StatusOr<SimOrder> ParseSimOrder(const AmiMessage& action, SimClasses write);

// Whether Asterisk has that module, with or without `.so`.
bool HasSimModule(absl::string_view name);

// Rows of CoreShowChannels and of Status.
AmiMessage DescribeShownChannel(const SimChannel& channel, const engine::Now& now);
AmiMessage DescribeStatus(const SimChannel& channel, const engine::Now& now);

}  // namespace outdial::ami
