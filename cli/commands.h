// The parts of the command table, each with the code that runs it.
#pragma once

#include <vector>

#include "absl/strings/string_view.h"
#include "cli/command_table.h"

namespace outdial::cli {

// create, update, delete and show of a noun of RecordKinds().
std::vector<Command> RecordCommands(absl::string_view noun);
// campaign stat, start, stop, pause, force-stop.
std::vector<Command> CampaignCommands();
// dl import.
Command ImportCommand();
// dl export.
std::vector<Command> DlExportCommands();
// dialing show and summary, result show and export, node show.
std::vector<Command> ShowCommands();
// event follow.
std::vector<Command> EventCommands();
// event export.
std::vector<Command> EventExportCommands();
// backup create.
Command BackupCommand();
// top.
Command TopCommand();
// completion.
Command CompletionCommand();

}  // namespace outdial::cli
