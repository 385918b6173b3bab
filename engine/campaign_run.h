// What the engine keeps in memory of a campaign that runs or has dialings in progress.
#pragma once

#include <map>
#include <set>
#include <string>

#include "engine/abandon_guard.h"
#include "engine/uuid.h"
#include "outdial/v1/campaign.pb.h"

namespace outdial::engine {

struct CampaignRun {
  std::set<DialingUuid> dialings;
  // How many of them each node carries; only nodes that carry some.
  std::map<std::string, int> calls_on_node;
  // Of these, how many neither an agent nor the destination has got yet.
  int unconnected = 0;
  // Answered calls in a row whose destination could not be run.
  int destination_failures = 0;
  // The abandoned share of its current day; loaded from the store when the run begins.
  AbandonGuard guard;
  bool guard_loaded = false;
  // Why it does not dial, as last published.
  v1::WaitReason wait_reason = v1::WAIT_REASON_NONE;
  std::string wait_detail;
};

// By campaign. Those that neither run nor have dialings are not here.
using CampaignRuns = std::map<CampaignUuid, CampaignRun>;

}  // namespace outdial::engine
