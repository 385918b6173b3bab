#include "outdial/v1/dl_list_service.grpc.pb.h"
#include "server/import_stream.h"
#include "server/services.h"
#include "server/show_stream.h"
#include "server/unary_call.h"

namespace outdial::server {
namespace {

class DlListService final : public v1::OutDlListService::CallbackService {
 public:
  explicit DlListService(const ServiceDeps& deps) : deps_(deps) {}

  grpc::ServerUnaryReactor* OutDlListCreate(grpc::CallbackServerContext* context,
                                            const v1::OutDlListCreateRequest* request,
                                            v1::OutDlListCreateResponse* response) override {
    return RunAction(deps_, context, request, response);
  }

  grpc::ServerUnaryReactor* OutDlListUpdate(grpc::CallbackServerContext* context,
                                            const v1::OutDlListUpdateRequest* request,
                                            v1::OutDlListUpdateResponse* response) override {
    return RunAction(deps_, context, request, response);
  }

  grpc::ServerUnaryReactor* OutDlListDelete(grpc::CallbackServerContext* context,
                                            const v1::OutDlListDeleteRequest* request,
                                            v1::OutDlListDeleteResponse* response) override {
    return RunAction(deps_, context, request, response);
  }

  grpc::ServerWriteReactor<v1::OutDlListShowResponse>* OutDlListShow(
      grpc::CallbackServerContext* context, const v1::OutDlListShowRequest* request) override {
    return RunShow(deps_, context, *request, ShowDls);
  }

  grpc::ServerBidiReactor<v1::OutDlListImportRequest, v1::OutDlListImportResponse>* OutDlListImport(
      grpc::CallbackServerContext* context) override {
    return RunImport(deps_, context);
  }

 private:
  const ServiceDeps deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeDlListService(const ServiceDeps& deps) {
  return std::make_unique<DlListService>(deps);
}

}  // namespace outdial::server
