// Which entries of a list `dl show` and `dl export` give.
#pragma once

#include <vector>

#include "cli/command_table.h"
#include "outdial/v1/dl_list_service.pb.h"

namespace outdial::cli {

// --status, --outcome, --finished, --plan, --after and --count.
std::vector<Flag> DlFilterFlags();

// Sets what the flags say.
CommandStatus ApplyDlFilters(const CommandContext& context, v1::OutDlListShowRequest* request);

}  // namespace outdial::cli
