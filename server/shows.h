// What every Show reads: the one place where both doors get their answers from.
//
// Each function checks the request and says how the answer's messages come, page by page; those
// read the store and block on it. INVALID_ARGUMENT: a field has not the form that it must have.
// NOT_FOUND: no such record; it may also come with the first page.
#pragma once

#include "absl/status/statusor.h"
#include "outdial/v1/campaign_service.pb.h"
#include "outdial/v1/destination_service.pb.h"
#include "outdial/v1/dialing_service.pb.h"
#include "outdial/v1/dl_list_service.pb.h"
#include "outdial/v1/dlma_service.pb.h"
#include "outdial/v1/plan_service.pb.h"
#include "server/record_pages.h"
#include "server/status_board.h"
#include "storage/record_store.h"

namespace outdial::server {

// What is shown. Both are thread-safe and outlive the pages.
struct ShowSources {
  storage::StoreReader* reader = nullptr;
  StatusBoard* board = nullptr;
};

absl::StatusOr<NextBatch<v1::OutCampaignShowResponse>> ShowCampaigns(
    const ShowSources& sources, const v1::OutCampaignShowRequest& request);
absl::StatusOr<NextBatch<v1::OutCampaignStatShowResponse>> ShowCampaignStats(
    const ShowSources& sources, const v1::OutCampaignStatShowRequest& request);
absl::StatusOr<NextBatch<v1::OutPlanShowResponse>> ShowPlans(const ShowSources& sources,
                                                             const v1::OutPlanShowRequest& request);
absl::StatusOr<NextBatch<v1::OutDlmaShowResponse>> ShowDlmas(const ShowSources& sources,
                                                             const v1::OutDlmaShowRequest& request);
absl::StatusOr<NextBatch<v1::OutDestinationShowResponse>> ShowDestinations(
    const ShowSources& sources, const v1::OutDestinationShowRequest& request);
absl::StatusOr<NextBatch<v1::OutDlListShowResponse>> ShowDls(
    const ShowSources& sources, const v1::OutDlListShowRequest& request);
absl::StatusOr<NextBatch<v1::OutDialingShowResponse>> ShowDialings(
    const ShowSources& sources, const v1::OutDialingShowRequest& request);
absl::StatusOr<NextBatch<v1::OutResultShowResponse>> ShowResults(
    const ShowSources& sources, const v1::OutResultShowRequest& request);

// The one message of a summary.
absl::StatusOr<v1::OutDialingSummaryResponse> SummarizeDialings(
    const ShowSources& sources, const v1::OutDialingSummaryRequest& request);

}  // namespace outdial::server
