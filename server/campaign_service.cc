#include "outdial/v1/campaign_service.grpc.pb.h"
#include "server/services.h"
#include "server/show_stream.h"
#include "server/unary_call.h"

namespace outdial::server {
namespace {

absl::StatusOr<NextBatch<v1::OutCampaignShowResponse>> ShowCampaigns(
    const ServiceDeps& deps, const v1::OutCampaignShowRequest& request) {
  storage::StoreReader* reader = deps.reader;
  const auto add = [board = deps.board](v1::OutCampaignShowResponse* response,
                                        v1::Campaign campaign) {
    board->AddWait(&campaign);
    *response->add_campaigns() = std::move(campaign);
    return true;
  };
  if (!request.has_uuid()) {
    return RecordPages<v1::OutCampaignShowResponse>(
        engine::CampaignUuid(), std::nullopt,
        [reader](const engine::CampaignUuid& after, size_t limit) {
          return reader->Campaigns(after, limit);
        },
        add);
  }
  const auto uuid = ParseUuidField<engine::CampaignUuid>("uuid", request.uuid());
  if (!uuid.ok()) return uuid.status();
  return OneRecord<v1::OutCampaignShowResponse>(
      [reader, uuid = *uuid] { return reader->GetCampaign(uuid); }, add);
}

absl::StatusOr<NextBatch<v1::OutCampaignStatShowResponse>> ShowStats(
    storage::StoreReader* reader, const v1::OutCampaignStatShowRequest& request) {
  const auto read = [reader](const engine::CampaignUuid& uuid) {
    return reader->CampaignStat(uuid);
  };
  if (request.has_uuid()) {
    const auto uuid = ParseUuidField<engine::CampaignUuid>("uuid", request.uuid());
    if (!uuid.ok()) return uuid.status();
    return OneRecord<v1::OutCampaignStatShowResponse>(
        [read, uuid = *uuid] { return read(uuid); },
        [](v1::OutCampaignStatShowResponse* response, v1::CampaignStat stat) {
          *response->add_stats() = std::move(stat);
          return true;
        });
  }
  return RecordPages<v1::OutCampaignStatShowResponse>(
      engine::CampaignUuid(), std::nullopt,
      [reader](const engine::CampaignUuid& after, size_t limit) {
        return reader->Campaigns(after, limit);
      },
      [read](v1::OutCampaignStatShowResponse* response,
             const v1::Campaign& campaign) -> absl::StatusOr<bool> {
        auto stat = read(*engine::CampaignUuid::Parse(campaign.uuid()));
        // Deleted since its page was read.
        if (absl::IsNotFound(stat.status())) return false;
        if (!stat.ok()) return stat.status();
        *response->add_stats() = *std::move(stat);
        return true;
      });
}

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
    return RunShow<v1::OutCampaignShowRequest, v1::OutCampaignShowResponse>(
        deps_, context, ShowCampaigns(deps_, *request));
  }

  grpc::ServerWriteReactor<v1::OutCampaignStatShowResponse>* OutCampaignStatShow(
      grpc::CallbackServerContext* context,
      const v1::OutCampaignStatShowRequest* request) override {
    return RunShow<v1::OutCampaignStatShowRequest, v1::OutCampaignStatShowResponse>(
        deps_, context, ShowStats(deps_.reader, *request));
  }

 private:
  const ServiceDeps deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeCampaignService(const ServiceDeps& deps) {
  return std::make_unique<CampaignService>(deps);
}

}  // namespace outdial::server
