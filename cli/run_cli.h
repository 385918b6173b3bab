// outdialctl as a function.
#pragma once

#include <string>
#include <vector>

#include "cli/cli_io.h"

namespace outdial::cli {

// Runs the command line `args`, without the program's name, and returns its exit code. Results go
// to io.out, errors and progress to io.err. Blocks until done or io.interrupt is triggered.
int RunCli(const std::vector<std::string>& args, const CliIo& io);

}  // namespace outdial::cli
