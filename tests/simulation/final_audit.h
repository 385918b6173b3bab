// What must be true once every campaign of a simulated world has ended.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "storage/record_store.h"
#include "tests/simulation/call_watch.h"
#include "tests/simulation/campaign_script.h"
#include "tests/simulation/event_fold.h"
#include "tests/simulation/scenario.h"
#include "tests/simulation/violations.h"

namespace outdial::simulation {

// Who saw what. The references outlive it.
struct Witnesses {
  const Scenario& scenario;
  const CampaignScript& script;
  const CallWatch& watch;
  const EventFold& fold;
  // Whether something that was told about a dialing may have been lost in between.
  std::function<bool(const v1::Dialing&, engine::MonotonicTime from, engine::MonotonicTime to)>
      lost_something;
};

// Compares what the store says with what was seen at the nodes: every call has its result, every
// try was a call unless nobody could know, no entry is lost, nothing is left over.
void AuditTheEnd(const Witnesses& witnesses, storage::StoreReader& store, Violations& violations);

// Figures of one campaign, which must add up at every moment.
void AuditStatistics(const std::vector<std::string>& campaigns, storage::StoreReader& store,
                     Violations& violations);

}  // namespace outdial::simulation
