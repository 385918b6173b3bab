// What must be true once every campaign of a simulated world has ended.
#pragma once

#include <vector>

#include "storage/record_store.h"
#include "tests/simulation/call_watch.h"
#include "tests/simulation/campaign_script.h"
#include "tests/simulation/scenario.h"
#include "tests/simulation/violations.h"

namespace outdial::simulation {

// Compares what the store says with what was seen at the nodes: every call has its result, every
// try was a call unless nobody could know, no entry is lost, nothing is left over.
void AuditTheEnd(const Scenario& scenario, const CampaignScript& script, const CallWatch& watch,
                 storage::StoreReader& store, Violations& violations);

// Figures of one campaign, which must add up at every moment.
void AuditStatistics(const std::vector<std::string>& campaigns, storage::StoreReader& store,
                     Violations& violations);

}  // namespace outdial::simulation
