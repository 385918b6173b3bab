// Statistics of a campaign, from counters: nothing is scanned but the classes of its list.
#pragma once

#include "absl/status/statusor.h"
#include "engine/uuid.h"
#include "outdial/v1/campaign_service.pb.h"
#include "storage/kv.h"

namespace outdial::storage {

// NOT_FOUND: no such campaign.
absl::StatusOr<v1::CampaignStat> ReadCampaignStat(const KvReader& reader,
                                                  const engine::CampaignUuid& uuid);

}  // namespace outdial::storage
