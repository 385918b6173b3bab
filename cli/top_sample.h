// What `top` looks at, fetched from the server.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "cli/command_status.h"
#include "cli/connection.h"
#include "outdial/v1/campaign.pb.h"
#include "outdial/v1/campaign_service.pb.h"
#include "outdial/v1/node.pb.h"
#include "outdial/v1/plan.pb.h"

namespace outdial::cli {

// The server's answers of about one moment. A value.
struct TopSample {
  // When they had all come, by the clock of this machine.
  absl::Time time;
  std::vector<v1::Campaign> campaigns;
  std::vector<v1::CampaignStat> stats;
  // Tell whether a campaign ends with its list, and its abandon target.
  std::vector<v1::Plan> plans;
  std::vector<v1::Node> nodes;
};

// Four calls, one after the other; all but `time` of `sample`. Of the thread that `connection`
// belongs to.
CommandStatus FetchTopSample(Connection* connection, TopSample* sample);

}  // namespace outdial::cli
