// Help and reference, from the command table.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "cli/command_table.h"

namespace outdial::cli {

// Help of the program: nouns and verbs, global flags, exit codes.
std::string ProgramHelp();
// Help of a noun: its verbs.
std::string NounHelp(absl::string_view noun);
// Help of a command: its arguments and flags.
std::string CommandHelp(const Command& command);
// The reference of all commands in Markdown, as it stands in README.md.
std::string Reference();

}  // namespace outdial::cli
