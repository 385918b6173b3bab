#include "outdial/v1/plan_service.grpc.pb.h"
#include "server/services.h"
#include "server/show_stream.h"
#include "server/unary_call.h"

namespace outdial::server {
namespace {

absl::StatusOr<NextBatch<v1::OutPlanShowResponse>> ShowPlans(
    storage::StoreReader* reader, const v1::OutPlanShowRequest& request) {
  const auto add = [](v1::OutPlanShowResponse* response, v1::Plan plan) {
    *response->add_plans() = std::move(plan);
    return true;
  };
  if (!request.has_uuid()) {
    return RecordPages<v1::OutPlanShowResponse>(
        engine::PlanUuid(), std::nullopt,
        [reader](const engine::PlanUuid& after, size_t limit) {
          return reader->Plans(after, limit);
        },
        add);
  }
  const auto uuid = ParseUuidField<engine::PlanUuid>("uuid", request.uuid());
  if (!uuid.ok()) return uuid.status();
  return OneRecord<v1::OutPlanShowResponse>(
      [reader, uuid = *uuid] { return reader->GetPlan(uuid); }, add);
}

class PlanService final : public v1::OutPlanService::CallbackService {
 public:
  explicit PlanService(const ServiceDeps& deps) : deps_(deps) {}

  grpc::ServerUnaryReactor* OutPlanCreate(grpc::CallbackServerContext* context,
                                          const v1::OutPlanCreateRequest* request,
                                          v1::OutPlanCreateResponse* response) override {
    return RunAction(deps_, context, request, response);
  }

  grpc::ServerUnaryReactor* OutPlanUpdate(grpc::CallbackServerContext* context,
                                          const v1::OutPlanUpdateRequest* request,
                                          v1::OutPlanUpdateResponse* response) override {
    return RunAction(deps_, context, request, response);
  }

  grpc::ServerUnaryReactor* OutPlanDelete(grpc::CallbackServerContext* context,
                                          const v1::OutPlanDeleteRequest* request,
                                          v1::OutPlanDeleteResponse* response) override {
    return RunAction(deps_, context, request, response);
  }

  grpc::ServerWriteReactor<v1::OutPlanShowResponse>* OutPlanShow(
      grpc::CallbackServerContext* context, const v1::OutPlanShowRequest* request) override {
    return RunShow<v1::OutPlanShowRequest, v1::OutPlanShowResponse>(
        deps_, context, ShowPlans(deps_.reader, *request));
  }

 private:
  const ServiceDeps deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakePlanService(const ServiceDeps& deps) {
  return std::make_unique<PlanService>(deps);
}

}  // namespace outdial::server
