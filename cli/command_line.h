// A command line, checked against the command table.
#pragma once

#include <string>
#include <vector>

#include "cli/command_status.h"
#include "cli/command_table.h"

namespace outdial::cli {

struct CommandLine {
  // Null: print `help` and do nothing.
  const Command* command = nullptr;
  std::string help;
  FlagValues flags;
  // Values of GlobalFlags(), from the command line or else from the environment.
  FlagValues globals;
  std::vector<std::string> arguments;
};

// kUsage: names the unknown flag or word, with the nearest one that exists.
CommandStatus ParseCommandLine(const std::vector<std::string>& args,
                               const std::map<std::string, std::string>& env, CommandLine* result);

}  // namespace outdial::cli
