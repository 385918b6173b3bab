// What a test must know of a kind of record to make, change, delete and show it over gRPC.
#pragma once

#include "outdial/v1/campaign_service.grpc.pb.h"
#include "outdial/v1/destination_service.grpc.pb.h"
#include "outdial/v1/dl_list_service.grpc.pb.h"
#include "outdial/v1/dlma_service.grpc.pb.h"
#include "outdial/v1/plan_service.grpc.pb.h"

namespace outdial::server {

struct CampaignApi {
  static constexpr char kName[] = "Campaign";
  using Record = v1::Campaign;
  using Service = v1::OutCampaignService;
  using CreateRequest = v1::OutCampaignCreateRequest;
  using CreateResponse = v1::OutCampaignCreateResponse;
  using UpdateRequest = v1::OutCampaignUpdateRequest;
  using UpdateResponse = v1::OutCampaignUpdateResponse;
  using DeleteRequest = v1::OutCampaignDeleteRequest;
  using DeleteResponse = v1::OutCampaignDeleteResponse;
  using ShowRequest = v1::OutCampaignShowRequest;
  using ShowResponse = v1::OutCampaignShowResponse;
  static constexpr auto kCreate = &Service::Stub::OutCampaignCreate;
  static constexpr auto kUpdate = &Service::Stub::OutCampaignUpdate;
  static constexpr auto kDelete = &Service::Stub::OutCampaignDelete;
  static constexpr auto kShow = &Service::Stub::OutCampaignShow;
  template <class Request>
  static Record* In(Request* request) {
    return request->mutable_campaign();
  }
  static const auto& Shown(const ShowResponse& response) { return response.campaigns(); }
};

struct PlanApi {
  static constexpr char kName[] = "Plan";
  using Record = v1::Plan;
  using Service = v1::OutPlanService;
  using CreateRequest = v1::OutPlanCreateRequest;
  using CreateResponse = v1::OutPlanCreateResponse;
  using UpdateRequest = v1::OutPlanUpdateRequest;
  using UpdateResponse = v1::OutPlanUpdateResponse;
  using DeleteRequest = v1::OutPlanDeleteRequest;
  using DeleteResponse = v1::OutPlanDeleteResponse;
  using ShowRequest = v1::OutPlanShowRequest;
  using ShowResponse = v1::OutPlanShowResponse;
  static constexpr auto kCreate = &Service::Stub::OutPlanCreate;
  static constexpr auto kUpdate = &Service::Stub::OutPlanUpdate;
  static constexpr auto kDelete = &Service::Stub::OutPlanDelete;
  static constexpr auto kShow = &Service::Stub::OutPlanShow;
  template <class Request>
  static Record* In(Request* request) {
    return request->mutable_plan();
  }
  static const auto& Shown(const ShowResponse& response) { return response.plans(); }
};

struct DlmaApi {
  static constexpr char kName[] = "Dlma";
  using Record = v1::Dlma;
  using Service = v1::OutDlmaService;
  using CreateRequest = v1::OutDlmaCreateRequest;
  using CreateResponse = v1::OutDlmaCreateResponse;
  using UpdateRequest = v1::OutDlmaUpdateRequest;
  using UpdateResponse = v1::OutDlmaUpdateResponse;
  using DeleteRequest = v1::OutDlmaDeleteRequest;
  using DeleteResponse = v1::OutDlmaDeleteResponse;
  using ShowRequest = v1::OutDlmaShowRequest;
  using ShowResponse = v1::OutDlmaShowResponse;
  static constexpr auto kCreate = &Service::Stub::OutDlmaCreate;
  static constexpr auto kUpdate = &Service::Stub::OutDlmaUpdate;
  static constexpr auto kDelete = &Service::Stub::OutDlmaDelete;
  static constexpr auto kShow = &Service::Stub::OutDlmaShow;
  template <class Request>
  static Record* In(Request* request) {
    return request->mutable_dlma();
  }
  static const auto& Shown(const ShowResponse& response) { return response.dlmas(); }
};

struct DestinationApi {
  static constexpr char kName[] = "Destination";
  using Record = v1::Destination;
  using Service = v1::OutDestinationService;
  using CreateRequest = v1::OutDestinationCreateRequest;
  using CreateResponse = v1::OutDestinationCreateResponse;
  using UpdateRequest = v1::OutDestinationUpdateRequest;
  using UpdateResponse = v1::OutDestinationUpdateResponse;
  using DeleteRequest = v1::OutDestinationDeleteRequest;
  using DeleteResponse = v1::OutDestinationDeleteResponse;
  using ShowRequest = v1::OutDestinationShowRequest;
  using ShowResponse = v1::OutDestinationShowResponse;
  static constexpr auto kCreate = &Service::Stub::OutDestinationCreate;
  static constexpr auto kUpdate = &Service::Stub::OutDestinationUpdate;
  static constexpr auto kDelete = &Service::Stub::OutDestinationDelete;
  static constexpr auto kShow = &Service::Stub::OutDestinationShow;
  template <class Request>
  static Record* In(Request* request) {
    return request->mutable_destination();
  }
  static const auto& Shown(const ShowResponse& response) { return response.destinations(); }
};

struct DlApi {
  static constexpr char kName[] = "DlList";
  using Record = v1::Dl;
  using Service = v1::OutDlListService;
  using CreateRequest = v1::OutDlListCreateRequest;
  using CreateResponse = v1::OutDlListCreateResponse;
  using UpdateRequest = v1::OutDlListUpdateRequest;
  using UpdateResponse = v1::OutDlListUpdateResponse;
  using DeleteRequest = v1::OutDlListDeleteRequest;
  using DeleteResponse = v1::OutDlListDeleteResponse;
  using ShowRequest = v1::OutDlListShowRequest;
  using ShowResponse = v1::OutDlListShowResponse;
  static constexpr auto kCreate = &Service::Stub::OutDlListCreate;
  static constexpr auto kUpdate = &Service::Stub::OutDlListUpdate;
  static constexpr auto kDelete = &Service::Stub::OutDlListDelete;
  static constexpr auto kShow = &Service::Stub::OutDlListShow;
  template <class Request>
  static Record* In(Request* request) {
    return request->mutable_dl();
  }
  static const auto& Shown(const ShowResponse& response) { return response.dls(); }
};

}  // namespace outdial::server
