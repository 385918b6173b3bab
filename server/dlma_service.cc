#include "outdial/v1/dlma_service.grpc.pb.h"
#include "server/services.h"
#include "server/show_stream.h"
#include "server/unary_call.h"

namespace outdial::server {
namespace {

class DlmaService final : public v1::OutDlmaService::CallbackService {
 public:
  explicit DlmaService(const ServiceDeps& deps) : deps_(deps) {}

  grpc::ServerUnaryReactor* OutDlmaCreate(grpc::CallbackServerContext* context,
                                          const v1::OutDlmaCreateRequest* request,
                                          v1::OutDlmaCreateResponse* response) override {
    return RunAction(deps_, context, request, response);
  }

  grpc::ServerUnaryReactor* OutDlmaUpdate(grpc::CallbackServerContext* context,
                                          const v1::OutDlmaUpdateRequest* request,
                                          v1::OutDlmaUpdateResponse* response) override {
    return RunAction(deps_, context, request, response);
  }

  grpc::ServerUnaryReactor* OutDlmaDelete(grpc::CallbackServerContext* context,
                                          const v1::OutDlmaDeleteRequest* request,
                                          v1::OutDlmaDeleteResponse* response) override {
    return RunAction(deps_, context, request, response);
  }

  grpc::ServerWriteReactor<v1::OutDlmaShowResponse>* OutDlmaShow(
      grpc::CallbackServerContext* context, const v1::OutDlmaShowRequest* request) override {
    return RunShow(deps_, context, *request, ShowDlmas);
  }

 private:
  const ServiceDeps deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeDlmaService(const ServiceDeps& deps) {
  return std::make_unique<DlmaService>(deps);
}

}  // namespace outdial::server
