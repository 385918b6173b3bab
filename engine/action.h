// The actions that change something, as both front doors hand them to the engine: the request
// messages of the API themselves. Shows don't come here; they read a snapshot of the store.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/uuid.h"
#include "outdial/v1/campaign_service.pb.h"
#include "outdial/v1/destination_service.pb.h"
#include "outdial/v1/dl_list_service.pb.h"
#include "outdial/v1/dlma_service.pb.h"
#include "outdial/v1/plan_service.pb.h"

namespace outdial::engine {

// Asks where an import goes on: answered with the row to send next.
struct ImportBegin {
  v1::OutDlListImportBegin begin;
};
// One slice of an import, at most kMaxImportSliceRows rows.
struct ImportSlice {
  v1::OutDlListImportBegin begin;  // as it was opened
  v1::OutDlListImportBatch batch;
};
inline constexpr int kMaxImportSliceRows = 1000;

using Action =
    std::variant<v1::OutCampaignCreateRequest, v1::OutCampaignUpdateRequest,
                 v1::OutCampaignDeleteRequest, v1::OutPlanCreateRequest, v1::OutPlanUpdateRequest,
                 v1::OutPlanDeleteRequest, v1::OutDlmaCreateRequest, v1::OutDlmaUpdateRequest,
                 v1::OutDlmaDeleteRequest, v1::OutDestinationCreateRequest,
                 v1::OutDestinationUpdateRequest, v1::OutDestinationDeleteRequest,
                 v1::OutDlListCreateRequest, v1::OutDlListUpdateRequest, v1::OutDlListDeleteRequest,
                 ImportBegin, ImportSlice>;

// The response message that belongs to the action.
using ActionResult = std::variant<
    v1::OutCampaignCreateResponse, v1::OutCampaignUpdateResponse, v1::OutCampaignDeleteResponse,
    v1::OutPlanCreateResponse, v1::OutPlanUpdateResponse, v1::OutPlanDeleteResponse,
    v1::OutDlmaCreateResponse, v1::OutDlmaUpdateResponse, v1::OutDlmaDeleteResponse,
    v1::OutDestinationCreateResponse, v1::OutDestinationUpdateResponse,
    v1::OutDestinationDeleteResponse, v1::OutDlListCreateResponse, v1::OutDlListUpdateResponse,
    v1::OutDlListDeleteResponse, v1::OutDlListImportResponse>;

// Names a waiting client within the process; chosen by who posts the action.
using Ticket = uint64_t;

struct ClientAction {
  Ticket ticket = 0;
  Action action;
};

// Released only after the commit that made the result durable.
struct Reply {
  Ticket ticket = 0;
  absl::StatusOr<ActionResult> result;
};

}  // namespace outdial::engine
