#include "outdial/v1/plan_service.grpc.pb.h"
#include "server/services.h"
#include "server/show_stream.h"
#include "server/unary_call.h"

namespace outdial::server {
namespace {

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
    return RunShow(deps_, context, *request, ShowPlans);
  }

 private:
  const ServiceDeps deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakePlanService(const ServiceDeps& deps) {
  return std::make_unique<PlanService>(deps);
}

}  // namespace outdial::server
