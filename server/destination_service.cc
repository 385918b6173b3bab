#include "outdial/v1/destination_service.grpc.pb.h"
#include "server/services.h"
#include "server/show_stream.h"
#include "server/unary_call.h"

namespace outdial::server {
namespace {

class DestinationService final : public v1::OutDestinationService::CallbackService {
 public:
  explicit DestinationService(const ServiceDeps& deps) : deps_(deps) {}

  grpc::ServerUnaryReactor* OutDestinationCreate(
      grpc::CallbackServerContext* context, const v1::OutDestinationCreateRequest* request,
      v1::OutDestinationCreateResponse* response) override {
    return RunAction(deps_, context, request, response);
  }

  grpc::ServerUnaryReactor* OutDestinationUpdate(
      grpc::CallbackServerContext* context, const v1::OutDestinationUpdateRequest* request,
      v1::OutDestinationUpdateResponse* response) override {
    return RunAction(deps_, context, request, response);
  }

  grpc::ServerUnaryReactor* OutDestinationDelete(
      grpc::CallbackServerContext* context, const v1::OutDestinationDeleteRequest* request,
      v1::OutDestinationDeleteResponse* response) override {
    return RunAction(deps_, context, request, response);
  }

  grpc::ServerWriteReactor<v1::OutDestinationShowResponse>* OutDestinationShow(
      grpc::CallbackServerContext* context, const v1::OutDestinationShowRequest* request) override {
    return RunShow(deps_, context, *request, ShowDestinations);
  }

 private:
  const ServiceDeps deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeDestinationService(const ServiceDeps& deps) {
  return std::make_unique<DestinationService>(deps);
}

}  // namespace outdial::server
