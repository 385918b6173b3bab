// The command line of outdiald.
#pragma once

#include <ostream>
#include <variant>

#include "absl/status/statusor.h"
#include "server/config.h"
#include "server/store_task.h"

namespace outdial::server {

// The program should end right away with this exit status: help was asked for, or an argument is
// wrong. What there was to say is said.
struct ExitNow {
  int code = 0;
};

// Reads the command line, the configuration file that it names, and puts its flags on top; checks
// the whole, of which a task with a stopped store needs the data directory alone. Help goes to
// `out`, problems to `err`.
std::variant<Config, StoreTask, ExitNow> ReadCommandLine(int argc, const char* const* argv,
                                                         std::ostream& out, std::ostream& err);

}  // namespace outdial::server
