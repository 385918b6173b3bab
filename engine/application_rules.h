// Which dialplan applications a destination may run, and with which arguments. Pure functions.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "engine/engine_config.h"

namespace outdial::engine {

// Why an application may not be run, compared without case; absent: it may. Those that run
// programs or other applications never may, whatever the configuration says.
std::optional<std::string> ApplicationProblem(absl::string_view application,
                                              const EngineConfig& config);

// An allowed application as the configuration spells it, `park` -> `Park`; another as it is.
std::string CanonicalApplication(absl::string_view application, const EngineConfig& config);

// What is wrong with the arguments of Queue: only queue, options, URL, announcement and timeout
// may be given, since what follows them runs AGI programs and dialplan. Absent: nothing.
std::optional<std::string> QueueDataProblem(absl::string_view data);

}  // namespace outdial::engine
