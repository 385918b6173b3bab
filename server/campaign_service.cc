#include "outdial/v1/campaign_service.grpc.pb.h"
#include "server/services.h"
#include "server/show_stream.h"
#include "server/unary_call.h"

namespace outdial::server {
namespace {

class CampaignService final : public v1::OutCampaignService::CallbackService {
 public:
  explicit CampaignService(const ServiceDeps& deps) : deps_(deps) {}

  grpc::ServerUnaryReactor* OutCampaignCreate(grpc::CallbackServerContext* context,
                                              const v1::OutCampaignCreateRequest* request,
                                              v1::OutCampaignCreateResponse* response) override {
    return RunAction(deps_, context, request, response);
  }

  grpc::ServerUnaryReactor* OutCampaignUpdate(grpc::CallbackServerContext* context,
                                              const v1::OutCampaignUpdateRequest* request,
                                              v1::OutCampaignUpdateResponse* response) override {
    return RunAction(deps_, context, request, response);
  }

  grpc::ServerUnaryReactor* OutCampaignDelete(grpc::CallbackServerContext* context,
                                              const v1::OutCampaignDeleteRequest* request,
                                              v1::OutCampaignDeleteResponse* response) override {
    return RunAction(deps_, context, request, response);
  }

  grpc::ServerWriteReactor<v1::OutCampaignShowResponse>* OutCampaignShow(
      grpc::CallbackServerContext* context, const v1::OutCampaignShowRequest* request) override {
    return RunShow(deps_, context, *request, ShowCampaigns);
  }

  grpc::ServerWriteReactor<v1::OutCampaignStatShowResponse>* OutCampaignStatShow(
      grpc::CallbackServerContext* context,
      const v1::OutCampaignStatShowRequest* request) override {
    return RunShow(deps_, context, *request, ShowCampaignStats);
  }

 private:
  const ServiceDeps deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeCampaignService(const ServiceDeps& deps) {
  return std::make_unique<CampaignService>(deps);
}

}  // namespace outdial::server
