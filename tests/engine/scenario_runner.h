// Runs a scenario script against the real engine over the in-memory store, and writes down
// everything that comes out: replies, commands, events, waits and log lines.
//
// A script is lines; `#` begins a comment. Times are seconds since the start.
//   at 1.5                                   time goes on to 1.5 (what is due happens on the way)
//   do NAME OutPlanCreate plan { ... }       a client's action, its body in protobuf text format;
//                                            NAME then stands for the uuid of what was made
//   do - OutCampaignUpdate campaign { uuid: "$camp" status: CAMPAIGN_STATUS_START }
//   node a connected | synced | lost         the connection of node `a`
//   a ChannelCreated d1 PJSIP/trunk-1        a fact about a dialing (d1: the first, d2, ...)
//   restart                                  the process ends and starts again on what is durable
//   restore                                  likewise, after that was put back from a backup
//   clock -3600                              the wall clock is set back by an hour
//   show a                                   node `a` as it was published last
//   restore                                  likewise, after that was put back from a backup
// `$name` in a line is the uuid of what was made under that name, `$d1` that of a dialing.
#pragma once

#include <string>

namespace outdial::engine {

// The trace; ends with a line `error: ...` when the script or the engine failed.
std::string RunScenario(const std::string& script);

}  // namespace outdial::engine
