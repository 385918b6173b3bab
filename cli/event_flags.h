// Which events `event follow` and `event export` give.
#pragma once

#include <string>
#include <vector>

#include "cli/command_table.h"
#include "outdial/v1/event_service.pb.h"

namespace outdial::cli {

// --after, --kind and --campaign.
std::vector<Flag> EventFlags(std::string help_of_after);

// Sets what the flags say.
CommandStatus ApplyEventFlags(const CommandContext& context, v1::OutEventSubscribeRequest* request);

}  // namespace outdial::cli
